"""The report of how long the gateway, the reviews and the reports take."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.admin.staff_reports.section import (
    Column,
    Kind,
    Section,
    format_seconds,
    format_value,
    share,
)
from campaigns.admin.staff_reports.span import Span
from campaigns.gateway.events import Stream
from campaigns.staff_reports import gateway_times, review_times
from campaigns.staff_reports.review_times import Decision, Reviews

STREAMS = (Stream.HOURLY_COUNTS, Stream.LADA_TRAFFIC)


def build(span: Span) -> list[Section]:
    """Return its sections: reviews, by reviewer and brand, the gateway, and the reports."""
    found = review_times.decisions(span.first, span.last)
    return [
        _reviews(found),
        _by(found, "revisores", _("Por quien revisa"), Column("revisa", _("Revisa"), Kind.TEXT)),
        _by(found, "marcas", _("Por marca"), Column("marca", _("Marca"), Kind.TEXT)),
        _gateway(span),
        _reports(span),
    ]


def _quantiles() -> list[Column]:
    return [
        Column("mediana_s", _("Mediana"), Kind.SECONDS),
        Column("p90_s", _("9 de cada 10"), Kind.SECONDS),
    ]


def _nobody() -> str:
    return _("Nadie decidió ninguna campaña en estos días.")


def _reviews(found: Sequence[Decision]) -> Section:
    whole, waiting = review_times.sum_up(found), review_times.waiting()
    sentence = ""
    if whole.times.median is not None and whole.times.p90 is not None:
        sentence = ngettext(
            "Se tomó {n:,} decisión: tardó {median} desde que la marca la envió.",
            "Se tomaron {n:,} decisiones: la mitad en {median} o menos desde que la marca la "
            "envió, 9 de cada 10 en {p90} o menos, y {share} dentro de 48 horas.",
            whole.times.number,
        ).format(
            n=whole.times.number,
            median=format_seconds(whole.times.median),
            p90=format_seconds(whole.times.p90),
            share=format_value(Kind.PERCENT, whole.share_in_time),
        )
    sentence += " " + ngettext(
        "Ahora espera {n:,} campaña.", "Ahora esperan {n:,} campañas.", waiting
    ).format(n=waiting)
    names = [
        *(
            _("Hasta {n} horas").format(n=round(step.total_seconds() / 3_600))
            for step in review_times.STEPS
        ),
        _("Más de 48 horas"),
    ]
    counts = review_times.distribution(found)
    total = sum(counts)
    return Section(
        "revision",
        _("Revisión: del envío a la decisión"),
        sentence.strip(),
        [
            Column("tiempo", _("Tiempo"), Kind.TEXT),
            Column("parte", _("Parte"), Kind.BAND),
            Column("decisiones", _("Decisiones")),
            Column("porcentaje", _("Del total"), Kind.PERCENT),
        ],
        [
            (name, share(count, total), count, 100 * count / total)
            for name, count in zip(names, counts, strict=True)
        ]
        if total
        else [],
        _nobody(),
    )


def _by(found: Sequence[Decision], name: str, title: str, column: Column) -> Section:
    rows = review_times.sum_up_by(
        found, lambda decision: decision.reviewer if name == "revisores" else decision.brand
    )
    return Section(
        name,
        title,
        _("El tiempo corre desde que la marca envía; dentro de 48 horas es lo que se promete."),
        [
            column,
            Column("decisiones", _("Decisiones")),
            Column("aprobadas", _("Aprobadas")),
            Column("con_cambios", _("Con cambios")),
            Column("rechazadas", _("Rechazadas")),
            *_quantiles(),
            Column("en_48_h", _("En 48 horas"), Kind.PERCENT),
        ],
        [(name, *_values(own)) for name, own in rows],
        _nobody(),
        is_sortable=True,
    )


def _values(own: Reviews) -> list[object]:
    return [
        own.times.number,
        *(own.moves[move] for move in ("approve", "request_changes", "reject")),
        own.times.median,
        own.times.p90,
        own.share_in_time,
    ]


def _gateway(span: Span) -> Section:
    days = (span.first, span.last)
    rows = [
        (_("Aprobar, hasta que tiene la orden"), gateway_times.approvals(*days)),
        (_("Pausar o cancelar, hasta que la detiene"), gateway_times.stops(*days)),
        (_("Detener o reanudar el canal"), gateway_times.channel_stops(*days)),
    ]
    return Section(
        "plataforma",
        _("Plataforma: de pedirlo a que lo confirma"),
        _(
            "De cada orden se guarda la confirmación de su último paro. Sin confirmar o sin "
            "registro: la plataforma no la ha tomado, o fue antes de que se guardara."
        ),
        [
            Column("que", _("Qué"), Kind.TEXT),
            Column("confirmadas", _("Confirmadas")),
            *_quantiles(),
            Column("sin_confirmar", _("Sin confirmar o sin registro")),
        ],
        [
            (name, found.times.number, found.times.median, found.times.p90, found.others)
            for name, found in rows
        ]
        if any(found.times.number + found.others for _name, found in rows)
        else [],
        _("En estos días no se pidió nada a la plataforma."),
    )


def _reports(span: Span) -> Section:
    now = timezone.now()
    labels = {
        Stream.HOURLY_COUNTS: _("Cuentas por hora"),
        Stream.LADA_TRAFFIC: _("Tráfico por hora"),
    }
    rows = [(labels[s], gateway_times.hours(span.first, span.last, s, now)) for s in STREAMS]
    return Section(
        "reportes",
        _("Reportes: del fin de la hora a sus cuentas"),
        _(
            "Completa: llegó todo lo de la hora por primera vez. Final: ya no cambia. Faltan: "
            "horas que ya pasaron y no están completas."
        ),
        [
            Column("serie", _("Serie"), Kind.TEXT),
            Column("completas", _("Completas")),
            Column("completa_mediana_s", _("Completa, mediana"), Kind.SECONDS),
            Column("completa_p90_s", _("Completa, 9 de cada 10"), Kind.SECONDS),
            Column("finales", _("Finales")),
            Column("final_mediana_s", _("Final, mediana"), Kind.SECONDS),
            Column("final_p90_s", _("Final, 9 de cada 10"), Kind.SECONDS),
            Column("faltan", _("Faltan")),
        ],
        [(name, *found.whole, *found.final, found.missing) for name, found in rows]
        if any(found.whole.number + found.final.number for _name, found in rows)
        else [],
        _("La plataforma no reportó ninguna hora de estos días."),
    )
