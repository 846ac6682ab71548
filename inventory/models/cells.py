from datetime import date
from typing import Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from segments.models import Lada

MAX_CELL_NOTIFICATIONS = 100_000_000  # notifications of one LADA on one day
MAX_DAY_NOTIFICATIONS = 1_000_000_000  # of the nation on one day; more is a typing error
MAX_SAFETY_PERCENT = 90  # of a LADA that may be kept off sale


class CapacityQuerySet(models.QuerySet["Capacity"]):
    def cells(self, ladas: list[str], first: date, last: date) -> Self:
        """Return the cells of some LADAs on a span of days, by id: the order of locking."""
        return self.filter(lada__in=ladas, day__range=(first, last)).order_by("id")


class Capacity(models.Model):
    """One cell: how many notifications a LADA can carry on a channel day, and how many are planned.

    `gross` is what the channel is expected to send there; `capacity` is what of it is
    on sale, after the LADA's safety share, and nothing on a closed day. `planned`
    counts held and booked notifications alike, and the database refuses more than
    `capacity`.
    """

    lada = models.ForeignKey(
        Lada, models.PROTECT, db_column="lada", related_name="+", verbose_name="LADA"
    )
    day = models.DateField(_("día"))
    gross = models.PositiveIntegerField(
        _("capacidad"), help_text=_("Notificaciones que el canal puede llevar.")
    )
    capacity = models.PositiveIntegerField(
        _("a la venta"), help_text=_("Lo que queda de la capacidad sin la reserva de seguridad.")
    )
    planned = models.PositiveIntegerField(_("planeadas"), default=0)

    objects = CapacityQuerySet.as_manager()

    class Meta:
        verbose_name = _("capacidad")
        verbose_name_plural = _("capacidad")
        ordering = ["day", "lada"]
        constraints = [
            models.UniqueConstraint(fields=["day", "lada"], name="capacity_one_cell"),
            models.CheckConstraint(
                condition=Q(planned__lte=F("capacity")), name="capacity_never_oversold"
            ),
            models.CheckConstraint(
                condition=Q(capacity__lte=F("gross")), name="capacity_on_sale_within_gross"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="is_a_new_version",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf("capacity")  # type: ignore[no-untyped-call]
                | pgtrigger.Delete
                | pgtrigger.Truncate,
                func="""
                    INSERT INTO inventory_capacityversion AS version (id, written_at, last_day)
                    VALUES (1, now(), (SELECT max(day) FROM inventory_capacity))
                    ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at,
                        last_day = greatest(version.last_day, excluded.last_day);
                    RETURN NULL;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.lada_id} · {self.day:%d/%m/%Y}"

    @property
    def free(self) -> int:
        """Notifications on sale that are not planned."""
        return self.capacity - self.planned


class CapacityVersion(models.Model):
    """A single row, rewritten whenever a cell is added, removed or changes its capacity.

    By it `inventory.snapshot_cache` knows whether its cells are current, and the audit up to
    which day there have to be cells.
    """

    written_at = models.DateTimeField()
    last_day = models.DateField(
        null=True, help_text=_("El último día que ha estado a la venta, aunque ya no tenga celdas.")
    )

    def __str__(self) -> str:
        return f"{self.written_at:%d/%m/%Y %H:%M:%S}"


class SafetyShare(models.Model):
    """The percentage of a LADA's capacity kept off sale, where it is not the default one."""

    lada = models.OneToOneField(
        Lada,
        models.PROTECT,
        primary_key=True,
        db_column="lada",
        related_name="+",
        verbose_name="LADA",
    )
    percent = models.PositiveSmallIntegerField(
        _("reserva de seguridad"),
        help_text=_("Porcentaje de su capacidad que no se vende, de 0 a 90."),
        validators=[MaxValueValidator(MAX_SAFETY_PERCENT)],
    )

    class Meta:
        verbose_name = _("reserva de seguridad")
        verbose_name_plural = _("reservas de seguridad")
        ordering = ["lada"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__lte=MAX_SAFETY_PERCENT), name="safetyshare_leaves_some"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lada_id} · {self.percent} %"


class ClosedDay(models.Model):
    """A channel day on which nothing is sold."""

    day = models.DateField(_("día"), primary_key=True)
    reason = models.CharField(_("motivo"), max_length=200)

    class Meta:
        verbose_name = _("día cerrado")
        verbose_name_plural = _("días cerrados")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} · {self.reason}"


class CapacityChange(models.Model):
    """A change of capacity: proposed, reviewed, then applied or discarded. Never deleted.

    `ladas`, `days` and `gross` have an element for each cell that changes; `closes` and
    `opens` are days; `safety` is {LADA: percent}, with null for the default share.
    """

    class Source(models.TextChoices):
        CSV = "csv", _("Archivo CSV")
        RANGE = "range", _("Edición por rango")
        CLOSED = "closed", _("Días cerrados")
        SAFETY = "safety", _("Reserva de seguridad")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Por confirmar")
        APPLIED = "applied", _("Aplicado")
        DISCARDED = "discarded", _("Descartado")

    source = models.CharField(_("origen"), max_length=10, choices=Source)
    status = models.CharField(
        _("estado"), max_length=10, choices=Status, default=Status.PROPOSED, editable=False
    )
    note = models.CharField(_("nota"), max_length=200, blank=True)
    ladas = ArrayField(models.CharField(max_length=3), default=list, verbose_name=_("LADA"))
    days = ArrayField(models.DateField(), default=list, verbose_name=_("días"))
    gross = ArrayField(models.PositiveIntegerField(), default=list, verbose_name=_("capacidad"))
    closes = ArrayField(models.DateField(), default=list, verbose_name=_("cierra"))
    opens = ArrayField(models.DateField(), default=list, verbose_name=_("abre"))
    safety = models.JSONField(_("reserva de seguridad"), default=dict)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("propuesto por")
    )
    proposed_at = models.DateTimeField(_("propuesto"), default=timezone.now, editable=False)
    applied_at = models.DateTimeField(_("aplicado"), null=True, editable=False)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("aplicado por"),
    )
    cells_changed = models.PositiveIntegerField(_("celdas"), default=0, editable=False)
    capacity_before = models.BigIntegerField(_("a la venta, antes"), default=0, editable=False)
    capacity_after = models.BigIntegerField(_("a la venta, después"), default=0, editable=False)
    at_risk = models.PositiveBigIntegerField(
        _("en riesgo"), default=0, editable=False, help_text=_("Notificaciones que dejó sin lugar.")
    )

    class Meta:
        verbose_name = _("cambio de capacidad")
        verbose_name_plural = _("cambios de capacidad")
        ordering = ["-id"]
        permissions = [("change_the_capacity", _("Puede cambiar la capacidad a la venta"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="applied", applied_at__isnull=False)
                | Q(~Q(status="applied"), applied_at__isnull=True),
                name="capacitychange_applied_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} · {self.proposed_at:%d/%m/%Y %H:%M}"
