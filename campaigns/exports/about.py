"""What a file of results says about itself: whose numbers, of when, and how they are counted."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.exports.rows import Rows
from campaigns.exports.selection import Selection
from campaigns.reports.delivery import HOUR
from campaigns.results.small_cells import LEAST


def lines(selection: Selection, rows: Rows) -> list[tuple[str, str]]:
    """Return labels with their texts, in Spanish."""
    return [
        (_("Marca"), selection.brand.name),
        (_("Campañas"), _campaigns(selection, rows)),
        (_("Primer día"), date_format(selection.first, "DATE_FORMAT")),
        (_("Último día"), date_format(selection.last, "DATE_FORMAT")),
        (_("Detalle"), str(rows.grain.label)),
        (_("Generado"), _moment(timezone.now())),
        (_("Datos hasta"), _moment(max(found) + HOUR) if (found := rows.finality.updated) else "—"),
        (_("Cuentas"), _state(rows)),
        (_("Con anuncio"), _("Notificaciones que llevaron el texto: es lo que se contrata.")),
        (_("Entregadas"), _("Las que tienen acuse de que llegaron al teléfono.")),
        (_("Sin acuse"), _("No llegó su acuse dentro de 72 horas.")),
        (_("Pendientes"), _("Todavía pueden recibir su acuse.")),
        (
            _("Otras y otros"),
            _(
                "Menos de {least} notificaciones no se muestran solas: se suman con otras LADA "
                "del estado («otras»), con otros lugares («Otros estados») o con otras horas del "
                "día («varias»). Los totales son exactos."
            ).format(least=LEAST),
        ),
        (
            _("LADA"),
            _("Es la del número que recibió el aviso. Cada una cuenta en el estado de su ciudad."),
        ),
        (_("Días y horas"), _("Del centro de México.")),
    ]


def _campaigns(selection: Selection, rows: Rows) -> str:
    if selection.campaign:
        return f"{selection.campaign.folio} {selection.campaign.name}"
    counted = len({day.campaign for day in rows.days})
    return ngettext("{n:,} de la marca", "{n:,} de la marca", counted).format(n=counted)


def _state(rows: Rows) -> str:
    since = rows.finality.of_days(rows.first, rows.last)
    if since is None:
        return _("Provisionales: lo que no es final puede cambiar hasta 72 horas después.")
    return _("Finales desde el {at}: ya no cambian.").format(at=_moment(since))


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
