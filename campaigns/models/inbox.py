"""The inbox: what the gateway sent, and how far each of its streams was read."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class InboxEventQuerySet(models.QuerySet["InboxEvent"]):
    def due(self) -> Self:
        return self.filter(applied_at__isnull=True, set_aside="")

    def set_aside_for_a_person(self) -> Self:
        """Return the events that were not applied, or not all of whose rows were."""
        return self.exclude(set_aside="")


class InboxEvent(models.Model):
    """An event of the gateway with its body. The row is the claim: a repeat finds it there.

    It is due until it is applied or set aside. One that names an unknown order is applied for
    the others, and applied whole again once the order is known.
    """

    class Reason(models.TextChoices):
        UNKNOWN_TYPE = "unknown_type", _("Tipo o versión que no conocemos")
        INVALID = "invalid", _("Contenido que no cumple el contrato")
        INCONSISTENT = "inconsistent", _("Cuentas que no cuadran")
        FUTURE = "future", _("Hora que aún no llega")
        WRONG_STREAM = "wrong_stream", _("Serie que no es la de su tipo")
        SEQUENCE = "sequence", _("Número de serie que otro evento ya usó")
        UNKNOWN_ORDER = "unknown_order", _("Orden que no conocemos")
        EXPIRED = "expired", _("Hora cuyo detalle ya se borró")
        FAILED = "failed", _("Falló al aplicarse")

    source = models.CharField(_("origen"), max_length=128)
    event_id = models.CharField(_("evento"), max_length=64)
    type = models.CharField(_("tipo"), max_length=128)
    stream = models.CharField(_("serie"), max_length=32, blank=True)
    sequence = models.PositiveIntegerField(_("número"), null=True)
    body = models.BinaryField(_("contenido"))
    received_at = models.DateTimeField(_("recibido"), default=timezone.now)
    applied_at = models.DateTimeField(_("aplicado"), null=True)
    set_aside = models.CharField(_("apartado por"), max_length=16, blank=True, choices=Reason)
    detail = models.TextField(
        _("detalle"), blank=True, help_text=_("De órdenes que no conocemos, sus números.")
    )

    objects = InboxEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("evento de la plataforma")
        verbose_name_plural = _("eventos de la plataforma")
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id"], name="inbox_event_once"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(applied_at__isnull=True, set_aside=""),
                name="inbox_due",
            ),
            models.Index(fields=["source", "stream", "sequence"], name="inbox_by_sequence"),
            models.Index(fields=["received_at"], name="inbox_by_time"),
            models.Index(
                fields=["set_aside", "id"], condition=~Q(set_aside=""), name="inbox_set_aside"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream or self.type} {self.sequence or ''}".strip()


class GatewaySource(models.Model):
    """A state of the gateway, as its events name it, and its last heartbeat."""

    source = models.CharField(_("origen"), max_length=128, primary_key=True)
    first_seen_at = models.DateTimeField(_("visto por primera vez"), default=timezone.now)
    heartbeat_at = models.DateTimeField(_("último latido"), null=True)
    clock = models.DateTimeField(_("su reloj en el último latido"), null=True)

    class Meta:
        verbose_name = _("origen de eventos")
        verbose_name_plural = _("orígenes de eventos")

    def __str__(self) -> str:
        return self.source


class StreamPosition(models.Model):
    """How far a stream was read: all events up to `sequence` are in the inbox or known lost."""

    source = models.CharField(_("origen"), max_length=128)
    stream = models.CharField(_("serie"), max_length=32)
    sequence = models.PositiveIntegerField(_("leída hasta"), default=0)
    last_sequence = models.PositiveIntegerField(
        _("última conocida"), default=0, help_text=_("Por un evento o por un latido.")
    )
    gap_since = models.DateTimeField(_("con hueco desde"), null=True)
    lost = models.PositiveIntegerField(
        _("perdidos"), default=0, help_text=_("Eventos que la plataforma ya no tiene.")
    )

    class Meta:
        verbose_name = _("lectura de una serie")
        verbose_name_plural = _("lecturas de series")
        constraints = [
            models.UniqueConstraint(fields=["source", "stream"], name="stream_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.sequence}/{self.last_sequence}"
