"""Clients of the API."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from campaigns.models import Brand


class ApiClient(AbstractApplication):
    """A program that acts for one brand through the API, with OAuth 2 client credentials.

    Its `user` is an account without a password and a member of the brand with the role PROGRAM,
    so histories name the client itself. The secret is displayed once and stored as a hash.
    """

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", verbose_name=_("marca"))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("cuenta")
    )
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("alcances"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("creado por")
    )
    renewed_at = models.DateTimeField(_("secreto de"), default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(_("revocado"), null=True, blank=True, editable=False)
    last_token_at = models.DateTimeField(_("último token"), null=True, blank=True, editable=False)

    objects = models.Manager["ApiClient"]()

    class Meta(AbstractApplication.Meta):
        verbose_name = _("programa")
        verbose_name_plural = _("programas")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def works(self) -> bool:
        """Whether it may use the API: not if it was revoked, or its brand never activated."""
        return self.revoked_at is None and self.brand.activated_at is not None

    def is_usable(self, request: HttpRequest) -> bool:
        """Return whether the token endpoint may issue tokens to it."""
        return self.works
