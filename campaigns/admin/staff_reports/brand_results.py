"""The report with one line a brand."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.admin.staff_reports.section import Column, Kind, Section, share
from campaigns.admin.staff_reports.span import Span
from campaigns.staff_reports import brand_results
from campaigns.staff_reports.brand_results import BrandResults
from inventory import occupancy


def build(span: Span) -> list[Section]:
    """Return its section, the brand with the most contracted first."""
    rows = brand_results.read(span.first, span.last, timezone.now())
    rows.sort(key=lambda row: -row.contracted)
    return [
        Section(
            "marcas",
            _("Resultados por marca"),
            _sentence(rows),
            [
                Column("marca", _("Marca"), Kind.TEXT),
                Column("parte", _("Entregado"), Kind.BAND),
                Column("porcentaje", _("%"), Kind.PERCENT),
                Column("campanas", _("Campañas")),
                Column("contratadas", _("Contratadas")),
                Column("con_anuncio", _("Con anuncio")),
                Column("entregadas", _("Entregadas")),
                Column("clics", _("Clics")),
                Column("cortas", _("Cortas")),
                Column("faltan", _("Faltan")),
                Column("aprobadas", _("Aprobadas")),
                Column("con_cambios", _("Con cambios")),
                Column("rechazadas", _("Rechazadas")),
            ],
            [_row(row) for row in rows],
            _("Ninguna marca tuvo campañas ni decisiones en estos días."),
            legend=[("booked", _("entregado de lo contratado")), ("free", _("falta"))],
            is_sortable=True,
        )
    ]


def _row(row: BrandResults) -> tuple[object, ...]:
    percent = 100 * row.delivered / row.contracted if row.contracted else None
    return (row.name, share(row.delivered, row.contracted), percent, *row[2:])


def _sentence(rows: list[BrandResults]) -> str:
    contracted = sum(row.contracted for row in rows)
    delivered = sum(row.delivered for row in rows)
    return ngettext(
        "{n} marca con días de campaña en este periodo, contada entera: {delivered:,} entregadas "
        "de {contracted:,} contratadas ({percent} %). Las decisiones son las del periodo.",
        "{n} marcas con días de campaña en este periodo, contadas enteras: {delivered:,} "
        "entregadas de {contracted:,} contratadas ({percent} %). Las decisiones son las del "
        "periodo.",
        len(rows),
    ).format(
        n=len(rows),
        delivered=delivered,
        contracted=contracted,
        percent=occupancy.percent(delivered, contracted),
    )
