"""The plan of a reservation by day: chart, sentence and figures."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import charts
from core.calendar import format_date_range


def every_day(counts: Mapping[date, int]) -> dict[date, int]:
    """Return every day from the first to the last, with 0 for those that have no count."""
    first, last = min(counts), max(counts)
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    return {day: counts.get(day, 0) for day in days}


def chart_context(counts: Mapping[date, int], kind: str) -> dict[str, Any]:
    """Return the context of `components/day_chart.html`. `kind` is "planned" or "held"."""
    days = every_day(counts)
    return {
        "chart": charts.daily_chart({day: [(kind, count)] for day, count in days.items()}),
        "sentence": sentence(counts),
        "span": format_date_range(min(counts), max(counts)),
        "days": counts,
        "total": sum(counts.values()),
    }


def sentence(counts: Mapping[date, int]) -> str:
    """Return one sentence: how much is planned, when, and the day with the most."""
    total, most = sum(counts.values()), max(counts.values())
    span = format_date_range(min(counts), max(counts))
    values = {"total": intcomma(total), "span": span, "most": intcomma(most)}
    if len(counts) == 1:
        return _("{total} notificaciones planeadas, todas el {span}.").format(**values)
    if most == min(every_day(counts).values()):
        return _("{total} notificaciones planeadas {span}: {most} cada día.").format(**values)
    day = date_format(next(day for day in counts if counts[day] == most), _(r"l j \d\e F"))
    return _(
        "{total} notificaciones planeadas {span}; el día con más es el {day}, con {most}."
    ).format(**values, day=day)
