"""Occupancy pages for staff: planned notifications by place and day, down to one cell."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import wraps
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core import charts
from inventory import occupancy
from inventory.admin import heat, scope
from inventory.admin.pages import InventoryPages, View, address, as_csv
from inventory.admin.scope import Scope, ScopeRow, UnknownAddress
from inventory.admin.window import Window, format_day, format_span
from inventory.occupancy import Figures, Occupancy

MAX_HOLDERS = 200  # listed of a cell, the largest

FIGURE_COLUMNS = ("capacidad", "a_la_venta", "apartadas", "comprometidas", "libres", "porcentaje")


class OccupancyRow(NamedTuple):
    """One state or LADA on one day."""

    name: str
    lada: str
    url: str
    figures: Figures
    parts: list[charts.Rectangle]


def with_window(view: Callable[..., HttpResponse]) -> View:
    """Pass a view its window; respond with a message where nothing is on sale or known."""

    @wraps(view)
    def wrapped(self: "OccupancyPages", request: HttpRequest, **names: str) -> HttpResponse:
        horizon = occupancy.horizon()
        if horizon is None:
            return self.inventory_page(request, "occupancy_none", _("Ocupación"), {})
        try:
            return view(self, request, Window.from_query(request.GET, horizon), **names)
        except UnknownAddress as unknown:
            self.message_user(request, str(unknown), messages.WARNING)
            return redirect(address("occupancy"))

    return wrapped


class OccupancyPages(InventoryPages):
    """Mixin of the admin of capacity: the occupancy of places, days and cells."""

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

    @with_window
    def heat_view(self, request: HttpRequest, window: Window, state: str = "") -> HttpResponse:
        places = occupancy.places()
        page_scope = scope.for_state(places, state)
        by_place = occupancy.read(places, window.first, window.last)
        closed = occupancy.closed_days(window.first, window.last)
        context = {
            "window": window,
            "scope": page_scope,
            "table": heat.table(window, page_scope, by_place, closed),
            "summary": heat.summary(window, page_scope.sum_rows(by_place)),
            "when": format_span(window.first, window.last),
            "closed": closed,
            "as_of": by_place.as_of,
        }
        title = _("Ocupación de {state}").format(state=page_scope.name) if state else _("Ocupación")
        return self.inventory_page(request, "occupancy", title, context)

    @with_window
    def day_view(
        self, request: HttpRequest, window: Window, day: str, state: str = ""
    ) -> HttpResponse:
        places, when = occupancy.places(), _day(day, window)
        page_scope = scope.for_state(places, state)
        by_row = page_scope.sum_rows(occupancy.read(places, when, when))
        context = {
            "window": window,
            "scope": page_scope,
            "day": when,
            "links": _adjacent_days(when, window, page_scope),
            "rows": list(_rows(window, page_scope, by_row, when)),
            "total": by_row.total,
            "closed": occupancy.closed_days(when, when).get(when),
            "as_of": by_row.as_of,
        }
        title = f"{page_scope.name if state else page_scope.label}, {format_day(when)}"
        return self.inventory_page(request, "occupancy_day", title, context)

    @with_window
    def cell_view(self, request: HttpRequest, window: Window, lada: str, day: str) -> HttpResponse:
        places, when = occupancy.places(), _day(day, window)
        number = next((n for n, place in enumerate(places) if place.code == lada), None)
        if number is None:
            raise UnknownAddress(_("No hay una LADA «{code}».").format(code=lada[:20]))
        place = places[number]
        row = ScopeRow(place.city, [number], place.state, lada)
        holders = occupancy.holders(lada, when)
        by_place = occupancy.read(places, when, when)
        figures = by_place.figures(number, 0)
        context = {
            "window": window,
            "scope": scope.for_state(places, place.state),
            "place": place,
            "day": when,
            "links": _adjacent_days(when, window, row),
            "figures": figures,
            "safety": figures.gross - figures.on_sale,
            "parts": _parts(figures),
            "holders": holders[:MAX_HOLDERS],
            "others": holders[MAX_HOLDERS:],
            "others_here": sum(holder.here for holder in holders[MAX_HOLDERS:]),
            "closed": occupancy.closed_days(when, when).get(when),
            "as_of": by_place.as_of,
        }
        title = f"{place.code} {place.city}, {format_day(when)}"
        return self.inventory_page(request, "cell", title, context)

    @with_window
    def csv_view(self, request: HttpRequest, window: Window) -> HttpResponse:
        """Respond with each day of the window by state; by LADA with `por=lada` or an `estado`."""
        places, state = occupancy.places(), request.GET.get("estado", "")
        by_lada = bool(state) or request.GET.get("por") == "lada"
        page_scope = (
            scope.for_state(places, state) if state or not by_lada else scope.every_lada(places)
        )
        by_row = page_scope.sum_rows(occupancy.read(places, window.first, window.last))
        names = ("lada", "ciudad") if by_lada else ("estado",)
        rows = (
            [
                window.day(column),
                *([row.lada] if by_lada else []),
                row.name,
                *figure_values(figures),
            ]
            for column in range(window.days)
            for number, row in enumerate(page_scope.rows)
            for figures in [by_row.figures(number, column)]
        )
        name = f"ocupacion-{window.first:%Y%m%d}-{window.last:%Y%m%d}"
        return as_csv(name, ("dia", *names, *FIGURE_COLUMNS), rows)


def _day(text: str, window: Window) -> date:
    """Return the day of an address. Raises UnknownAddress where it is not on sale."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not window.today <= day <= window.end:
        raise UnknownAddress(
            _("«{text}» no es un día a la venta: los hay {span}.").format(
                text=text[:20], span=format_span(window.today, window.end)
            )
        )
    return day


def _adjacent_days(day: date, window: Window, row: Scope | ScopeRow) -> list[tuple[str, str]]:
    """Return labels and addresses of the days before and after; "" where not on sale."""
    adjacent = ((_("Día anterior"), day - timedelta(1)), (_("Día siguiente"), day + timedelta(1)))
    return [
        (label, row.day_url(other, window.query) if window.today <= other <= window.end else "")
        for label, other in adjacent
    ]


def _rows(
    window: Window, page_scope: Scope, by_row: Occupancy, day: date
) -> Iterator[OccupancyRow]:
    for number, row in enumerate(page_scope.rows):
        figures = by_row.figures(number, 0)
        url = row.day_url(day, window.query)
        yield OccupancyRow(row.name, row.lada, url, figures, _parts(figures))


def _parts(figures: Figures) -> list[charts.Rectangle]:
    return charts.band(
        figures.on_sale,
        [("booked", figures.booked), ("held", figures.held), ("free", figures.free)],
    )


def figure_values(figures: Figures) -> tuple[int, ...]:
    """Return the values of FIGURE_COLUMNS."""
    return (*figures, figures.free, figures.percent)
