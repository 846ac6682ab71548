"""Errors of the inventory, each with one meaning."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.problems import Problems


class InventoryError(Exception):
    """A refused operation. `code` is stable, for programs; `message` is in Spanish."""

    code = "inventory"
    message = ""

    def __str__(self) -> str:
        return self.message


class BadTerms(InventoryError, ValueError):
    """The terms make no sense: no LADAs, an absurd quantity, or days in reverse."""

    code = "bad_terms"

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class NotEnoughInventory(InventoryError):
    """No plan carries the reservation with all the others; `fits` notifications would.

    On the `full` days nothing is free in its LADAs and nothing there can be moved; on
    the `paced` days it is at its own ceiling.
    """

    def __init__(
        self,
        *,
        requested: int,
        fits: int,
        full: Sequence[date] = (),
        paced: Sequence[date] = (),
    ) -> None:
        self.requested, self.fits = requested, fits
        self.full, self.paced = tuple(full), tuple(paced)
        self.message = _(
            "Pediste {asked:,} notificaciones y caben {fits:,} en esas LADA y fechas. "
            "Agrega LADA, alarga el periodo o baja el volumen."
        ).format(asked=requested, fits=fits)
        super().__init__(self.message)


class DaysGone(InventoryError):
    """The terms begin before today."""

    code = "days_gone"

    def __init__(self, day: date) -> None:
        self.day = day
        self.message = _("El {day:%d/%m/%Y} ya pasó: elige un día de hoy en adelante.").format(
            day=day
        )
        super().__init__(self.message)


class ExpiryGone(InventoryError):
    """The expiry of a hold is not in the future."""

    code = "expiry_gone"

    def __init__(self, expires_at: datetime) -> None:
        self.message = _(
            "El apartado vencería el {at:%d/%m/%Y a las %H:%M}, que ya pasó: elige una hora futura."
        ).format(at=timezone.localtime(expires_at))
        super().__init__(self.message)


class DaysNotOpen(InventoryError):
    """Some of the days are not on sale."""

    code = "days_not_open"

    def __init__(self, days: list[date]) -> None:
        self.days = days
        self.message = ngettext(
            "El {first:%d/%m/%Y} todavía no está a la venta.",
            "{count} días todavía no están a la venta, el primero es el {first:%d/%m/%Y}.",
            len(days),
        ).format(count=len(days), first=days[0])
        super().__init__(self.message)


class HoldExpired(InventoryError):
    """The hold is past its expiry: its notifications are, or will be, released."""

    code = "hold_expired"

    def __init__(self) -> None:
        self.message = _("El inventario apartado ya venció. La marca debe enviar de nuevo.")
        super().__init__(self.message)


class NotHeld(InventoryError):
    """The reservation is not (or no longer) a hold."""

    def __init__(self) -> None:
        self.message = _("El inventario ya no está apartado.")
        super().__init__(self.message)


class NotAllPlaced(InventoryError):
    """Part of the hold has no place since capacity was lost, and that was not agreed to."""

    def __init__(self, *, placed: int, quantity: int) -> None:
        self.placed, self.quantity = placed, quantity
        if placed:
            self.message = _(
                "Solo {placed:,} de sus {quantity:,} notificaciones tienen lugar ahora. Márcalo "
                "para aprobarla con esas, o pide cambios."
            ).format(placed=placed, quantity=quantity)
        else:
            self.message = _(
                "Ninguna de sus {quantity:,} notificaciones tiene lugar ahora: pide cambios, o "
                "espera a que haya."
            ).format(quantity=quantity)
        super().__init__(self.message)


class BadChange(InventoryError):
    """A change of capacity with `problems`; nothing was changed."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.message = problems.summary()
        super().__init__(self.message)


class NothingChanges(InventoryError):
    """The proposed capacity is the present one."""

    def __init__(self) -> None:
        self.message = _("Eso es lo que ya hay: no cambia nada.")
        super().__init__(self.message)


class ChangeDecided(InventoryError):
    """The change of capacity was already applied or discarded."""

    def __init__(self, status: str) -> None:
        self.message = _(
            "Este cambio ya está «{status}». Haz uno nuevo si hace falta otro."
        ).format(status=status)
        super().__init__(self.message)


class ReservationsAtRisk(InventoryError):
    """The change puts reservations at risk; `at_risk` is {reservation id: notifications}."""

    def __init__(self, at_risk: Mapping[int, int]) -> None:
        self.at_risk = dict(at_risk)
        self.message = ngettext(
            "El cambio deja sin lugar {total:,} notificaciones de {n} apartado. "
            "Acepta el riesgo para aplicarlo, o descártalo.",
            "El cambio deja sin lugar {total:,} notificaciones de {n} apartados. "
            "Acepta el riesgo para aplicarlo, o descártalo.",
            len(at_risk),
        ).format(n=len(at_risk), total=sum(at_risk.values()))
        super().__init__(self.message)


class NotAllowed(InventoryError):
    """The person may not change capacity."""

    def __init__(self) -> None:
        self.message = _("Cambiar la capacidad necesita un permiso que tu cuenta no tiene.")
        super().__init__(self.message)
