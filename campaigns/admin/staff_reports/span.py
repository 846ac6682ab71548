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
    end: date | None = None  # the last day that may be asked for, if there is one

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
        end = None if ahead else today
        form = asked.showing(first, last)
        form.limit(None, end)
        return cls(first, last, form, tuple(notices), end)

    @property
    def query(self) -> str:
        return self._address(self.first, self.last)

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
            self._after(days),
            *(
                (_("Últimos {n} días").format(n=n), yesterday - timedelta(n - 1), yesterday)
                for n in (7, 30, 90)
            ),
        ]
        return [
            (label, self._address(first, last) if not self.end or last <= self.end else "")
            for label, first, last in spans
        ]

    def _after(self, days: int) -> tuple[str, date, date]:
        """Return the days after these, fewer where there are no more to ask for."""
        first = self.last + timedelta(1)
        last = first + timedelta(days - 1)
        if self.end and first <= self.end:
            last = min(last, self.end)
        return _("Después"), first, last

    @staticmethod
    def _address(first: date, last: date) -> str:
        return "?" + urlencode({"desde": first.isoformat(), "hasta": last.isoformat()})


def format_day(day: date) -> str:
    """Return a day as the label of a bar."""
    return date_format(day, _(r"l j \d\e F"))
