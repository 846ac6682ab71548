"""The report of campaigns that deliver less than they should."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.admin.staff_reports.section import Column, Kind, Link, Section, share
from campaigns.admin.staff_reports.span import Span
from campaigns.moves import Status
from campaigns.staff_reports import causes, shortfalls
from campaigns.staff_reports.causes import Explained, Reason


def build(span: Span) -> list[Section]:
    """Return its sections: by reason, by campaign and by brand."""
    now = timezone.now()
    found = causes.explain(shortfalls.find(span.first, span.last, now), now)
    if not found:
        return [_campaigns(found)]
    return [_by_reason(found), _campaigns(found), _by_brand(found)]


def _none() -> str:
    return _("Ninguna campaña con días en este periodo va por debajo de lo que debería.")


def _by_reason(found: Sequence[Explained]) -> Section:
    missing, count = Counter[Reason](), Counter[Reason]()
    for each in found:
        missing[each.main] += each.shortfall.missing
        count[each.main] += 1
    total = sum(missing.values())
    sentence = ngettext(
        "A {n} campaña le faltan {total:,} notificaciones con anuncio.",
        "A {n} campañas les faltan {total:,} notificaciones con anuncio.",
        len(found),
    ).format(n=len(found), total=total)
    if missing:
        reason, most = missing.most_common(1)[0]
        sentence += " " + _("La causa principal que más pesa: «{reason}», con {most:,}.").format(
            reason=reason.label, most=most
        )
    return Section(
        "causas",
        _("Por qué"),
        sentence,
        [
            Column("causa", _("Causa principal"), Kind.TEXT),
            Column("parte", _("Parte"), Kind.BAND),
            Column("campanas", _("Campañas")),
            Column("faltan", _("Faltan")),
            Column("porcentaje", _("De lo que falta"), Kind.PERCENT),
        ],
        [
            (
                str(reason.label),
                share(own, total),
                count[reason],
                own,
                100 * own / total,
            )
            for reason, own in missing.most_common()
        ],
        _none(),
    )


def _campaigns(found: Sequence[Explained]) -> Section:
    return Section(
        "campanas",
        _("Campañas cortas"),
        _(
            "De las que terminaron cuenta lo contratado; de las que corren, lo planeado hasta el "
            "último día contado y lo que se quedó sin lugar. Cada causa dice cuánto pudo frenar "
            "como máximo: pueden coincidir y no se suman."
        ),
        [
            Column("folio", _("Folio"), Kind.TEXT),
            Column("campana", _("Campaña"), Kind.TEXT),
            Column("marca", _("Marca"), Kind.TEXT),
            Column("faltan", _("Faltan")),
            Column("falta", _("Falta"), Kind.PERCENT),
            Column("causa", _("Causa principal"), Kind.TEXT),
            Column("evidencia", _("Evidencia"), Kind.LONG),
            Column("estado", _("Estado"), Kind.TEXT),
            Column("meta", _("Meta")),
            Column("con_anuncio", _("Con anuncio")),
            Column("entregadas", _("Entregadas")),
        ],
        [_row(each) for each in found],
        _none(),
        is_sortable=True,
    )


def _row(each: Explained) -> tuple[object, ...]:
    short, order = each.shortfall, each.shortfall.order
    page = reverse("admin:campaigns_campaign_change", args=[order.campaign])
    return (
        Link(order.folio, page),
        order.name,
        order.brand_name,
        short.missing,
        100 * short.missing / (short.goal + short.at_risk),
        str(each.main.label),
        " · ".join(
            _("{evidence} Hasta {count:,}.").format(
                evidence=cause.evidence, count=cause.notifications
            )
            for cause in each.causes
        ),
        str(Status(order.status).label),
        short.goal + short.at_risk,
        short.inserted,
        short.delivered,
    )


def _by_brand(found: Sequence[Explained]) -> Section:
    names: dict[int, str] = {}
    missing, count = Counter[int](), Counter[int]()
    reasons: dict[int, Counter[Reason]] = defaultdict(Counter)
    for each in found:
        brand = each.shortfall.order.brand
        names[brand] = each.shortfall.order.brand_name
        missing[brand] += each.shortfall.missing
        count[brand] += 1
        reasons[brand][each.main] += each.shortfall.missing
    most = max(missing.values(), default=0)
    return Section(
        "marcas",
        _("Por marca"),
        _("Primero la marca a la que más le falta, con la causa que más pesa en sus campañas."),
        [
            Column("marca", _("Marca"), Kind.TEXT),
            Column("parte", _("Faltante"), Kind.BAND),
            Column("campanas", _("Campañas cortas")),
            Column("faltan", _("Faltan")),
            Column("causa", _("Causa que más pesa"), Kind.TEXT),
        ],
        [
            (
                names[brand],
                share(own, most),
                count[brand],
                own,
                str(reasons[brand].most_common(1)[0][0].label),
            )
            for brand, own in missing.most_common()
        ],
        _none(),
        is_sortable=True,
    )
