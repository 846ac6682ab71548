from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class IdempotentResponseQuerySet(models.QuerySet["IdempotentResponse"]):
    def expired(self) -> "IdempotentResponseQuerySet":
        """Return the responses older than `KEPT_FOR`."""
        return self.filter(at__lt=timezone.now() - IdempotentResponse.KEPT_FOR)


class IdempotentResponse(models.Model):
    """The response to a POST with an Idempotency-Key, replayed when the request is repeated.

    It commits together with the effects of the request, so there is a response if, and only if,
    there is an effect. Source: draft-ietf-httpapi-idempotency-key-header-07.
    """

    KEPT_FOR = timedelta(hours=24)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("quién")
    )
    key = models.CharField(_("clave"), max_length=255)
    digest = models.CharField(
        _("huella"), max_length=64, help_text=_("SHA-256 de método, dirección y cuerpo.")
    )
    status = models.PositiveSmallIntegerField(_("estado HTTP"))
    body = models.TextField(_("cuerpo"), blank=True)
    headers = models.JSONField(_("encabezados"), default=dict)
    at = models.DateTimeField(_("cuándo"), default=timezone.now, db_index=True)

    objects = IdempotentResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("respuesta guardada")
        verbose_name_plural = _("respuestas guardadas")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="idempotent_response_unique_by_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.key}"
