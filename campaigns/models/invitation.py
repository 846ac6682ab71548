import hashlib
import secrets
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.brand import Brand, Membership

VALID_FOR = timedelta(days=7)
OPEN = Q(accepted_at__isnull=True, revoked_at__isnull=True)


def new_token() -> str:
    """Return a random token of 256 bits for the link of an invitation."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the stored hash of a token, so that the table does not reveal the link."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """Return those that were neither accepted nor revoked, expired ones included."""
        return self.filter(OPEN)

    def find_by_token(self, token: str) -> "Invitation | None":
        """Return the open invitation of a token, unless it has expired; otherwise None."""
        rows = self.open().filter(expires_at__gt=timezone.now(), brand__active=True)
        return rows.filter(token_hash=hash_token(token)).select_related("brand").first()


class Invitation(models.Model):
    """An invitation to join a brand, sent by an owner to an e-mail address."""

    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="invitations", verbose_name=_("marca")
    )
    email = models.EmailField(_("correo"))
    role = models.CharField(_("papel"), max_length=10, choices=Membership.Role)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("invitó")
    )
    created_at = models.DateTimeField(_("creada"), default=timezone.now, editable=False)
    sent_at = models.DateTimeField(_("enviada"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("vence"))
    accepted_at = models.DateTimeField(_("aceptada"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("anulada"), null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitación")
        verbose_name_plural = _("invitaciones")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "brand",
                Lower("email"),
                condition=OPEN,
                name="invitation_open_once_an_address",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
                name="invitation_accepted_or_revoked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.brand}"

    @property
    def expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def renew(self) -> str:
        """Set a new token that is valid for VALID_FOR and return it; the old link stops working."""
        token = new_token()
        self.token_hash = hash_token(token)
        self.sent_at = timezone.now()
        self.expires_at = self.sent_at + VALID_FOR
        return token
