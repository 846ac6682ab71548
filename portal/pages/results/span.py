"""The span of days of a report: from the address, or one of those that a click chooses."""

from datetime import date, timedelta
from typing import NamedTuple

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.calendar import format_date_range
from core.days import DaysFilter

WEEK = timedelta(days=6)  # from the first to the last of its days
DAY = timedelta(days=1)


class Preset(NamedTuple):
    """A span that a click chooses."""

    label: str
    first: date
    last: date


class Span(NamedTuple):
    """The span that a report displays, the form that changes it, and what to know of both."""

    first: date
    last: date
    form: DaysFilter
    presets: list[Preset]
    notices: list[str]

    @property
    def in_words(self) -> str:
        """Return the span as text, with its year."""
        span = format_date_range(self.first, self.last)
        text = _("{span} de {year}").format(span=span, year=self.last.year)
        return text[:1].upper() + text[1:]


def read(query: QueryDict, earliest: date, latest: date, today: date) -> Span:
    """Return the span that a query string asks for, by the first and the last day of campaigns.

    By default it is the last week, or all days where that has none. Where a day cannot be read, or
    the span has no days to show, it is the one that was displayed before (`antes_desde` and
    `antes_hasta`), and the form or the notices say why. Never fails.
    """
    form = DaysFilter.read(query)
    presets = presets_of(earliest, latest, today)
    week, _month, before, whole = presets
    floor = min(earliest, before.first)
    notices = list(form.notices)
    default = week if week.first <= latest else whole
    chosen = None if form.errors else _chosen(form, whole)
    if chosen and (chosen.last < floor or chosen.first > today):
        text = _("Del {first} al {last} no hay entregas que mostrar: sigue el periodo anterior.")
        notices.append(
            text.format(
                first=date_format(chosen.first, _("j b Y")),
                last=date_format(chosen.last, _("j b Y")),
            )
        )
        chosen = None
    if chosen is None and (form.errors or notices):
        before_this = DaysFilter({name: query.get(f"antes_{name}", "") for name in form.fields})
        chosen = None if before_this.errors else _chosen(before_this, whole)
    first, last = (chosen.first, chosen.last) if chosen else (default.first, default.last)
    if first < floor and first < last:
        notices.append(
            _("Antes del {day} no hay entregas: se muestra desde ese día.").format(
                day=date_format(floor, _(r"j \d\e F \d\e Y"))
            )
        )
    if last > today:
        notices.append(_("Después de hoy todavía no hay entregas: se muestra hasta hoy."))
    first, last = min(max(first, floor), today), max(min(last, today), floor)
    shown = form if form.errors else form.showing(first, last)
    return Span(first, last, shown, presets, notices)


def _chosen(form: DaysFilter, whole: Preset) -> Preset | None:
    """Return the span of a form without errors; None where it is empty."""
    if not (form.first or form.last):
        return None
    last = form.last or max(whole.last, form.first or whole.last)
    return Preset("", form.first or min(whole.first, last), last)


def presets_of(earliest: date, latest: date, today: date) -> list[Preset]:
    """Return the last week, this month, the one before, and all days, of campaigns."""
    month = today.replace(day=1)
    before = month - DAY
    return [
        Preset(_("Últimos 7 días"), today - WEEK, today),
        Preset(_("Este mes"), month, today),
        Preset(_("Mes pasado"), before.replace(day=1), before),
        Preset(_("Todo"), earliest, min(latest, today)),
    ]
