"""The days that a page of occupancy shows, as its address says."""

from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

USUAL = 30  # days of a window that nobody chose
BY_DAY = 45  # days, beyond which columns are weeks


class Window(NamedTuple):
    """The days that are looked at, within today and the last day on sale."""

    first: date
    last: date
    today: date
    end: date
    told: tuple[str, ...] = ()  # what of the question could not be meant

    @classmethod
    def asked(cls, query: QueryDict, horizon: tuple[date, date]) -> Self:
        """Read `desde` and `hasta`. Never fails: what cannot be meant is told and mended."""
        today, end = horizon
        told: list[str] = []
        first, last = (_read(query.get(name, ""), told) for name in ("desde", "hasta"))
        if first and last and last < first:
            told.append(_("La primera fecha era posterior a la última: se intercambiaron."))
            first, last = last, first
        if min(first or today, last or today) < today:
            told.append(_("Los días anteriores a hoy ya pasaron: se muestra desde hoy."))
        if max(first or end, last or end) > end:
            told.append(_("El último día a la venta es el {day}.").format(day=in_words(end)))
        first = min(max(first or today, today), end)
        if last is None or last < first:
            last = first + timedelta(USUAL - 1)
        return cls(first, min(last, end), today, end, tuple(told))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def by_week(self) -> bool:
        return self.days > BY_DAY

    @property
    def query(self) -> str:
        """The window as an address has it; empty for the usual one."""
        usual = min(self.today + timedelta(USUAL - 1), self.end)
        if (self.first, self.last) == (self.today, usual):
            return ""
        return self.address(self.first, self.last)

    @property
    def moves(self) -> list[tuple[str, str]]:
        """Where the window can go: words, and the address, empty where it cannot."""
        whole = (self.first, self.last) == (self.today, self.end)
        return [
            (_("30 días antes"), self._moved(-30)),
            (_("7 días antes"), self._moved(-7)),
            (_("7 días después"), self._moved(7)),
            (_("30 días después"), self._moved(30)),
            (_("Próximos 30 días"), "?" if self.query else ""),
            (_("Todo el horizonte"), "" if whole else self.address(self.today, self.end)),
        ]

    def day(self, number: int) -> date:
        return self.first + timedelta(number)

    def columns(self) -> list[tuple[date, date]]:
        """Give the first and last day of each column: days, or weeks that begin on Monday."""
        days = [self.day(number) for number in range(self.days)]
        if not self.by_week:
            return [(day, day) for day in days]
        weeks = (list(week) for _monday, week in groupby(days, _monday_of))
        return [(week[0], week[-1]) for week in weeks]

    def slices(self) -> list[slice]:
        """Give where each column lies among the window's days."""
        return [
            slice((first - self.first).days, (last - self.first).days + 1)
            for first, last in self.columns()
        ]

    def _moved(self, by: int) -> str:
        """Move it as a whole, until it meets today or the end."""
        room = self.today - self.first, self.end - self.last
        step = min(max(timedelta(by), room[0]), room[1])
        return self.address(self.first + step, self.last + step) if step else ""

    @staticmethod
    def address(first: date, last: date) -> str:
        return "?" + urlencode({"desde": first.isoformat(), "hasta": last.isoformat()})


def parse(text: str) -> date | None:
    """Read a day as addresses have it; None where it is none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _read(text: str, told: list[str]) -> date | None:
    day = parse(text)
    if text and day is None:
        told.append(
            _("«{text}» no es una fecha: escríbela como 2026-12-31.").format(text=text[:20])
        )
    return day


def _monday_of(day: date) -> date:
    return day - timedelta(day.weekday())


def in_percent(value: int) -> str:
    """Say a percent that does not part from its sign where a line breaks."""
    return f"{value}\N{NO-BREAK SPACE}%"


def in_words(day: date, form: str = r"l j \d\e F") -> str:
    return date_format(day, form)


def span(first: date, last: date) -> str:
    """Say a span of days in words: one day is named alone."""
    form = r"j \d\e F"
    if first == last:
        return _("el {day}").format(day=in_words(first))
    return _("del {first} al {last}").format(first=in_words(first, form), last=in_words(last, form))
