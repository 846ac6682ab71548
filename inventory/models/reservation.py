from datetime import date, datetime, timedelta
from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.triggers import append_only

# Deferred: a reservation and its allocation may be written one after the other.
ADDS_UP = """
    SELECT r.quantity, cardinality(r.ladas) * (r.ends_on - r.starts_on + 1),
           cardinality(a.quantities), a.at_risk + (SELECT sum(q) FROM unnest(a.quantities) AS q)
        INTO reserved, cells, counts, planned
        FROM inventory_reservation AS r
        LEFT JOIN inventory_allocation AS a ON a.reservation_id = r.id
        WHERE r.id = NEW.{key};
    IF NOT FOUND THEN RETURN NULL; END IF;
    IF counts IS DISTINCT FROM cells OR planned IS DISTINCT FROM reserved THEN
        RAISE EXCEPTION 'reservation % has % in % cells but its allocation adds up to % in %',
            NEW.{key}, reserved, cells, planned, counts USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


def adds_up(key: str) -> pgtrigger.Trigger:
    """Return a trigger that checks at commit that an allocation adds up to its reservation."""
    return pgtrigger.Trigger(
        name="adds_up",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        declare=[(name, "bigint") for name in ("reserved", "cells", "counts", "planned")],
        func=ADDS_UP.format(key=key),
    )


def has_no_gaps(model: str, array: str) -> models.CheckConstraint:
    """Return a constraint that an array is one row of values, none of them null.

    A comparison with null is not false, so no other constraint would refuse it.
    """
    is_whole = (
        f"CASE WHEN coalesce(array_ndims({array}), 1) = 1"
        f" THEN array_position({array}, NULL) IS NULL ELSE FALSE END"
    )
    return models.CheckConstraint(
        condition=RawSQL(is_whole, (), models.BooleanField()),  # noqa: S611  (no value is in it)
        name=f"{model}_{array}_has_no_gaps",
    )


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def of_channel(self) -> Self:
        """Return those of the channel's cells: not those of a sandbox ledger."""
        return self.filter(ledger=None)

    def live(self) -> Self:
        """Return the held and booked ones: those that count against the channel's capacity."""
        return self.of_channel().filter(status__in=Reservation.LIVE)

    def past_expiry(self, now: datetime) -> Self:
        """Return the channel's holds whose expiry has passed."""
        return self.of_channel().filter(status=Reservation.Status.HELD, expires_at__lte=now)


class Reservation(models.Model):
    """`quantity` notifications promised over a set of LADAs and a span of days.

    Its allocation always adds up to `quantity` (a deferred trigger checks it at commit),
    so a release lowers `quantity`; the journal keeps every step. `ladas` are sorted.
    """

    class Status(models.TextChoices):
        HELD = "held", _("Apartado")
        BOOKED = "booked", _("Comprometido")
        RELEASED = "released", _("Liberado")
        EXPIRED = "expired", _("Vencido")

    LIVE = (Status.HELD, Status.BOOKED)

    status = models.CharField(_("estado"), max_length=10, choices=Status, default=Status.HELD)
    reference = models.CharField(
        _("referencia"), max_length=64, help_text=_("Folio de la campaña que la pidió.")
    )
    quantity = models.PositiveIntegerField(_("cantidad"), help_text=_("En notificaciones."))
    ladas = ArrayField(models.CharField(max_length=3), verbose_name=_("LADA"))
    starts_on = models.DateField(_("inicio"))
    ends_on = models.DateField(_("fin"))
    daily_cap = models.PositiveIntegerField(
        _("tope diario"),
        null=True,
        blank=True,
        help_text=_("En notificaciones por día. Vacío: ritmo parejo."),
    )
    daily_ceilings = ArrayField(
        models.PositiveIntegerField(),
        verbose_name=_("topes diarios"),
        help_text=_("Uno por día, en notificaciones."),
    )
    expires_at = models.DateTimeField(_("vence"), null=True, blank=True)
    created_at = models.DateTimeField(_("creada"), default=timezone.now, editable=False)
    ledger = models.PositiveBigIntegerField(
        null=True,
        editable=False,
        help_text=_(
            "Vacío: del canal. Si no, de un inventario de pruebas, y no usa ninguna celda."
        ),
    )

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("apartado")
        verbose_name_plural = _("apartados")
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(status="held"), name="reservation_held_by_expiry"
            ),
            models.Index(fields=["reference"], name="reservation_by_reference"),
            models.Index(
                fields=["ledger"], condition=Q(ledger__isnull=False), name="reservation_of_ledger"
            ),
            models.Index(
                fields=["ends_on"],
                condition=Q(status__in=["held", "booked"]),
                name="reservation_live_by_end",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="reservation_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["released", "expired"]) | Q(quantity__gt=0),
                name="reservation_live_has_quantity",
            ),
            models.CheckConstraint(
                condition=~Q(status="held") | Q(expires_at__isnull=False),
                name="reservation_hold_has_expiry",
            ),
            has_no_gaps("reservation", "ladas"),
            has_no_gaps("reservation", "daily_ceilings"),
        ]
        triggers = [adds_up("id")]

    def __str__(self) -> str:
        return f"{self.reference} · {self.quantity:,}"

    @property
    def days(self) -> int:
        """Number of channel days."""
        return (self.ends_on - self.starts_on).days + 1

    @property
    def at_risk(self) -> int:
        """Number of its notifications that fit nowhere since capacity was lost."""
        return self.allocation.at_risk

    @property
    def placed(self) -> int:
        """Number of its notifications that have a place."""
        return self.quantity - self.at_risk

    def planned_by_day(self) -> dict[date, int]:
        """Return the planned notifications of each day that has any, in order."""
        width, quantities = len(self.ladas), self.allocation.quantities
        starts = range(0, len(quantities), width)
        totals = (sum(quantities[start : start + width]) for start in starts)
        days = (self.starts_on + timedelta(number) for number in range(self.days))
        return {day: total for day, total in zip(days, totals, strict=True) if total}

    def planned_by_lada(self, day: date) -> dict[str, int]:
        """Return the planned notifications of each LADA that has any on one of its days."""
        width = len(self.ladas)
        start = (day - self.starts_on).days * width
        quantities = self.allocation.quantities[start : start + width]
        return {lada: count for lada, count in zip(self.ladas, quantities, strict=True) if count}


class Allocation(models.Model):
    """The quantities of a reservation by cell.

    `quantities` has one count for each cell, day by day: that of `ladas[i]` on the
    day `starts_on` + j is at j · len(ladas) + i. What no cell carries any more,
    because capacity was lost, is `at_risk` until it is placed again.
    """

    reservation = models.OneToOneField(
        Reservation, models.CASCADE, primary_key=True, related_name="allocation"
    )
    quantities = ArrayField(models.PositiveIntegerField(), verbose_name=_("cantidades"))
    at_risk = models.PositiveIntegerField(
        _("en riesgo"), default=0, help_text=_("Notificaciones prometidas que hoy no caben.")
    )
    last_inventory_mark = models.CharField(
        max_length=60,
        db_default="",
        editable=False,
        help_text=_("Marca del inventario en que lo que está en riesgo no cupo."),
    )
    goals_revision = models.PositiveIntegerField(
        default=1, help_text=_("Crece cuando cambia lo planeado para algún día.")
    )

    class Meta:
        verbose_name = _("reparto")
        verbose_name_plural = _("repartos")
        indexes = [
            models.Index(
                fields=["reservation"], condition=Q(at_risk__gt=0), name="allocation_at_risk"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=RawSQL("0 <= ALL (quantities)", (), models.BooleanField()),
                name="allocation_takes_nothing_away",
            ),
            has_no_gaps("allocation", "quantities"),
        ]
        triggers = [adds_up("reservation_id")]

    def __str__(self) -> str:
        return f"{self.reservation_id} · {len(self.quantities)}"


class JournalEntry(models.Model):
    """A step in the life of a reservation. Rows are never changed nor deleted.

    A hold or a change sets the reservation's quantity to `quantity`; a release or an
    expiry lowers it by `quantity`. The other actions leave it unchanged. An entry that sets
    the daily ceilings has them all; a pace raises them by `quantity` together.
    """

    class Action(models.TextChoices):
        HOLD = "hold", _("Apartar")
        EXTEND = "extend", _("Prolongar")
        BOOK = "book", _("Comprometer")
        RELEASE = "release", _("Liberar")
        EXPIRE = "expire", _("Vencer")
        CHANGE = "change", _("Cambiar")
        MOVE = "move", _("Mover")
        RISK = "risk", _("Poner en riesgo")
        UNDELIVERED = "undelivered", _("No se entregó")
        REPAIR = "repair", _("Remediar")
        PACE = "pace", _("Subir topes diarios")

    reservation = models.ForeignKey(
        Reservation, models.PROTECT, related_name="journal", verbose_name=_("apartado")
    )
    action = models.CharField(_("acción"), max_length=12, choices=Action)
    quantity = models.PositiveBigIntegerField(
        _("cantidad"),
        help_text=_("Notificaciones apartadas, comprometidas, devueltas o movidas de lugar."),
    )
    ceilings = ArrayField(
        models.PositiveIntegerField(),
        verbose_name=_("topes diarios"),
        null=True,
        editable=False,
        help_text=_("Los que deja este paso, si los cambia."),
    )
    at = models.DateTimeField(_("cuándo"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("movimiento de inventario")
        verbose_name_plural = _("movimientos de inventario")
        ordering = ["id"]
        # BRIN: rows are written in the order of `at`, and `sell_through` reads the last days.
        indexes = [BrinIndex(fields=["at"], autosummarize=True, name="journalentry_by_time")]
        triggers = append_only("append_only")

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.quantity:,}"
