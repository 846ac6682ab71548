"""What somebody asks of the inventory, checked before anything is locked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Self

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.errors import BadTerms, DaysGone
from inventory.models import Reservation
from segments import gazetteer

MOST = 2_000_000_000  # notifications of one promise
LONGEST = 730  # days of one promise
SHOWN = 5  # unknown LADAs named in a message


@dataclass(frozen=True)
class Terms:
    """So many notifications over sorted LADAs and a span of days, with an own daily cap or none."""

    quantity: int
    ladas: list[str]
    starts_on: date
    ends_on: date
    daily_cap: int | None = None

    @classmethod
    def of(
        cls,
        *,
        quantity: int,
        ladas: Collection[str],
        starts_on: date,
        ends_on: date,
        daily_cap: int | None = None,
    ) -> Self:
        """Check what is asked. Raises BadTerms or DaysGone."""
        codes = sorted(set(ladas))
        if not 1 <= quantity <= MOST:
            raise BadTerms(_("Pide entre 1 y {most:,} notificaciones.").format(most=MOST))
        if daily_cap is not None and not 1 <= daily_cap <= MOST:
            raise BadTerms(_("El tope diario va de 1 a {most:,}.").format(most=MOST))
        if not codes:
            raise BadTerms(_("Elige al menos una LADA."))
        cities = gazetteer.current().cities
        if unknown := [code for code in codes if code not in cities]:
            raise BadTerms(
                ngettext(
                    "Esta LADA no existe: {codes}.", "Estas LADA no existen: {codes}.", len(unknown)
                ).format(codes=", ".join(unknown[:SHOWN]) + ("…" if len(unknown) > SHOWN else ""))
            )
        if ends_on < starts_on:
            raise BadTerms(_("El último día es anterior al primero: cambia uno de los dos."))
        if (ends_on - starts_on).days >= LONGEST:
            raise BadTerms(_("El periodo tiene más de {days} días.").format(days=LONGEST))
        if starts_on < timezone.localdate():
            raise DaysGone(starts_on)
        return cls(quantity, codes, starts_on, ends_on, daily_cap)

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    def same_as(self, reservation: Reservation) -> bool:
        """Say whether a reservation promises just this."""
        mine = (self.quantity, self.ladas, self.starts_on, self.ends_on, self.daily_cap)
        return mine == (
            reservation.quantity,
            reservation.ladas,
            reservation.starts_on,
            reservation.ends_on,
            reservation.daily_cap,
        )
