"""Secrets are stored encrypted, by keys that can be replaced."""

import base64
import importlib
import json
import secrets

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from campaigns.models import Webhook
from campaigns.webhooks import subscriptions
from core import encryption

ADDRESS = "https://agencia-eventos.com/recibe"


def new_key():
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def stored(brand, owner):
    """Return a function that returns all that the tables of secrets hold, as they hold it."""
    webhook = subscriptions.create(brand.pk, ADDRESS, by=owner)
    subscriptions.rotate(webhook.pk, by=owner)

    def read():
        with connection.cursor() as cursor:
            cursor.execute("SELECT secret, previous_secret FROM campaigns_webhook")
            texts = [text for row in cursor.fetchall() for text in row]
            cursor.execute("SELECT data::text FROM mfa_authenticator ORDER BY type")
            return texts, [json.loads(row[0]) for row in cursor.fetchall()]

    return read


def test_a_text_comes_back_and_no_two_tokens_are_equal():
    for text in ("whsec_x", "ñ", "x" * 10_000):
        tokens = {encryption.encrypt(text) for _ in range(3)}

        assert len(tokens) == 3
        for token in tokens:
            assert token.startswith(encryption.TOKEN_PREFIX)
            assert text not in token
            assert encryption.decrypt(token) == text


def test_what_no_key_has_encrypted_is_refused(settings):
    token = encryption.encrypt("x")
    for wrong in ("", "x", token[:-2], token.swapcase()):
        with pytest.raises(InvalidToken):
            encryption.decrypt(wrong)

    settings.ENCRYPTION_KEYS = [new_key()]
    with pytest.raises(InvalidToken):
        encryption.decrypt(token)


@pytest.mark.parametrize(
    ("key", "strong"),
    [
        (new_key(), True),
        ("", False),
        ("una-clave", False),
        ("A" * 43 + "=", False),
        (base64.urlsafe_b64encode(b"ab" * 16).decode(), False),
        (base64.urlsafe_b64encode(secrets.token_bytes(31)).decode(), False),
        (base64.urlsafe_b64encode(secrets.token_bytes(64)).decode(), False),
        (new_key()[:-1], False),
        (new_key() + "\n", False),
    ],
    ids=["random", "none", "word", "zeros", "repeated", "short", "long", "unpadded", "line break"],
)
def test_a_key_is_32_random_bytes(key, strong):
    assert encryption.is_strong(key) is strong


def test_secrets_are_encrypted_at_rest(stored, owner):
    seed = generate_totp_secret()
    TOTP.activate(owner, seed)
    RecoveryCodes.activate(owner)

    webhooks, factors = stored()

    webhook = Webhook.objects.get()
    assert webhook.secret.startswith("whsec_")
    assert webhook.previous_secret.startswith("whsec_")
    assert len(webhooks) == 2
    for text in webhooks:
        assert text.startswith(encryption.TOKEN_PREFIX)
    assert {encryption.decrypt(text) for text in webhooks} == {
        webhook.secret,
        webhook.previous_secret,
    }
    codes, totp = factors
    assert encryption.decrypt(totp["secret"]) == seed
    assert codes["seed"].startswith(encryption.TOKEN_PREFIX)


def test_a_key_is_replaced_without_losing_a_secret(stored, owner, settings, capsys):
    seed = generate_totp_secret()
    TOTP.activate(owner, seed)
    RecoveryCodes.activate(owner)
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes()
    secret = Webhook.objects.get().secret
    old, new = settings.ENCRYPTION_KEYS[0], new_key()

    settings.ENCRYPTION_KEYS = [new, old]
    assert Webhook.objects.get().secret == secret
    call_command("reencrypt_secrets")
    settings.ENCRYPTION_KEYS = [new]

    assert "1 webhooks, 2 second factors" in capsys.readouterr().out
    assert Webhook.objects.get().secret == secret
    totp = Authenticator.objects.get(type="totp")
    assert encryption.decrypt(totp.data["secret"]) == seed
    assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes() == codes


def test_without_the_command_the_old_key_is_still_needed(stored, settings):
    """The negative control."""
    settings.ENCRYPTION_KEYS = [new_key()]

    with pytest.raises(InvalidToken):
        Webhook.objects.get()


def test_rows_of_before_are_migrated_and_back(stored, owner):
    TOTP.activate(owner, "SEED")
    secrets_before = Webhook.objects.values_list("secret", "previous_secret").get()
    of_webhooks = importlib.import_module("campaigns.migrations.0007_encrypted_webhook_secrets")
    of_factors = importlib.import_module("portal.accounts.migrations.0003_encrypted_second_factors")
    with connection.cursor() as cursor, connection.schema_editor() as editor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in ("webhook_has_secret", "webhook_previous_secret_ends"):
            cursor.execute(f"ALTER TABLE campaigns_webhook DROP CONSTRAINT {name}")
        of_webhooks.decrypt(apps, editor)
        of_factors.decrypt(apps, editor)
        texts, [totp] = stored()
        assert texts == list(secrets_before)
        assert totp["secret"] == "SEED"

        of_webhooks.encrypt(apps, editor)
        of_factors.encrypt(apps, editor)

    assert Webhook.objects.values_list("secret", "previous_secret").get() == secrets_before
    assert encryption.decrypt(Authenticator.objects.get().data["secret"]) == "SEED"
