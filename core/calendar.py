"""Names of months and weekdays in Spanish of Mexico, and dates and ranges formatted with them."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import dates
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

MONTHS = (
    _("enero"),
    _("febrero"),
    _("marzo"),
    _("abril"),
    _("mayo"),
    _("junio"),
    _("julio"),
    _("agosto"),
    _("septiembre"),
    _("octubre"),
    _("noviembre"),
    _("diciembre"),
)
MONTHS_SHORT = (
    _("ene"),
    _("feb"),
    _("mar"),
    _("abr"),
    _("may"),
    _("jun"),
    _("jul"),
    _("ago"),
    _("sep"),
    _("oct"),
    _("nov"),
    _("dic"),
)
SATURDAY = 5  # date.weekday()
WEEKDAYS = (
    _("lunes"),
    _("martes"),
    _("miércoles"),
    _("jueves"),
    _("viernes"),
    _("sábado"),
    _("domingo"),
)
WEEKDAYS_SHORT = (
    _("lun"),
    pgettext_lazy("día", "mar"),
    _("mié"),
    _("jue"),
    _("vie"),
    _("sáb"),
    _("dom"),
)


def install_names() -> None:
    """Replace the names of Django's date formats, which es_MX capitalizes ("Noviembre")."""
    replacements: tuple[tuple[Sequence[Promise], dict[int, Any], int], ...] = (
        (MONTHS, dates.MONTHS, 1),
        (MONTHS, dates.MONTHS_ALT, 1),
        (MONTHS_SHORT, dates.MONTHS_3, 1),
        (MONTHS_SHORT, dates.MONTHS_AP, 1),
        (WEEKDAYS, dates.WEEKDAYS, 0),
        (WEEKDAYS_SHORT, dates.WEEKDAYS_ABBR, 0),
    )
    for names, django_names, first in replacements:
        django_names.update(enumerate(names, first))


def format_date_range(first: date, last: date) -> str:
    """Return a range of days as text: "del 5 al 11 de diciembre"; one day is "5 de diciembre"."""
    if first == last:
        return date_format(first, gettext("j \\d\\e F"))
    is_one_month = (first.year, first.month) == (last.year, last.month)
    first_format = gettext("j") if is_one_month else gettext("j \\d\\e F")
    return _("del {first} al {last}").format(
        first=date_format(first, first_format), last=date_format(last, gettext("j \\d\\e F"))
    )


def format_dates(days: Iterable[date]) -> str:
    """Return days as text, consecutive ones as a range.

    "5 de diciembre y del 8 al 11 de diciembre"; the empty string for no days.
    """
    ranges: list[tuple[date, date]] = []
    for day in sorted(days):
        if ranges and day - ranges[-1][1] == timedelta(1):
            ranges[-1] = ranges[-1][0], day
        else:
            ranges.append((day, day))
    parts = [format_date_range(first, last) for first, last in ranges]
    if len(parts) < 2:
        return "".join(parts)
    # Not Django's get_text_list: in its es_MX a comma has no space after it.
    return _("{some} y {last}").format(some=", ".join(parts[:-1]), last=parts[-1])


def add_working_days(day: date, count: int) -> date:
    """Return the last of the next `count` working days, Monday to Friday, after a day."""
    for _number in range(count):
        day += timedelta(days=1)
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
    return day
