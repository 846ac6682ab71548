"""API clients of a brand: created, renewed and revoked by its owners, authenticated by token."""

import secrets
from collections.abc import Collection
from functools import partial
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import AbstractUser
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauthlib.oauth2.rfc6749.errors import InvalidClientError
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from campaigns import mails, rights
from campaigns.errors import CampaignError
from campaigns.models import Brand, Membership
from portal.accounts.models import ApiClient, User
from portal.api_settings import SCOPES

log = structlog.get_logger(__name__)

MAX_CLIENTS = 20  # of a brand, that were not revoked
MAX_NAME_LENGTH = 60
MAX_SECRETS_AN_HOUR = 40  # of a brand: all its clients twice; each is mailed to every owner
HOUR = 3600  # seconds


# Mails to the owners, by event: subject and first paragraph.
_MAILS: dict[str, tuple[str | Promise, str | Promise]] = {
    "created": (
        gettext_lazy("Nuevo programa en {brand}: {name}"),
        gettext_lazy("{who} creó un programa que actúa por {brand} desde la API."),
    ),
    "renewed": (
        gettext_lazy("Nuevo secreto para {name}, de {brand}"),
        gettext_lazy(
            "{who} creó otro secreto para este programa. El anterior y sus tokens ya no sirven."
        ),
    ),
    "revoked": (
        gettext_lazy("Se revocó {name}, de {brand}"),
        gettext_lazy("{who} revocó este programa. Sus tokens ya no sirven."),
    ),
}


class RandomSecretHasher(PBKDF2PasswordHasher):
    """Hash random secrets: they cannot be guessed, so the hash need not be slow."""

    algorithm = "random"
    iterations = 1


class BadClient(CampaignError):
    """An API client that cannot be created or renewed like this."""

    code = "bad_client"


class Credentials(NamedTuple):
    """An API client and its secret in plain text, which cannot be read again."""

    client: ApiClient
    secret: str


@transaction.atomic
def create(brand_id: int, name: str, scopes: Collection[str], *, by: User) -> Credentials:
    """Create an API client of a brand. Raise NotAllowed or BadClient."""
    brand = _lock(brand_id, by)
    name = " ".join(name.replace("\0", " ").split())
    if not name or len(name) > MAX_NAME_LENGTH:
        raise BadClient(
            _("Ponle un nombre de hasta {most} caracteres para reconocerlo.").format(
                most=MAX_NAME_LENGTH
            )
        )
    if not scopes or not set(scopes) <= SCOPES.keys():
        raise BadClient(_("Elige al menos una cosa que el programa pueda hacer."))
    if ApiClient.objects.filter(brand=brand, revoked_at=None).count() >= MAX_CLIENTS:
        raise BadClient(
            _("Tu marca ya tiene {most} programas: revoca alguno que no uses.").format(
                most=MAX_CLIENTS
            )
        )
    _count_secret(brand)
    account = User(email=f"{secrets.token_hex(12)}@programas.invalid", first_name=name)
    account.set_unusable_password()
    account.save()
    Membership.objects.create(brand=brand, user=account, role=Membership.Role.PROGRAM)
    secret = _new_secret()
    client = ApiClient.objects.create(
        brand=brand,
        name=name,
        user=account,
        created_by=by,
        scopes=[scope for scope in SCOPES if scope in scopes],
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
    )
    _notify_owners(client, "created", by)
    return Credentials(client, secret)


@transaction.atomic
def renew(client_id: int, *, by: User) -> Credentials:
    """Replace the secret of an API client; the old one and its tokens stop at once.

    Raise NotAllowed, or BadClient for a client that was revoked and for too many secrets.
    """
    client = _lock_client(client_id, by)
    if client.revoked_at:
        raise BadClient(_("Ese programa ya se revocó: crea otro."))
    _count_secret(client.brand)
    client.client_secret = secret = _new_secret()
    client.renewed_at = timezone.now()
    client.save(update_fields=["client_secret", "renewed_at"])
    _delete_tokens(client)
    _notify_owners(client, "renewed", by)
    return Credentials(client, secret)


@transaction.atomic
def revoke(client_id: int, *, by: User) -> ApiClient:
    """Revoke an API client and its tokens. Idempotent. Raise NotAllowed."""
    client = _lock_client(client_id, by)
    if client.revoked_at is None:
        client.revoked_at = timezone.now()
        client.save(update_fields=["revoked_at"])
        Membership.objects.filter(user=client.user_id).delete()
        User.objects.filter(pk=client.user_id).update(is_active=False)
        _notify_owners(client, "revoked", by)
    _delete_tokens(client)
    return client


class TokenAuthentication(OAuth2Authentication):
    """Authenticate an API client by its bearer token, as the client's own user.

    Only the header is read: body and address of a caller that is unknown are not parsed.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        header = request.headers.get("Authorization")
        if not header:
            return None
        valid, checked = get_oauthlib_core().server.verify_request(
            "/", request.method, "", {"Authorization": header}, scopes=[]
        )
        if not valid:
            request.oauth2_error = getattr(checked, "oauth2_error", {})  # type: ignore[attr-defined]
            raise AuthenticationFailed
        token = checked.access_token
        client = token.application
        if not isinstance(client, ApiClient) or not client.works:
            raise AuthenticationFailed
        return client.user, token


class TokenValidator(OAuth2Validator):
    """Issue tokens to API clients, and record when."""

    @transaction.atomic
    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kw: Any) -> None:
        """Save a token that was requested with the present secret.

        The client's row is locked first: a renewal or revocation at the same time either sees
        the token and deletes it, or keeps it from being issued. Raise InvalidClientError.
        """
        client = request.client
        current = ApiClient.objects.filter(
            pk=client.pk, client_secret=client.client_secret, revoked_at=None
        )
        if not current.update(last_token_at=timezone.now()):
            raise InvalidClientError(request=request)
        super().save_bearer_token(token, request, *args, **kw)


class ClientScopes(BaseScopes):
    """The scopes that a client may request: those that its owner chose."""

    def get_all_scopes(self) -> dict[str, str]:
        return SCOPES

    def get_available_scopes(
        self, application: ApiClient | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return list(application.scopes if application else SCOPES)

    def get_default_scopes(
        self, application: ApiClient | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return self.get_available_scopes(application)


def _lock(brand_id: int, by: User) -> Brand:
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand_id)
    rights.require_owner(brand, by)
    return brand


def _lock_client(client_id: int, by: User) -> ApiClient:
    client = ApiClient.objects.select_for_update(of=("self",)).get(pk=client_id)
    _lock(client.brand_id, by)
    return client


def _count_secret(brand: Brand) -> None:
    """Count a new secret of a brand, whose row is locked. Raise BadClient for too many."""
    hour = int(timezone.now().timestamp()) // HOUR
    key = f"api-client-secrets:{brand.pk}:{hour}"
    made = cache.get(key, 0) + 1
    if made > MAX_SECRETS_AN_HOUR:
        raise BadClient(
            _("Tu marca ya creó {most} secretos en esta hora: espera a la siguiente.").format(
                most=MAX_SECRETS_AN_HOUR
            )
        )
    cache.set(key, made, HOUR)


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


def _delete_tokens(client: ApiClient) -> None:
    AccessToken.objects.filter(application=client).delete()


def _notify_owners(client: ApiClient, event: str, by: User) -> None:
    """Mail the owners of a brand after the commit: who may act for it has changed."""
    owners = Membership.objects.filter(
        brand_id=client.brand_id, role=Membership.Role.OWNER, user__is_active=True
    )
    users = [membership.user for membership in owners.select_related("user")]
    transaction.on_commit(partial(_mail, client, event, by, users), robust=True)


def _mail(client: ApiClient, event: str, by: User, users: list[User]) -> None:
    try:
        for message in mails.for_each(users, partial(_compose, client, event, by)):
            message.send()
    except OSError as error:  # errors of SMTP are OSErrors
        log.warning("mail_lost", api_client=client.pk, error=error)


def _compose(client: ApiClient, event: str, by: User, user: AbstractUser) -> EmailMultiAlternatives:
    subject, message = (
        str(text).format(who=by, name=client.name, brand=client.brand.name)
        for text in _MAILS[event]
    )
    context = {
        "client": client,
        "intro": message,
        "permissions": [SCOPES[scope] for scope in client.scopes],
        "url": settings.PORTAL_URL + reverse("portal:api_clients", args=[client.brand.slug]),
    }
    return mails.compose("api_client", user.email, subject, context)
