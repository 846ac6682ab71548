"""Days as people write them, the day before the month: read where there is one reading."""

import re
import unicodedata
from datetime import date
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.calendar import MONTHS, WEEKDAYS
from core.problems import BadValue

LONGEST = 60  # characters of a day in words
SHORTEST_NAME = 3  # letters of the name of a month or weekday

_DASHES = re.compile("[\u2010-\u2015\u2212]")
_SEPARATORS = re.compile(r"\.?(?: ?[-/.,] ?| )|(?<=[0-9])(?=[a-z])|(?<=[a-z])(?=[0-9])")
_FIRST = re.compile(r"\b1 ?\.? ?(?:ero|er|ro|o)\b")  # "1.º de diciembre", "1ro", "1er"
_JOINED = re.compile(  # 05122026 or 20261205: no month is 19, 20 or 21, so never both
    r"(?P<day>[0-9]{2})(?P<month>[0-9]{2})(?P<year>(?:19|20|21)[0-9]{2})"
    r"|(?P<year_first>(?:19|20|21)[0-9]{2})(?P<month_next>[0-9]{2})(?P<day_last>[0-9]{2})"
)


def parse(value: str, *, short_years: bool = False) -> date:
    """Return the day that a person wrote: "5/12/2026", "5 dic 2026", "05122026" or "2026-12-05".

    Numbers are day, month and year, unless the year comes first; never the month before the day.
    With `short_years` "05-12-26" is a day of 2026. Raises BadValue.
    """
    if not value.strip():
        raise BadValue(gettext_lazy("Falta el día: escribe uno como 05/12/2026."))
    parts = _parts(value) if len(value) <= LONGEST else []
    weekday = parts.pop(0) if len(parts) == 4 and parts[0].isalpha() else ""
    match parts:
        case [joined] if found := _JOINED.fullmatch(joined):
            day, month, year = (text for text in found.groups() if text)
            if found["year_first"]:
                day, year = year, day
        case [year, month, day] if len(year) == 4 and year.isdecimal():
            pass
        case [month, day, year] if month.isalpha():
            pass
        case [day, month, year]:
            pass
        case _other:
            raise _not_a_day(value, parts)
    number = _month(month)
    is_short = short_years and re.fullmatch("[0-9]{2}", year)
    if not (number and re.fullmatch("[0-9]{1,2}", day)) or not (
        is_short or re.fullmatch("[0-9]{4}", year)
    ):
        raise _not_a_day(value, parts)
    return _checked(int(f"20{year}" if is_short else year), number, int(day), weekday, value)


class DayInput(forms.DateInput):
    """A text box for a day. A browser's own shows days in the order of the browser's language."""

    def __init__(self) -> None:
        attrs = {
            "autocomplete": "off",
            "inputmode": "numeric",
            "placeholder": gettext_lazy("dd/mm/aaaa"),
            "data-module": "day-field",
            "data-open": gettext_lazy("Abrir el calendario"),
        }
        super().__init__(attrs=attrs, format="%d/%m/%Y")


class DayField(forms.DateField):
    """A day, as people write it; a short year is one of this century."""

    widget = DayInput

    def to_python(self, value: Any) -> date | None:
        if not isinstance(value, str) or value in self.empty_values:
            return super().to_python(value)
        if not value.strip():
            return None
        try:
            return parse(value, short_years=True)
        except BadValue as error:
            raise forms.ValidationError(error.format_message(), code="invalid") from None

    def limit(self, first: date | None, last: date | None) -> None:
        """Offer the days from the first to the last in the calendar that a script opens."""
        for name, day in (("data-first", first), ("data-last", last)):
            if day is not None:
                self.widget.attrs[name] = day.isoformat()


class DaysFilter(forms.Form):
    """The first and the last day of a page's query string, in Mexican order or in ISO's.

    What cannot be read is left out and has an error; days in the wrong order are exchanged, with a
    notice.
    """

    desde = DayField(label=gettext_lazy("Desde"), required=False)
    hasta = DayField(label=gettext_lazy("Hasta"), required=False)

    def __init__(self, days: dict[str, Any]) -> None:
        super().__init__(days, auto_id="%s")
        self.notices: list[str] = []
        for field in self.fields.values():
            field.needed = True  # type: ignore[attr-defined]  # of a filter all is optional
        self.full_clean()
        self.data = days | {name: day for name, day in self.cleaned_data.items() if day}

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Read `desde` and `hasta` of a query string. Never fails."""
        return cls({name: query.get(name, "").strip() for name in cls.base_fields})

    def clean(self) -> dict[str, Any]:
        first, last = self.first, self.last
        if first and last and last < first:
            self.notices.append(_("La primera fecha era posterior a la última: se intercambiaron."))
            self.cleaned_data |= {"desde": last, "hasta": first}
        return self.cleaned_data

    @property
    def first(self) -> date | None:
        """The first day; None where it is not given or cannot be read."""
        return self.cleaned_data.get("desde")

    @property
    def last(self) -> date | None:
        """The last day; None where it is not given or cannot be read."""
        return self.cleaned_data.get("hasta")

    def limit(self, first: date | None, last: date | None) -> None:
        """Offer the days from the first to the last in the calendar that a script opens."""
        for field in self.fields.values():
            field.limit(first, last)  # type: ignore[attr-defined]

    def showing(self, first: date, last: date) -> Self:
        """Return the filter with the days that a page shows, and with what cannot be read."""
        shown = {"desde": first, "hasta": last}
        return type(self)(shown | {name: self.data[name] for name in self.errors})


def _parts(value: str) -> list[str]:
    """Return the numbers and names of a day in lower case, without accents and "de"."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKD", value).lower())
    kept = "".join(c for c in plain if unicodedata.category(c) not in {"Cf", "Mn"})
    text = _FIRST.sub("1", " ".join(kept.split()).rstrip("."))
    parts = [part for part in _SEPARATORS.split(text) if part not in {"de", "del"}]
    return parts if all(parts) else []


def _month(part: str) -> int:
    """Return the number of a month, or of its name or the first letters of it; 0 for neither."""
    if re.fullmatch("[0-9]{1,2}", part):
        return int(part)
    return _index(part, MONTHS) + 1


def _index(part: str, names: tuple[Any, ...]) -> int:
    """Return the place of the name that begins with some letters, -1 without one."""
    if len(part) < SHORTEST_NAME:
        return -1
    plain = (unicodedata.normalize("NFD", str(name)).replace("\u0301", "") for name in names)
    return next((at for at, name in enumerate(plain) if name.startswith(part)), -1)


def _checked(year: int, month: int, day: int, weekday: str, value: str) -> date:
    """Return the day, if there is one and it has that weekday. Raises BadValue."""
    try:
        found = date(year, month, day)
    except ValueError:
        if not (month > 12 >= day and value.strip()[-4:] == f"{year:04}"):
            message = _("«{value}» no existe en el calendario: corrige el día.")
            raise BadValue(message, value) from None
        other = f"{month:02}/{day:02}/{year:04}"
        message = _("«{value}» no existe: primero va el día. ¿Es {other}? Escríbela así.")
        raise BadValue(message.replace("{other}", other), value) from None
    if weekday and _index(weekday, WEEKDAYS) != found.weekday():
        message = _("«{value}» no es ese día de la semana: quítalo o corrige la fecha.")
        raise BadValue(message, value)
    return found


def _not_a_day(value: str, parts: list[str]) -> BadValue:
    if len(parts) == 2 and re.fullmatch("[0-9]{1,2}", parts[0]) and _month(parts[1]):
        message = _("A «{value}» le falta el año: escríbela como 05/12/2026.")
    else:
        message = _("«{value}» no es una fecha: escríbela como 05/12/2026.")
    return BadValue(message, value)
