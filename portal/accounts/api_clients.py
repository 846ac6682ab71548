"""The programs of a brand: made, renewed and revoked by its owner, known by their tokens."""

import secrets
from collections.abc import Collection
from functools import partial
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauthlib.oauth2.rfc6749.errors import InvalidClientError
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from campaigns import mails
from campaigns.errors import CampaignError, NotAllowed
from campaigns.models import Brand, Membership
from portal.accounts.models import ApiClient, User
from portal.api_settings import SCOPES

log = structlog.get_logger(__name__)

MOST = 20  # programs of a brand that work
LONGEST_NAME = 60


# What the owners are told when who can come in changes: subject and what happened.
_MAILS: dict[str, tuple[str | Promise, str | Promise]] = {
    "made": (
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
    """Hash what was drawn at random: it cannot be guessed, so it need not be slow."""

    algorithm = "random"
    iterations = 1


class BadClient(CampaignError):
    """A program that cannot be made like this."""

    code = "bad_client"


class Made(NamedTuple):
    """A program and its secret, which nobody can read again."""

    client: ApiClient
    secret: str


@transaction.atomic
def make(brand_id: int, name: str, scopes: Collection[str], *, by: User) -> Made:
    """Let a program act for a brand. Raises NotAllowed or BadClient."""
    brand = _lock(brand_id, by)
    name = " ".join(name.replace("\0", " ").split())
    if not name or len(name) > LONGEST_NAME:
        raise BadClient(
            _("Ponle un nombre de hasta {most} caracteres para reconocerlo.").format(
                most=LONGEST_NAME
            )
        )
    if not scopes or not set(scopes) <= SCOPES.keys():
        raise BadClient(_("Elige al menos una cosa que el programa pueda hacer."))
    if ApiClient.objects.filter(brand=brand, revoked_at=None).count() >= MOST:
        raise BadClient(
            _("Tu marca ya tiene {most} programas: revoca alguno que no uses.").format(most=MOST)
        )
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
    _tell_owners(client, "made", by)
    return Made(client, secret)


@transaction.atomic
def renew(client_id: int, *, by: User) -> Made:
    """Give a program a new secret; the old one and its tokens stop at once.

    Raises NotAllowed, or BadClient for one that was revoked.
    """
    client = _lock_client(client_id, by)
    if client.revoked_at:
        raise BadClient(_("Ese programa ya se revocó: crea otro."))
    client.client_secret = secret = _new_secret()
    client.renewed_at = timezone.now()
    client.save(update_fields=["client_secret", "renewed_at"])
    _drop_tokens(client)
    _tell_owners(client, "renewed", by)
    return Made(client, secret)


@transaction.atomic
def revoke(client_id: int, *, by: User) -> ApiClient:
    """End a program; what it did stays. Twice is once. Raises NotAllowed."""
    client = _lock_client(client_id, by)
    if client.revoked_at is None:
        client.revoked_at = timezone.now()
        client.save(update_fields=["revoked_at"])
        Membership.objects.filter(user=client.user_id).delete()
        User.objects.filter(pk=client.user_id).update(is_active=False)
        _tell_owners(client, "revoked", by)
    _drop_tokens(client)
    return client


class TokenAuthentication(OAuth2Authentication):
    """Know a program by its bearer token; it acts as its own account."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        if not request.headers.get("Authorization"):
            return None
        found = super().authenticate(request)
        if found is None:
            raise AuthenticationFailed
        token = found[1]
        client = token.application
        if not isinstance(client, ApiClient) or not client.works:
            raise AuthenticationFailed
        return client.user, token


class TokenValidator(OAuth2Validator):
    """Gives tokens to programs, and notes when."""

    @transaction.atomic
    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kw: Any) -> None:
        """Keep a token that was asked for with the secret of now.

        The row is taken first: who renews the secret, or revokes, while a token is being made
        either sees the token and drops it or keeps it from being made. Raises InvalidClientError.
        """
        client = request.client
        asked = ApiClient.objects.filter(
            pk=client.pk, client_secret=client.client_secret, revoked_at=None
        )
        if not asked.update(last_token_at=timezone.now()):
            raise InvalidClientError(request=request)
        super().save_bearer_token(token, request, *args, **kw)


class ScopesOfClient(BaseScopes):
    """What a program may ask a token for: what its owner chose."""

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
    if not (brand.active and brand.is_owned_by(by)):
        raise NotAllowed
    return brand


def _lock_client(client_id: int, by: User) -> ApiClient:
    client = ApiClient.objects.select_for_update(of=("self",)).get(pk=client_id)
    _lock(client.brand_id, by)
    return client


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


def _drop_tokens(client: ApiClient) -> None:
    AccessToken.objects.filter(application=client).delete()


def _tell_owners(client: ApiClient, what: str, by: User) -> None:
    """Mail the owners of a brand after the commit: who can come in has changed."""
    owners = Membership.objects.filter(
        brand_id=client.brand_id, role=Membership.Role.OWNER, user__is_active=True
    )
    addresses = list(owners.values_list("user__email", flat=True))
    transaction.on_commit(partial(_mail, client, what, by, addresses), robust=True)


def _mail(client: ApiClient, what: str, by: User, addresses: list[str]) -> None:
    subject, told = (
        str(words).format(who=by, name=client.name, brand=client.brand.name)
        for words in _MAILS[what]
    )
    context = {
        "client": client,
        "told": told,
        "may": [SCOPES[scope] for scope in client.scopes],
        "url": settings.PORTAL_URL + reverse("portal:api_clients", args=[client.brand.slug]),
    }
    try:
        for address in addresses:
            mails.write("api_client", address, subject, context).send()
    except OSError as error:  # as are all errors of SMTP
        log.warning("mail_lost", program=client.pk, error=str(error))
