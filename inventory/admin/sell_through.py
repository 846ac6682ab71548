"""Sell-through pages for staff: what is sold of the days to come, and its growth."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import charts
from inventory import occupancy, sell_through
from inventory.admin.heat import figures_template, format_figures
from inventory.admin.occupancy import FIGURE_COLUMNS, figure_values, with_window
from inventory.admin.pages import InventoryPages, as_csv
from inventory.admin.window import Window, format_day, format_percent, format_span
from inventory.occupancy import Figures
from inventory.sell_through import AuditedDay, DailyMovements

MOVEMENT_DAYS = 30  # of the journal
AUDITED_DAYS = 180


class NationalDay(NamedTuple):
    """A channel day of the whole nation."""

    day: date
    figures: Figures


class SellThroughPages(InventoryPages):
    """Mixin of the admin of capacity: sell-through by day, and as CSV."""

    def get_urls(self) -> list[URLPattern]:
        table = "venta/<table>.csv"
        return [
            self.inventory_path("venta/", self.sell_through_view, "sell_through"),
            self.inventory_path(table, self.sell_through_csv_view, "sell_through_csv"),
            *super().get_urls(),
        ]

    @with_window
    def sell_through_view(self, request: HttpRequest, window: Window) -> HttpResponse:
        days = _days(window)
        movements = sell_through.movements(MOVEMENT_DAYS)
        audits = sell_through.audited_days(AUDITED_DAYS)
        context = {
            "tab": "sell_through",
            "days": days,
            "days_chart": _days_chart(days),
            "days_text": _days_text(days),
            "movements": movements[::-1],
            "movements_chart": _movements_chart(movements)
            if any(map(_has_any, movements))
            else None,
            "movements_text": _movements_text(movements),
            "audits": audits[::-1],
            "audits_chart": _audits_chart(audits) if len(audits) > 1 else None,
            "audits_text": _audits_text(audits) if len(audits) > 1 else "",
        }
        return self.inventory_page(request, "sell_through", _("Venta"), context)

    @with_window
    def sell_through_csv_view(
        self, request: HttpRequest, window: Window, table: str
    ) -> HttpResponse:
        columns: tuple[str, ...]
        rows: Iterable[Sequence[object]]
        match table:
            case "dias":
                columns = ("dia", *FIGURE_COLUMNS)
                rows = [(row.day, *figure_values(row.figures)) for row in _days(window)]
            case "movimientos":
                columns = ("dia", "apartadas", "cambios", "liberadas", "vencidas", "neto")
                columns += ("comprometidas",)
                rows = [
                    (*row[:5], row.net, row.booked) for row in sell_through.movements(AUDITED_DAYS)
                ]
            case "recuentos":
                columns = ("dia", "a_la_venta", "apartadas", "comprometidas", "libres")
                rows = [(*row, row.free) for row in sell_through.audited_days(AUDITED_DAYS)]
            case _other:
                raise Http404
        return as_csv(f"venta-{table}", columns, rows)


def _days(window: Window) -> list[NationalDay]:
    """Return the nation's figures on every day on sale."""
    places = occupancy.places()
    total = occupancy.read(places, window.today, window.end).sum_rows([range(len(places))])
    count = (window.end - window.today).days + 1
    return [
        NationalDay(window.today + timedelta(number), total.figures(0, number))
        for number in range(count)
    ]


def _days_chart(days: Sequence[NationalDay]) -> charts.Chart:
    axis, template = charts.axis(day.figures.on_sale for day in days), figures_template()
    bars = [
        charts.Bar(
            f"{format_day(day.day)}: {format_figures(day.figures, template)}",
            charts.stack(axis, column, _kinds(day.figures)),
        )
        for column, day in enumerate(days)
    ]
    return charts.Chart(axis, len(days), bars, ticks=charts.ticks([day.day for day in days]))


def _kinds(figures: Figures | AuditedDay) -> list[tuple[str, int]]:
    return [("booked", figures.booked), ("held", figures.held), ("free", figures.free)]


def _days_text(days: Sequence[NationalDay]) -> str:
    total = Figures(*(sum(counts) for counts in zip(*(d.figures for d in days), strict=True)))
    if not total.on_sale:
        return _("No hay nada a la venta en estos días.")
    return _(
        "De las {on_sale:,} notificaciones a la venta {when}, {booked} está vendido y "
        "{held} apartado en revisión; quedan {free:,} libres."
    ).format(
        on_sale=total.on_sale,
        when=format_span(days[0].day, days[-1].day),
        booked=format_percent(occupancy.percent(total.booked, total.on_sale)),
        held=format_percent(occupancy.percent(total.held, total.on_sale)),
        free=total.free,
    )


def _has_any(movement: DailyMovements) -> bool:
    return any(movement[1:])


def _movements_chart(movements: Sequence[DailyMovements]) -> charts.Chart:
    """Return a chart with what was reserved upward and what was released downward."""
    ups = [movement.held + max(movement.changed, 0) for movement in movements]
    downs = [
        movement.released + movement.expired + max(-movement.changed, 0) for movement in movements
    ]
    axis = charts.axis([*ups, *downs], signed=True)
    bars = [
        charts.Bar(
            _("{day}: {up:,} promete, {down:,} devuelve").format(
                day=format_day(movement.day), up=up, down=down
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


def _movements_text(movements: Sequence[DailyMovements]) -> str:
    held = sum(movement.held for movement in movements)
    released = sum(movement.released for movement in movements)
    expired = sum(movement.expired for movement in movements)
    return _(
        "En los últimos {days} días se apartaron {held:,}, se liberaron {released:,} y vencieron "
        "{expired:,}; los cambios de apartados sumaron {changed}. Neto: {net}. "
        "De apartadas a comprometidas pasaron {booked:,}."
    ).format(
        days=len(movements),
        held=held,
        changed=_signed(sum(movement.changed for movement in movements)),
        released=released,
        expired=expired,
        net=_signed(sum(movement.net for movement in movements)),
        booked=sum(movement.booked for movement in movements),
    )


def _signed(value: int) -> str:
    return f"{value:+,}".replace("-", "−") if value else "0"


def _audits_chart(audits: Sequence[AuditedDay]) -> charts.Chart:
    first, last = audits[0].day, audits[-1].day
    places = [(audited.day - first) / (last - first) for audited in audits]
    axis = charts.axis(audited.on_sale for audited in audits)
    lines = [[0] * len(audits)]
    areas = []
    for kind in ("booked", "held", "free"):
        upper = [
            below + getattr(audited, kind) for below, audited in zip(lines[-1], audits, strict=True)
        ]
        areas.append((kind, charts.area(axis, places, lines[-1], upper)))
        lines.append(upper)
    return charts.Chart(axis, charts.COLUMN, areas=areas, ticks=charts.ticks([first, last]))


def _audits_text(audits: Sequence[AuditedDay]) -> str:
    first, last = audits[0], audits[-1]
    before, after = (
        format_percent(occupancy.percent(s.booked + s.held, s.on_sale)) for s in (first, last)
    )
    return ngettext(
        "En {days} día, lo prometido de los días por venir pasó de {before} a {after}.",
        "En {days} días, lo prometido de los días por venir pasó de {before} a {after}.",
        (last.day - first.day).days,
    ).format(days=(last.day - first.day).days, before=before, after=after)
