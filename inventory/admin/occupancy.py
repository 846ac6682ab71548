"""Occupancy for staff: what is planned by place and day, down to who holds a cell."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import wraps
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.translation import gettext as _

from core import charts
from inventory import occupancy
from inventory.admin import heat, scope
from inventory.admin.pages import InventoryPages, View, address, as_csv
from inventory.admin.scope import Scope, Unit, Unknown
from inventory.admin.window import Window, in_words, parse, span
from inventory.occupancy import Figures, Occupancy

HOLDERS = 200  # shown of a cell, the largest

FIGURES = ("capacidad", "a_la_venta", "apartadas", "comprometidas", "libres", "porcentaje")


class Line(NamedTuple):
    """One state or LADA on one day."""

    name: str
    lada: str
    href: str
    figures: Figures
    parts: list[charts.Rectangle]


def of_open_days(view: Callable[..., HttpResponse]) -> View:
    """Give a view its window. Where nothing is on sale, or a name means nothing, say so."""

    @wraps(view)
    def answered(self: "OccupancyPages", request: HttpRequest, **names: str) -> HttpResponse:
        horizon = occupancy.horizon()
        if horizon is None:
            return self.inventory_page(request, "occupancy_none", _("Ocupación"), {})
        try:
            return view(self, request, Window.asked(request.GET, horizon), **names)
        except Unknown as unknown:
            self.message_user(request, str(unknown), messages.WARNING)
            return redirect(address("occupancy"))

    return answered


class OccupancyPages(InventoryPages):
    def get_urls(self) -> list[URLPattern]:
        state, lada = "ocupacion/estado/<state>/", "ocupacion/lada/<lada>/dia/<day>/"
        return [
            self.inventory_path("ocupacion/", self.heat_view, "occupancy"),
            self.inventory_path("ocupacion/dia/<day>/", self.day_view, "occupancy_day"),
            self.inventory_path(state, self.heat_view, "occupancy_state"),
            self.inventory_path(state + "dia/<day>/", self.day_view, "occupancy_state_day"),
            self.inventory_path(lada, self.cell_view, "occupancy_cell"),
            self.inventory_path("ocupacion.csv", self.csv_view, "occupancy_csv"),
            *super().get_urls(),
        ]

    @of_open_days
    def heat_view(self, request: HttpRequest, window: Window, state: str = "") -> HttpResponse:
        places = occupancy.places()
        shown = scope.of(places, state)
        book = occupancy.read(places, window.first, window.last)
        closed = occupancy.closed_days(window.first, window.last)
        context = {
            "window": window,
            "scope": shown,
            "table": heat.table(window, shown, book, closed),
            "summary": heat.summary(window, shown.of(book)),
            "when": span(window.first, window.last),
            "closed": closed,
            "as_of": book.as_of,
        }
        title = _("Ocupación de {state}").format(state=shown.name) if state else _("Ocupación")
        return self.inventory_page(request, "occupancy", title, context)

    @of_open_days
    def day_view(
        self, request: HttpRequest, window: Window, day: str, state: str = ""
    ) -> HttpResponse:
        places, when = occupancy.places(), _day(day, window)
        shown = scope.of(places, state)
        book = shown.of(occupancy.read(places, when, when))
        context = {
            "window": window,
            "scope": shown,
            "day": when,
            "moves": _days_beside(when, window, shown),
            "lines": list(_lines(window, shown, book, when)),
            "total": book.total,
            "closed": occupancy.closed_days(when, when).get(when),
            "as_of": book.as_of,
        }
        title = f"{shown.name if state else shown.whole}, {in_words(when)}"
        return self.inventory_page(request, "occupancy_day", title, context)

    @of_open_days
    def cell_view(self, request: HttpRequest, window: Window, lada: str, day: str) -> HttpResponse:
        places, when = occupancy.places(), _day(day, window)
        [number] = [n for n, place in enumerate(places) if place.code == lada] or [None]
        if number is None:
            raise Unknown(_("No hay una LADA «{code}».").format(code=lada[:20]))
        place, book = places[number], occupancy.read(places, when, when)
        unit = Unit(place.city, [number], place.state, lada)
        holders = occupancy.holders(lada, when)
        figures = book.figures(number, 0)
        context = {
            "window": window,
            "scope": scope.of(places, place.state),
            "place": place,
            "day": when,
            "moves": _days_beside(when, window, unit),
            "figures": figures,
            "safety": figures.gross - figures.on_sale,
            "parts": _parts(figures),
            "holders": holders[:HOLDERS],
            "others": holders[HOLDERS:],
            "others_here": sum(holder.here for holder in holders[HOLDERS:]),
            "closed": occupancy.closed_days(when, when).get(when),
            "as_of": book.as_of,
        }
        title = f"{place.code} {place.city}, {in_words(when)}"
        return self.inventory_page(request, "cell", title, context)

    @of_open_days
    def csv_view(self, request: HttpRequest, window: Window) -> HttpResponse:
        """Give each day of the window by state; by LADA with `por=lada`, or of one `estado`."""
        places, state = occupancy.places(), request.GET.get("estado", "")
        by_lada = bool(state) or request.GET.get("por") == "lada"
        shown = scope.of(places, state) if state or not by_lada else scope.every_lada(places)
        book = shown.of(occupancy.read(places, window.first, window.last))
        names = ("lada", "ciudad") if by_lada else ("estado",)
        rows = (
            [window.day(column), *([unit.lada] if by_lada else []), unit.name, *of_figures(figures)]
            for column in range(window.days)
            for number, unit in enumerate(shown.units)
            for figures in [book.figures(number, column)]
        )
        name = f"ocupacion-{window.first:%Y%m%d}-{window.last:%Y%m%d}"
        return as_csv(name, ("dia", *names, *FIGURES), rows)


def _day(text: str, window: Window) -> date:
    """Read a day of an address. Raises Unknown where it is not on sale."""
    day = parse(text)
    if day is None or not window.today <= day <= window.end:
        raise Unknown(
            _("«{text}» no es un día a la venta: los hay {span}.").format(
                text=text[:20], span=span(window.today, window.end)
            )
        )
    return day


def _days_beside(day: date, window: Window, of: Scope | Unit) -> list[tuple[str, str]]:
    """Give the way to the day before and to the day after, where these are on sale."""
    beside = ((_("Día anterior"), day - timedelta(1)), (_("Día siguiente"), day + timedelta(1)))
    return [
        (words, of.on_day(there, window.query) if window.today <= there <= window.end else "")
        for words, there in beside
    ]


def _lines(window: Window, shown: Scope, book: Occupancy, day: date) -> Iterator[Line]:
    for number, unit in enumerate(shown.units):
        figures = book.figures(number, 0)
        href = unit.on_day(day, window.query)
        yield Line(unit.name, unit.lada, href, figures, _parts(figures))


def _parts(figures: Figures) -> list[charts.Rectangle]:
    return charts.band(
        figures.on_sale,
        [("booked", figures.booked), ("held", figures.held), ("free", figures.free)],
    )


def of_figures(figures: Figures) -> tuple[int, ...]:
    """Give the values of the columns FIGURES."""
    return (*figures, figures.free, figures.percent)
