"""The statuses of a campaign, and the ends of an entry of the waiting list."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """The status of a campaign. The values are part of the public API."""

    DRAFT = "draft", _("Borrador")
    RESERVING = "reserving", _("Apartando inventario")
    NO_INVENTORY = "no_inventory", _("Sin inventario")
    IN_REVIEW = "in_review", _("En revisión")
    CHANGES_REQUESTED = "changes_requested", _("Cambios solicitados")
    APPROVED = "approved", _("Aprobada")
    SCHEDULED = "scheduled", _("Programada")
    LIVE = "live", _("Al aire")
    PAUSED = "paused", _("Pausada")
    FINISHED = "finished", _("Terminada")
    REJECTED = "rejected", _("Rechazada")
    CANCELLED = "cancelled", _("Cancelada")
    EXPIRED = "expired", _("Vencida")
    DELETED = "deleted", _("Eliminada")


class PausedBy(models.TextChoices):
    """Who paused a campaign, and so who may resume it. The values are part of the public API."""

    BRAND = "brand", _("La marca")
    STAFF = "staff", _("Telefónica")
    SUSPENSION = "suspension", _("La suspensión de su marca")


class WaitingEnd(models.TextChoices):
    """The ways in which an entry of the waiting list ends."""

    TAKEN = "taken", _("Consiguió lugar")
    LEFT = "left", _("La marca la dejó")
    EDITED = "edited", _("La marca cambió la campaña")
    CANCELLED = "cancelled", _("La marca canceló la campaña")
    LAPSED = "lapsed", _("No se tomó a tiempo")
    MISSED = "missed", _("Su primer día ya no se alcanzaba")
