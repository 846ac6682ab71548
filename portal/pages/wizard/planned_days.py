"""What is planned by day, in a sentence and without holes."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import charts
from core.calendar import format_date_range


def every_day(counts: Mapping[date, int]) -> dict[date, int]:
    """Give every day from the first to the last, those with nothing as 0."""
    first, last = min(counts), max(counts)
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    return {day: counts.get(day, 0) for day in days}


def drawn(counts: Mapping[date, int], kind: str) -> dict[str, Any]:
    """Give `components/day_chart.html` what is planned by day: `kind` is planned or held."""
    every = every_day(counts)
    return {
        "chart": charts.daily_chart({day: [(kind, count)] for day, count in every.items()}),
        "told": in_words(counts),
        "span": format_date_range(min(counts), max(counts)),
        "days": counts,
        "total": sum(counts.values()),
    }


def in_words(counts: Mapping[date, int]) -> str:
    """Say in one sentence how much is planned, when, and on which day the most."""
    total, most = sum(counts.values()), max(counts.values())
    span = format_date_range(min(counts), max(counts))
    said = {"total": intcomma(total), "span": span, "most": intcomma(most)}
    if len(counts) == 1:
        return _("{total} notificaciones planeadas, todas el {span}.").format(**said)
    if most == min(every_day(counts).values()):
        return _("{total} notificaciones planeadas {span}: {most} cada día.").format(**said)
    day = date_format(next(day for day in counts if counts[day] == most), r"l j \d\e F")
    return _(
        "{total} notificaciones planeadas {span}; el día con más es el {day}, con {most}."
    ).format(**said, day=day)
