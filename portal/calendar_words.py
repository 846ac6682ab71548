"""The names of months and days as Mexico writes them: Django's es_MX prints "Noviembre"."""

from django.utils import dates
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
