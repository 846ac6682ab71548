"""The terms of a reservation, validated before anything is locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.errors import BadTerms, DaysGone
from inventory.models import Reservation
from segments import gazetteer

MAX_QUANTITY = 2_000_000_000  # notifications of one reservation
MAX_DAYS = 730  # of one reservation
MAX_UNKNOWN_LISTED = 5  # unknown LADAs named in a message


@dataclass(frozen=True)
class Terms:
    """The terms of a reservation: a quantity over LADAs and a span of days.

    `ladas` are sorted, without repetitions, whatever order they are given in. Without a
    `daily_cap` the quantity is paced evenly (`planning.plan.ceilings`).
    """

    quantity: int
    ladas: Sequence[str]
    starts_on: date
    ends_on: date
    daily_cap: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "ladas", sorted(set(self.ladas)))

    @property
    def days(self) -> int:
        """Number of channel days in the span."""
        return (self.ends_on - self.starts_on).days + 1

    def validate(self, today: date | None = None) -> None:
        """Raise BadTerms where the terms make no sense, DaysGone where they begin before today."""
        if not 1 <= self.quantity <= MAX_QUANTITY:
            raise BadTerms(_("Pide entre 1 y {most:,} notificaciones.").format(most=MAX_QUANTITY))
        if self.daily_cap is not None and not 1 <= self.daily_cap <= MAX_QUANTITY:
            raise BadTerms(_("El tope diario va de 1 a {most:,}.").format(most=MAX_QUANTITY))
        if not self.ladas:
            raise BadTerms(_("Elige al menos una LADA."))
        cities = gazetteer.current().cities
        if unknown := [code for code in self.ladas if code not in cities]:
            raise BadTerms(_unknown_ladas_message(unknown))
        if self.ends_on < self.starts_on:
            raise BadTerms(_("El último día es anterior al primero: cambia uno de los dos."))
        if self.days > MAX_DAYS:
            raise BadTerms(_("El periodo tiene más de {days} días.").format(days=MAX_DAYS))
        if self.starts_on < (today or timezone.localdate()):
            raise DaysGone(self.starts_on)

    def matches(self, reservation: Reservation) -> bool:
        """Return whether a reservation has exactly these terms."""
        return self == Terms(
            reservation.quantity,
            reservation.ladas,
            reservation.starts_on,
            reservation.ends_on,
            reservation.daily_cap,
        )


def _unknown_ladas_message(unknown: Sequence[str]) -> str:
    codes = ", ".join(unknown[:MAX_UNKNOWN_LISTED])
    return ngettext(
        "Esta LADA no existe: {codes}.", "Estas LADA no existen: {codes}.", len(unknown)
    ).format(codes=codes + ("…" if len(unknown) > MAX_UNKNOWN_LISTED else ""))
