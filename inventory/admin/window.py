"""The days of an occupancy page, read from its query string."""

from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.days import DaysFilter

DEFAULT_DAYS = 30
MAX_DAILY_COLUMNS = 45  # beyond so many days, columns are weeks


class Window(NamedTuple):
    """The days of a page, within today and the last day on sale."""

    first: date
    last: date
    today: date
    end: date
    form: DaysFilter  # with the days as shown, and what could not be read
    notices: tuple[str, ...] = ()  # corrections of the query, for people

    @classmethod
    def from_query(cls, query: QueryDict, horizon: tuple[date, date]) -> Self:
        """Read `desde` and `hasta`. Never fails: impossible values are corrected with a notice."""
        today, end = horizon
        asked = DaysFilter.read(query)
        first, last, notices = asked.first, asked.last, list(asked.notices)
        if min(first or today, last or today) < today:
            notices.append(_("Los días anteriores a hoy ya pasaron: se muestra desde hoy."))
        if max(first or end, last or end) > end:
            notices.append(_("El último día a la venta es el {day}.").format(day=format_day(end)))
        first = min(max(first or today, today), end)
        if last is None or last < first:
            last = first + timedelta(DEFAULT_DAYS - 1)
        last = min(last, end)
        form = asked.showing(first, last)
        form.limit(today, end)
        return cls(first, last, today, end, form, tuple(notices))

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    @property
    def by_week(self) -> bool:
        """Whether columns are weeks."""
        return self.days > MAX_DAILY_COLUMNS

    @property
    def query(self) -> str:
        """The query string of the window; empty for the default one."""
        default = min(self.today + timedelta(DEFAULT_DAYS - 1), self.end)
        if (self.first, self.last) == (self.today, default):
            return ""
        return self.query_for(self.first, self.last)

    @property
    def links(self) -> list[tuple[str, str]]:
        """Labels and query strings of other windows; empty where there is no such window."""
        whole = (self.first, self.last) == (self.today, self.end)
        return [
            (_("30 días antes"), self._moved(-30)),
            (_("7 días antes"), self._moved(-7)),
            (_("7 días después"), self._moved(7)),
            (_("30 días después"), self._moved(30)),
            (_("Próximos 30 días"), "?" if self.query else ""),
            (_("Todo el horizonte"), "" if whole else self.query_for(self.today, self.end)),
        ]

    def day(self, number: int) -> date:
        """Return the day with a number, from 0."""
        return self.first + timedelta(number)

    def columns(self) -> list[tuple[date, date]]:
        """Return the first and last day of each column: days, or weeks from Monday to Sunday."""
        days = [self.day(number) for number in range(self.days)]
        if not self.by_week:
            return [(day, day) for day in days]
        weeks = (list(week) for _monday, week in groupby(days, _monday_of))
        return [(week[0], week[-1]) for week in weeks]

    def slices(self) -> list[slice]:
        """Return the numbers of each column's days."""
        return [
            slice((first - self.first).days, (last - self.first).days + 1)
            for first, last in self.columns()
        ]

    def _moved(self, by: int) -> str:
        """Return the query string of the window moved by some days, within today and the end."""
        least, most = self.today - self.first, self.end - self.last
        step = min(max(timedelta(by), least), most)
        return self.query_for(self.first + step, self.last + step) if step else ""

    @staticmethod
    def query_for(first: date, last: date) -> str:
        return "?" + urlencode({"desde": first.isoformat(), "hasta": last.isoformat()})


def _monday_of(day: date) -> date:
    return day - timedelta(day.weekday())


def format_percent(value: int) -> str:
    """Return a percent with a no-break space before its sign."""
    return f"{value}\N{NO-BREAK SPACE}%"


def format_day(day: date, template: str = r"l j \d\e F") -> str:
    """Return a day as text, in Django's date format."""
    return date_format(day, _(template))


def format_span(first: date, last: date) -> str:
    """Return a span of days as text."""
    template = r"j \d\e F"
    if first == last:
        return _("el {day}").format(day=format_day(first))
    return _("del {first} al {last}").format(
        first=format_day(first, template), last=format_day(last, template)
    )
