"""The report of sell-through."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.admin.staff_reports.section import Column, Kind, Section, format_value, stacked
from campaigns.admin.staff_reports.span import Span, format_day
from campaigns.staff_reports import sales
from campaigns.staff_reports.sales import BrandSales, Sales, SalesTable
from core import charts
from segments import gazetteer


def build(span: Span) -> list[Section]:
    """Return its sections: by day, fill, state, LADA and brand."""
    table = sales.read(span.first, span.last)
    return [_by_day(span, table), _fill(table), _by_state(table), _by_lada(table), _by_brand(span)]


def _figures() -> list[Column]:
    return [
        Column("a_la_venta", _("A la venta")),
        Column("apartadas", _("Apartadas")),
        Column("comprometidas", _("Comprometidas")),
        Column("libres", _("Libres")),
        Column("vendido", _("Vendido"), Kind.PERCENT),
        Column("con_anuncio", _("Con anuncio")),
        Column("entregadas", _("Entregadas")),
        Column("elegibles", _("Elegibles")),
        Column("llenado", _("Llenado"), Kind.PERCENT),
    ]


def _values(row: Sales) -> list[object]:
    return [
        row.on_sale,
        row.held,
        row.booked,
        row.free,
        100 * (row.held + row.booked) / row.on_sale if row.on_sale else None,
        row.inserted,
        row.delivered,
        row.eligible,
        row.fill,
    ]


def _has_any(row: Sales) -> bool:
    return any(row)


def _by_day(span: Span, table: SalesTable) -> Section:
    days = {day: row for day, row in table.by_day().items() if _has_any(row)}
    total = table.total
    sentence = _(
        "{when} hubo o hay {on_sale:,} notificaciones a la venta: {booked:,} comprometidas, "
        "{held:,} apartadas en revisión y {free:,} libres. Hasta ahora llevaron anuncio "
        "{inserted:,} y se entregaron {delivered:,}."
    ).format(
        when=_capital(span.words),
        on_sale=total.on_sale,
        booked=total.booked,
        held=total.held,
        free=sum(row.free for row in days.values()),
        inserted=total.inserted,
        delivered=total.delivered,
    )
    return Section(
        "dias",
        _("Venta por día del canal"),
        sentence,
        [Column("dia", _("Día"), Kind.DAY), *_figures()],
        [(day, *_values(row)) for day, row in days.items()],
        _("No hubo nada a la venta en estos días."),
        chart=_sold_chart(days) if days else None,
        chart_title=_("Notificaciones comprometidas, apartadas y libres por día"),
        legend=[
            ("booked", _("comprometidas")),
            ("held", _("apartadas en revisión")),
            ("free", _("libres")),
        ],
    )


def _sold_chart(days: dict[date, Sales]) -> charts.Chart:
    template = _("{day}: {booked:,} comprometidas, {held:,} apartadas, {free:,} libres")
    return stacked(
        [
            (
                day,
                template.format(
                    day=format_day(day), booked=row.booked, held=row.held, free=row.free
                ),
                [("booked", row.booked), ("held", row.held), ("free", row.free)],
            )
            for day, row in days.items()
        ]
    )


def _fill(table: SalesTable) -> Section:
    today = timezone.localdate()
    days = {day: row for day, row in table.by_day().items() if row.eligible and day <= today}
    eligible = sum(row.eligible for row in days.values())
    with_ad = sum(row.with_ad for row in days.values())
    template = _("{day}: {with_ad:,} de {eligible:,} llevaron anuncio")
    return Section(
        "llenado",
        _("Llenado: lo que pudo llevar anuncio y lo que lo llevó"),
        _(
            "De {eligible:,} notificaciones que podían llevar anuncio lo llevaron {with_ad:,}: "
            "{share}."
        ).format(
            eligible=eligible,
            with_ad=with_ad,
            share=format_value(Kind.PERCENT, 100 * with_ad / eligible if eligible else None),
        ),
        [
            Column("dia", _("Día"), Kind.DAY),
            Column("elegibles", _("Elegibles")),
            Column("con_anuncio_trafico", _("Con anuncio, según el tráfico")),
            Column("con_anuncio_ordenes", _("Con anuncio, según las órdenes")),
            Column("llenado", _("Llenado"), Kind.PERCENT),
        ],
        [(day, row.eligible, row.with_ad, row.inserted, row.fill) for day, row in days.items()],
        _("La plataforma todavía no reporta tráfico de estos días."),
        chart=stacked(
            [
                (
                    day,
                    template.format(
                        day=format_day(day), with_ad=row.with_ad, eligible=row.eligible
                    ),
                    [("booked", row.with_ad), ("free", row.eligible - row.with_ad)],
                )
                for day, row in days.items()
            ]
        )
        if days
        else None,
        chart_title=_("Notificaciones elegibles de cada día, con anuncio y sin él"),
        legend=[("booked", _("con anuncio")), ("free", _("sin anuncio"))],
    )


def _by_state(table: SalesTable) -> Section:
    names = gazetteer.current().states
    rows = [(names.get(state, _("Otras")), row) for state, row in table.by_state().items()]
    sentence = _(
        "Una LADA que abarca dos estados cuenta solo en el de su ciudad principal; así las sumas "
        "cuadran."
    )
    columns = [Column("estado", pgettext("lugar", "Estado"), Kind.TEXT)]
    return _places("estados", _("Venta por estado"), sentence, columns, rows)


def _by_lada(table: SalesTable) -> Section:
    cities = gazetteer.current().cities
    ladas = sorted(table.by_lada().items(), key=lambda pair: -pair[1].on_sale)
    found = [((lada or _("Otras"), cities.get(lada, "")), row) for lada, row in ladas]
    columns = [Column("lada", _("LADA"), Kind.TEXT), Column("ciudad", _("Ciudad"), Kind.TEXT)]
    sentence = _("Primero las LADA con más notificaciones a la venta.")
    return _places("ladas", _("Venta por LADA"), sentence, columns, found)


def _places(
    name: str,
    title: str,
    sentence: str,
    columns: Sequence[Column],
    rows: Iterable[tuple[object, Sales]],
) -> Section:
    kept = [
        (place if isinstance(place, tuple) else (place,), row) for place, row in rows if any(row)
    ]
    return Section(
        name,
        title,
        sentence,
        [*columns, Column("reparto", _("Reparto"), Kind.BAND), *_figures()],
        [(*place, _parts(row), *_values(row)) for place, row in kept],
        _("No hubo nada a la venta en estos días."),
        legend=[
            ("booked", _("comprometidas")),
            ("held", _("apartadas en revisión")),
            ("free", _("libres")),
        ],
        is_sortable=True,
    )


def _parts(row: Sales) -> tuple[int, list[tuple[str, int]]]:
    parts = [("booked", row.booked), ("held", row.held), ("free", row.free)]
    return max(sum(count for _kind, count in parts), 1), parts


def _by_brand(span: Span) -> Section:
    rows = sales.by_brand(span.first, span.last)
    most = max((row.held + row.booked for row in rows), default=0) or 1
    return Section(
        "marcas",
        _("Venta por marca"),
        _("Lo que cada marca tiene comprometido y apartado en estos días, y lo que ya salió."),
        [
            Column("marca", _("Marca"), Kind.TEXT),
            Column("reparto", _("Prometido"), Kind.BAND),
            Column("campanas", _("Campañas")),
            Column("apartadas", _("Apartadas")),
            Column("comprometidas", _("Comprometidas")),
            Column("con_anuncio", _("Con anuncio")),
            Column("entregadas", _("Entregadas")),
        ],
        [(row.brand, _promised(row, most), *row[1:]) for row in rows],
        _("Ninguna marca tiene campañas en estos días."),
        legend=[("booked", _("comprometidas")), ("held", _("apartadas en revisión"))],
        is_sortable=True,
    )


def _promised(row: BrandSales, most: int) -> tuple[int, list[tuple[str, int]]]:
    rest = most - row.booked - row.held
    return most, [("booked", row.booked), ("held", row.held), ("free", rest)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
