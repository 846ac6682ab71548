from datetime import date, datetime
from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from segments.models import Lada


class CapacityQuerySet(models.QuerySet["Capacity"]):
    def cells(self, ladas: list[str], first: date, last: date) -> Self:
        """The cells of a choice, in key order: the order in which they are locked."""
        return self.filter(lada__in=ladas, day__range=(first, last)).order_by("id")


class Capacity(models.Model):
    """One cell: how many notifications a LADA can carry on a channel day, and how many are planned.

    `planned` counts held and booked notifications alike. It is written only by
    `inventory.reservations`, and the database refuses more than `capacity`.
    """

    lada = models.ForeignKey(
        Lada, models.PROTECT, db_column="lada", related_name="+", verbose_name="LADA"
    )
    day = models.DateField(_("día"))
    capacity = models.PositiveIntegerField(_("capacidad"), help_text=_("En notificaciones."))
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
        ]

    def __str__(self) -> str:
        return f"{self.lada_id} · {self.day:%d/%m/%Y}"

    @property
    def free(self) -> int:
        return self.capacity - self.planned


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def live(self) -> Self:
        """Those whose lines count against capacity."""
        return self.filter(status__in=Reservation.LIVE)

    def past_expiry(self, now: datetime) -> Self:
        return self.filter(status=Reservation.Status.HELD, expires_at__lte=now)


class Reservation(models.Model):
    """A promise of `quantity` notifications over a set of LADAs and a span of days.

    Its lines always add up to `quantity` (a deferred trigger checks it at commit),
    so what is given back lowers `quantity`; the journal keeps how it came about.
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

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("apartado")
        verbose_name_plural = _("apartados")
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(status="held"), name="reservation_held_by_expiry"
            ),
            models.Index(fields=["reference"], name="reservation_by_reference"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="reservation_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["released", "expired"]) | Q(quantity__gt=0),
                name="reservation_live_promises_something",
            ),
            models.CheckConstraint(
                condition=~Q(status="held") | Q(expires_at__isnull=False),
                name="reservation_hold_has_expiry",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="lines_add_up",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                declare=[("promised", "bigint"), ("lined", "bigint")],
                func="""
                    SELECT quantity INTO promised FROM inventory_reservation WHERE id = NEW.id;
                    IF NOT FOUND THEN RETURN NULL; END IF;
                    SELECT coalesce(sum(quantity), 0) INTO lined
                        FROM inventory_reservationline WHERE reservation_id = NEW.id;
                    IF promised <> lined THEN
                        RAISE EXCEPTION 'reservation % promises % but its lines add up to %',
                            NEW.id, promised, lined USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.quantity:,}"

    def holds(
        self, quantity: int, ladas: list[str], starts_on: date, ends_on: date, daily_cap: int | None
    ) -> bool:
        """Say whether it is a hold, in force now, of just this. `ladas` are sorted."""
        wanted = (quantity, ladas, starts_on, ends_on, daily_cap)
        mine = (self.quantity, self.ladas, self.starts_on, self.ends_on, self.daily_cap)
        in_force = self.expires_at is not None and self.expires_at > timezone.now()
        return self.status == self.Status.HELD and in_force and mine == wanted


class ReservationLine(models.Model):
    """The part of a reservation that is planned in one cell."""

    reservation = models.ForeignKey(Reservation, models.CASCADE, related_name="lines")
    cell = models.ForeignKey(Capacity, models.PROTECT, related_name="lines")
    quantity = models.PositiveIntegerField(
        _("cantidad"), validators=[MinValueValidator(1)], help_text=_("En notificaciones.")
    )

    class Meta:
        verbose_name = _("línea de apartado")
        verbose_name_plural = _("líneas de apartado")
        constraints = [
            models.UniqueConstraint(
                fields=["reservation", "cell"], name="reservationline_one_per_cell"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="reservationline_carries_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reservation_id} · {self.cell_id} · {self.quantity:,}"


class JournalEntry(models.Model):
    """One thing that happened to a reservation. Rows are never changed nor removed."""

    class Action(models.TextChoices):
        HOLD = "hold", _("Apartar")
        EXTEND = "extend", _("Prolongar")
        BOOK = "book", _("Comprometer")
        RELEASE = "release", _("Liberar")
        EXPIRE = "expire", _("Vencer")

    reservation = models.ForeignKey(
        Reservation, models.PROTECT, related_name="journal", verbose_name=_("apartado")
    )
    action = models.CharField(_("acción"), max_length=10, choices=Action)
    quantity = models.PositiveIntegerField(
        _("cantidad"), help_text=_("Notificaciones apartadas, comprometidas o devueltas.")
    )
    at = models.DateTimeField(_("cuándo"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("movimiento de inventario")
        verbose_name_plural = _("movimientos de inventario")
        ordering = ["id"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.quantity:,}"
