"""The channel days of a report, read from its query string."""

from datetime import date, timedelta
from typing import NamedTuple, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.days import DaysFilter

MAX_DAYS = 92
USUAL = 30  # days


class Span(NamedTuple):
    """The first and last day, the form that shows them, and corrections of the query."""

    first: date
    last: date
    form: DaysFilter
    notices: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict, *, ahead: int = 0) -> Self:
        """Read `desde` and `hasta`. Never fails: what is impossible is corrected with a notice.

        The usual days end yesterday, or `ahead` days after today; later ones may be asked for
        only where there is something ahead.
        """
        today = timezone.localdate()
        asked = DaysFilter.read(query)
        notices = list(asked.notices)
        usual = today + timedelta(ahead or -1)
        last = asked.last or max(usual, asked.first or usual)
        if not ahead and last > today:
            notices.append(
                _("Los días por venir no tienen nada que reportar: se muestra hasta hoy.")
            )
            last = today
        first = min(asked.first or last - timedelta(USUAL - 1), last)
        if (last - first).days >= MAX_DAYS:
            message = _("Son más de {most} días: se muestran los últimos.")
            notices.append(message.format(most=MAX_DAYS))
            first = last - timedelta(MAX_DAYS - 1)
        return cls(first, last, asked.showing(first, last), tuple(notices))

    @property
    def query(self) -> str:
        return urlencode({"desde": self.first.isoformat(), "hasta": self.last.isoformat()})

    @property
    def words(self) -> str:
        """Return the days as text: "del 3 al 20 de mayo de 2026"."""
        template = r"j \d\e F \d\e Y"
        if self.first == self.last:
            return _("el {day}").format(day=date_format(self.first, template))
        return _("del {first} al {last}").format(
            first=date_format(self.first, template), last=date_format(self.last, template)
        )

    @property
    def links(self) -> list[tuple[str, str]]:
        """Labels and query strings of other days."""
        days = (self.last - self.first).days + 1
        yesterday = timezone.localdate() - timedelta(1)
        spans = [
            (_("Antes"), self.first - timedelta(days), self.first - timedelta(1)),
            (_("Después"), self.last + timedelta(1), self.last + timedelta(days)),
            *(
                (_("Últimos {n} días").format(n=n), yesterday - timedelta(n - 1), yesterday)
                for n in (7, 30, 90)
            ),
        ]
        return [
            (label, "?" + urlencode({"desde": first.isoformat(), "hasta": last.isoformat()}))
            for label, first, last in spans
        ]


def format_day(day: date) -> str:
    """Return a day as the label of a bar."""
    return date_format(day, r"l j \d\e F")
