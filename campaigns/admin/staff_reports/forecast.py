"""The report of the forecast's accuracy."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.admin.staff_reports.section import Column, Kind, Section, format_value, stacked
from campaigns.admin.staff_reports.span import Span, format_day
from campaigns.staff_reports import forecast
from campaigns.staff_reports.forecast import Accuracy, Forecast
from segments import gazetteer


def build(span: Span) -> list[Section]:
    """Return its sections: in all, by day, by LADA, and plans beside insertions."""
    found = forecast.read(span.first, span.last)
    if not found.days:
        return [_total(found), _planned(span)]
    return [_total(found), _by_day(found), _by_lada(found), _planned(span)]


def _figures() -> list[Column]:
    return [
        Column("pronostico", _("Esperadas")),
        Column("elegibles", _("Hubo")),
        Column("error", _("Error"), Kind.PERCENT),
        Column("sesgo", _("Sesgo"), Kind.PERCENT),
        Column("dentro_20", _("Celdas a ±20 %"), Kind.PERCENT),
        Column("celdas", _("Celdas")),
    ]


def _values(found: Accuracy) -> list[object]:
    return [
        found.expected,
        found.actual,
        found.error,
        found.bias,
        found.share_close,
        found.cells,
    ]


def _no_days() -> str:
    return _("Todavía no hay un día de este periodo con todo su tráfico reportado.")


def _total(found: Forecast) -> Section:
    total = found.total
    rows = [
        (_("Capacidad: lo que se esperaba llevar"), *_values(total)),
        (_("A la venta: lo que se ofreció de eso"), *_values(found.total_on_sale)),
    ]
    return Section(
        "total",
        _("Qué tan cerca estuvo"),
        _(
            "En {days} días con tráfico completo se esperaban {expected:,} notificaciones "
            "elegibles y hubo {actual:,}: un sesgo de {bias}. Por celda de día y LADA el error fue "
            "de {error}, y {close} quedaron a ±20 %."
        ).format(
            days=len(found.days),
            expected=total.expected,
            actual=total.actual,
            bias=format_value(Kind.PERCENT, total.bias),
            error=format_value(Kind.PERCENT, total.error),
            close=format_value(Kind.PERCENT, total.share_close),
        ),
        [Column("que", _("Qué"), Kind.TEXT), *_figures()],
        rows if found.days else [],
        _no_days(),
    )


def _by_day(found: Forecast) -> Section:
    days = found.by_day()
    template = _("{day}: {expected:,} esperadas, hubo {actual:,}")
    return Section(
        "dias",
        _("Por día"),
        _(
            "Arriba del cero se esperó de más (lo vendido puede no caber); abajo, de menos (quedó "
            "sin ofrecer)."
        ),
        [Column("dia", _("Día"), Kind.DAY), *_figures()],
        [(day, *_values(own)) for day, own in days],
        _no_days(),
        chart=stacked(
            [
                (
                    day,
                    template.format(day=format_day(day), expected=own.expected, actual=own.actual),
                    [
                        (
                            "held" if own.expected > own.actual else "booked",
                            own.expected - own.actual,
                        )
                    ],
                )
                for day, own in days
            ],
            signed=True,
        )
        if days
        else None,
        chart_title=_("Notificaciones esperadas de más y de menos cada día"),
        legend=[("held", _("de más")), ("booked", _("de menos"))],
    )


def _by_lada(found: Forecast) -> Section:
    places = gazetteer.current()
    return Section(
        "ladas",
        _("LADA con más error"),
        _("Primero donde más notificaciones se esperaron de más o de menos, día por día."),
        [
            Column("lada", _("LADA"), Kind.TEXT),
            Column("ciudad", _("Ciudad"), Kind.TEXT),
            Column("estado", pgettext("lugar", "Estado"), Kind.TEXT),
            Column("diferencia", _("Diferencia")),
            *_figures(),
        ],
        [
            (
                each.lada or _("Otras"),
                places.cities.get(each.lada, ""),
                places.states.get(each.state, ""),
                each.accuracy.off,
                *_values(each.accuracy),
            )
            for each in found.by_lada()
        ],
        _no_days(),
        is_sortable=True,
    )


def _planned(span: Span) -> Section:
    today = timezone.localdate()
    days = [
        each
        for each in forecast.planned_days(span.first, span.last)
        if (each.planned or each.inserted) and each.day < today
    ]
    planned, inserted = sum(day.planned for day in days), sum(day.inserted for day in days)
    template = _("{day}: {inserted:,} con anuncio de {planned:,} planeadas")
    return Section(
        "plan",
        _("Planeado y cumplido por día"),
        _(
            "Se planearon {planned:,} notificaciones y llevaron anuncio {inserted:,}: {share}."
        ).format(
            planned=planned,
            inserted=inserted,
            share=format_value(Kind.PERCENT, 100 * inserted / planned if planned else None),
        ),
        [
            Column("dia", _("Día"), Kind.DAY),
            Column("planeadas", _("Planeadas")),
            Column("con_anuncio", _("Con anuncio")),
            Column("cumplido", _("Cumplido"), Kind.PERCENT),
        ],
        [
            (
                each.day,
                each.planned,
                each.inserted,
                100 * each.inserted / each.planned if each.planned else None,
            )
            for each in days
        ],
        _("Ninguna campaña tuvo nada planeado en los días de este periodo que ya pasaron."),
        chart=stacked(
            [
                (
                    each.day,
                    template.format(
                        day=format_day(each.day), inserted=each.inserted, planned=each.planned
                    ),
                    [
                        ("booked", each.inserted),
                        ("free", max(each.planned - each.inserted, 0)),
                    ],
                )
                for each in days
            ]
        )
        if days
        else None,
        chart_title=_("Notificaciones planeadas de cada día, con anuncio y sin él"),
        legend=[("booked", _("con anuncio")), ("free", _("planeadas que faltaron"))],
    )
