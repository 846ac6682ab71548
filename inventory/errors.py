from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class InventoryError(Exception):
    """What inventory refuses. `message` is for people, in Spanish."""

    message = ""

    def __str__(self) -> str:
        return self.message


class BadTerms(InventoryError, ValueError):
    """What is asked for cannot be meant: an empty choice, an absurd quantity, days in reverse."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class NotEnoughInventory(InventoryError):
    """No plan carries the promise with all the others; `fits` notifications would.

    On the `full` days nothing is free in its LADAs and nothing there can give way; on
    the `paced` ones it is at its own ceiling.
    """

    def __init__(
        self,
        *,
        asked: int,
        fits: int,
        full: Sequence[date] = (),
        paced: Sequence[date] = (),
    ) -> None:
        self.asked, self.fits = asked, fits
        self.full, self.paced = tuple(full), tuple(paced)
        self.message = _(
            "Pediste {asked:,} notificaciones y caben {fits:,} en esas LADA y fechas. "
            "Agrega LADA, alarga el periodo o baja el volumen."
        ).format(asked=asked, fits=fits)
        super().__init__(self.message)


class DaysGone(InventoryError):
    """The days begin before today."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.message = _("El {day:%d/%m/%Y} ya pasó: elige un día de hoy en adelante.").format(
            day=day
        )
        super().__init__(self.message)


class DaysNotOpen(InventoryError):
    """Some of the days are outside of what is on sale."""

    def __init__(self, days: list[date]) -> None:
        self.days = days
        self.message = ngettext(
            "El {first:%d/%m/%Y} todavía no está a la venta.",
            "{count} días todavía no están a la venta, el primero es el {first:%d/%m/%Y}.",
            len(days),
        ).format(count=len(days), first=days[0])
        super().__init__(self.message)


class HoldExpired(InventoryError):
    """The hold's time is over: its notifications are, or will be, given back."""

    def __init__(self) -> None:
        self.message = _("El inventario apartado ya venció. La marca debe enviar de nuevo.")
        super().__init__(self.message)


class NotHeld(InventoryError):
    """The reservation is not (or no longer) a hold."""

    def __init__(self) -> None:
        self.message = _("El inventario ya no está apartado.")
        super().__init__(self.message)
