"""Sell-through for staff: what is sold of the days to come, and how that came about."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import charts
from inventory import occupancy, sell_through
from inventory.admin.heat import figures_form, in_figures
from inventory.admin.occupancy import FIGURES, of_figures, of_open_days
from inventory.admin.pages import InventoryPages, as_csv
from inventory.admin.window import Window, in_percent, in_words, span
from inventory.occupancy import Figures
from inventory.sell_through import Movement, Standing

MOVED = 30  # days of the journal that are shown
RECOUNTED = 180  # days of recounts


class Day(NamedTuple):
    """A channel day of the whole nation."""

    day: date
    figures: Figures


class SellThroughPages(InventoryPages):
    def get_urls(self) -> list[URLPattern]:
        table = "venta/<table>.csv"
        return [
            self.inventory_path("venta/", self.sell_through_view, "sell_through"),
            self.inventory_path(table, self.sell_through_csv_view, "sell_through_csv"),
            *super().get_urls(),
        ]

    @of_open_days
    def sell_through_view(self, request: HttpRequest, window: Window) -> HttpResponse:
        days = _days(window)
        movements = sell_through.movements(MOVED)
        standings = sell_through.standings(RECOUNTED)
        context = {
            "tab": "sell_through",
            "days": days,
            "days_chart": _days_chart(days),
            "days_told": _days_told(days),
            "movements": movements[::-1],
            "movements_chart": _movements_chart(movements) if any(map(_moved, movements)) else None,
            "movements_told": _movements_told(movements),
            "standings": standings[::-1],
            "standings_chart": _standings_chart(standings) if len(standings) > 1 else None,
            "standings_told": _standings_told(standings) if len(standings) > 1 else "",
        }
        return self.inventory_page(request, "sell_through", _("Venta"), context)

    @of_open_days
    def sell_through_csv_view(
        self, request: HttpRequest, window: Window, table: str
    ) -> HttpResponse:
        rows: Iterable[Sequence[object]]
        match table:
            case "dias":
                columns = ("dia", *FIGURES)
                rows = [(row.day, *of_figures(row.figures)) for row in _days(window)]
            case "movimientos":
                columns = ("dia", "apartadas", "cambios", "liberadas", "vencidas", "neto")
                columns += ("comprometidas",)
                rows = [
                    (*row[:5], row.net, row.booked) for row in sell_through.movements(RECOUNTED)
                ]
            case "recuentos":
                columns = ("dia", "a_la_venta", "apartadas", "comprometidas", "libres")
                rows = [(*row, row.free) for row in sell_through.standings(RECOUNTED)]
            case _other:
                raise Http404
        return as_csv(f"venta-{table}", columns, rows)


def _days(window: Window) -> list[Day]:
    """Give the nation's figures on every day on sale."""
    places = occupancy.places()
    book = occupancy.read(places, window.today, window.end).of_rows([range(len(places))])
    count = (window.end - window.today).days + 1
    return [
        Day(window.today + timedelta(number), book.figures(0, number)) for number in range(count)
    ]


def _days_chart(days: Sequence[Day]) -> charts.Chart:
    axis, words = charts.axis(day.figures.on_sale for day in days), figures_form()
    bars = [
        charts.Bar(
            f"{in_words(day.day)}: {in_figures(day.figures, words)}",
            charts.stack(axis, column, _kinds(day.figures)),
        )
        for column, day in enumerate(days)
    ]
    return charts.Chart(axis, len(days), bars, ticks=charts.ticks([day.day for day in days]))


def _kinds(of: Figures | Standing) -> list[tuple[str, int]]:
    return [("booked", of.booked), ("held", of.held), ("free", of.free)]


def _days_told(days: Sequence[Day]) -> str:
    total = Figures(*(sum(counts) for counts in zip(*(d.figures for d in days), strict=True)))
    if not total.on_sale:
        return _("No hay nada a la venta en estos días.")
    return _(
        "De las {on_sale:,} notificaciones a la venta {when}, {booked} está vendido y "
        "{held} apartado en revisión; quedan {free:,} libres."
    ).format(
        on_sale=total.on_sale,
        when=span(days[0].day, days[-1].day),
        booked=in_percent(occupancy.percent(total.booked, total.on_sale)),
        held=in_percent(occupancy.percent(total.held, total.on_sale)),
        free=total.free,
    )


def _moved(movement: Movement) -> bool:
    return any(movement[1:])


def _movements_chart(movements: Sequence[Movement]) -> charts.Chart:
    """What was promised goes up, what was given back goes down."""
    ups = [movement.held + max(movement.changed, 0) for movement in movements]
    downs = [
        movement.released + movement.expired + max(-movement.changed, 0) for movement in movements
    ]
    axis = charts.axis([*ups, *downs], signed=True)
    bars = [
        charts.Bar(
            _("{day}: {up:,} promete, {down:,} devuelve").format(
                day=in_words(movement.day), up=up, down=down
            ),
            [
                *charts.stack(axis, column, [("booked", up)]),
                *charts.stack(axis, column, [("given-back", -down)]),
            ],
        )
        for column, (movement, up, down) in enumerate(zip(movements, ups, downs, strict=True))
    ]
    return charts.Chart(
        axis, len(bars), bars, ticks=charts.ticks([movement.day for movement in movements])
    )


def _movements_told(movements: Sequence[Movement]) -> str:
    held, changed, released, expired, booked = (
        sum(movement[field] for movement in movements) for field in range(1, 6)
    )
    return _(
        "En los últimos {days} días se apartaron {held:,}, se liberaron {released:,} y vencieron "
        "{expired:,}; los cambios de apartados sumaron {changed}. Neto: {net}. "
        "De apartadas a comprometidas pasaron {booked:,}."
    ).format(
        days=len(movements),
        held=held,
        changed=_signed(changed),
        released=released,
        expired=expired,
        net=_signed(held + changed - released - expired),
        booked=booked,
    )


def _signed(value: int) -> str:
    return f"{value:+,}".replace("-", "−") if value else "0"


def _standings_chart(standings: Sequence[Standing]) -> charts.Chart:
    first, last = standings[0].day, standings[-1].day
    places = [(standing.day - first) / (last - first) for standing in standings]
    axis = charts.axis(standing.on_sale for standing in standings)
    lines = [[0] * len(standings)]
    areas = []
    for kind in ("booked", "held", "free"):
        upper = [
            below + getattr(standing, kind)
            for below, standing in zip(lines[-1], standings, strict=True)
        ]
        areas.append((kind, charts.area(axis, places, lines[-1], upper)))
        lines.append(upper)
    return charts.Chart(axis, charts.COLUMN_WIDTH, areas=areas, ticks=charts.ticks([first, last]))


def _standings_told(standings: Sequence[Standing]) -> str:
    first, last = standings[0], standings[-1]
    before, after = (
        in_percent(occupancy.percent(s.booked + s.held, s.on_sale)) for s in (first, last)
    )
    return ngettext(
        "En {days} día, lo prometido de los días por venir pasó de {before} a {after}.",
        "En {days} días, lo prometido de los días por venir pasó de {before} a {after}.",
        (last.day - first.day).days,
    ).format(days=(last.day - first.day).days, before=before, after=after)
