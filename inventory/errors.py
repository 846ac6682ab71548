from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class InventoryError(Exception):
    """What inventory refuses. `message` is for people, in Spanish."""

    message = ""

    def __str__(self) -> str:
        return self.message


class NotEnoughInventory(InventoryError):
    """The promise does not fit; `fits` notifications would."""

    def __init__(self, *, asked: int, fits: int) -> None:
        self.asked, self.fits = asked, fits
        self.message = _(
            "Pediste {asked:,} notificaciones y caben {fits:,} en esas LADA y fechas. "
            "Agrega LADA, alarga el periodo o baja el volumen."
        ).format(asked=asked, fits=fits)
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
