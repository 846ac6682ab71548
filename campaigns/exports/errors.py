"""The errors of files of results; one meaning each."""

from datetime import date

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.errors import CampaignError


class ExportError(CampaignError):
    """Base of the errors of files of results."""

    code = "export_error"


class NothingToExport(ExportError):
    """No notification of the campaigns was counted on the days."""

    code = "nothing_to_export"

    def __init__(self) -> None:
        super().__init__(
            _("En esos días no se contó ninguna notificación: elige otros días u otra campaña.")
        )


class HoursNotKept(ExportError):
    """Hours by LADA were asked of days of which they are not kept; `since` is the first kept."""

    code = "hours_not_kept"

    def __init__(self, since: date) -> None:
        self.since = since
        super().__init__(
            _(
                "Las horas por LADA se guardan {days} días: hay desde el {since}. Empieza en ese "
                "día, o elige «Día y LADA» u «Hora», que se guardan siempre."
            ).format(days=settings.REPORT_HOURS_KEPT_DAYS, since=date_format(since, "DATE_FORMAT"))
        )


class TooManyRows(ExportError):
    """The file would have more rows than its format holds, or than the portal writes."""

    code = "too_many_rows"

    def __init__(self, rows: int, most: int, *, excel: bool) -> None:
        self.rows, self.most = rows, most
        message = (
            _(
                "Serían hasta {rows:,} filas y en una hoja de Excel caben {most:,}: elige CSV, "
                "menos días o un detalle con menos filas."
            )
            if excel
            else _(
                "Serían hasta {rows:,} filas y un archivo lleva a lo más {most:,}: elige una "
                "campaña, menos días o un detalle con menos filas."
            )
        )
        super().__init__(message.format(rows=rows, most=most))


class TooManyExports(ExportError):
    """As many files of the brand as may wait at once are not written yet."""

    code = "too_many_exports"

    def __init__(self, count: int) -> None:
        super().__init__(
            ngettext(
                "Tu marca ya tiene {n} archivo en preparación: espera a que esté listo.",
                "Tu marca ya tiene {n} archivos en preparación: espera a que alguno esté listo.",
                count,
            ).format(n=count)
        )
