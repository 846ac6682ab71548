"""The names of months and days as Mexico writes them: Django's es_MX prints "Noviembre"."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import dates
from django.utils.formats import date_format
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
WEEKDAYS = (
    _("lunes"),
    _("martes"),
    _("miércoles"),
    _("jueves"),
    _("viernes"),
    _("sábado"),
    _("domingo"),
)
WEEKDAYS_SHORT = (_("lun"), _("mar"), _("mié"), _("jue"), _("vie"), _("sáb"), _("dom"))


def install() -> None:
    """Put the names where Django's date formats read them; they are small letters in Spanish."""
    for names, django_names, first in (
        (MONTHS, dates.MONTHS, 1),
        (MONTHS, dates.MONTHS_ALT, 1),
        (MONTHS_SHORT, dates.MONTHS_3, 1),
        (MONTHS_SHORT, dates.MONTHS_AP, 1),
        (WEEKDAYS, dates.WEEKDAYS, 0),
        (WEEKDAYS_SHORT, dates.WEEKDAYS_ABBR, 0),
    ):
        django_names.update(enumerate(names, first))


def span_in_words(first: date, last: date) -> str:
    """Say a span: "del 5 al 11 de diciembre"; one day is "5 de diciembre"."""
    if first == last:
        return date_format(first, "j \\d\\e F")
    before = "j" if (first.year, first.month) == (last.year, last.month) else "j \\d\\e F"
    return _("del {first} al {last}").format(
        first=date_format(first, before), last=date_format(last, "j \\d\\e F")
    )


def days_in_words(days: Iterable[date]) -> str:
    """Say some days, those in a row as a span: "5 de diciembre y del 8 al 11 de diciembre"."""
    spans: list[tuple[date, date]] = []
    for day in sorted(days):
        if spans and day - spans[-1][1] == timedelta(1):
            spans[-1] = spans[-1][0], day
        else:
            spans.append((day, day))
    words = [span_in_words(*span) for span in spans]
    if len(words) < 2:
        return "".join(words)
    # Not Django's get_text_list: in its es_MX a comma has no space after it.
    return _("{some} y {last}").format(some=", ".join(words[:-1]), last=words[-1])
