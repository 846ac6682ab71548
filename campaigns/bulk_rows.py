"""One row of a file of campaigns: what it would make, and what is wrong with it."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import ad_text, readiness
from campaigns.ad_text.marked_copy import words_changed
from campaigns.models import Campaign
from campaigns.models.campaign import MAX_VOLUME
from core import sheets
from core.sheets import BadValue
from segments import areas, gazetteer
from segments.areas import Area
from segments.models import State
from segments.models.places import unaccented

# The column of each term, in the order of a file.
COLUMNS: Mapping[str, str] = {
    "name": "nombre",
    "use": "uso",
    "promotion_ends_on": "vigencia",
    "text": "texto",
    "area": "zona",
    "excluded": "excepto",
    "starts_on": "primer_dia",
    "ends_on": "ultimo_dia",
    "volume": "notificaciones",
    "daily_cap": "tope_diario",
}
MOST_TEXT = 2_000  # characters of a draft's text
MOST_NAME = 80

_USES = {
    "": Campaign.Use.BROADCAST,
    "difusion": Campaign.Use.BROADCAST,
    "promocion": Campaign.Use.PROMOTION,
}
_NATION = {"todo mexico", "todo el pais", "todo", "mexico", "nacional", "pais"}

Terms: TypeAlias = dict[str, Any]


class Finding(NamedTuple):
    """What is wrong or missing in one column, in words."""

    column: str
    told: str


class Verdict(NamedTuple):
    """What would become of a row.

    `wrong` makes nothing; `pending` makes a draft that still lacks something; `ready` makes
    one that can be sent. `fixed` is the text with all that has one right answer mended,
    empty where nothing is; `changes` are its words before and after.
    """

    line: int
    kind: str
    name: str
    findings: list[Finding]
    terms: Terms
    where: str = ""
    fixed: str = ""
    changes: Sequence[tuple[str, str]] = ()

    @property
    def makes(self) -> bool:
        return self.kind != "wrong"


class Reader:
    """Judges rows, one after the other; it remembers them to find those that are there twice."""

    def __init__(self) -> None:
        self._places = gazetteer.current()
        self._states = _state_names()
        self._seen: dict[str, int] = {}

    def judge(self, line: int, values: Sequence[str], odd: str = "") -> Verdict:
        """Say what a row would make. Never fails."""
        if odd:
            return Verdict(line, "wrong", values[0] if values else "", [Finding("", odd)], {})
        row = dict(zip(COLUMNS, values, strict=True))
        terms, findings = self._read(row)
        if not findings:
            before = self._seen.setdefault(repr(sorted(terms.items())), line)
            if before != line:
                told = _("Es igual a la línea {before}: quita una.").format(before=before)
                findings.append(Finding("", told))
        if findings:
            return Verdict(line, "wrong", row["name"], findings, {})
        return self._pending_or_ready(line, terms)

    def _pending_or_ready(self, line: int, terms: Terms) -> Verdict:
        text = terms["text"]
        fixed = ad_text.fix(text, limit=settings.AD_TEXT_LIMIT)
        changes = words_changed(text, fixed.changes)
        problems = readiness.problems(Campaign(**terms))
        if "text" in problems and changes:
            problems["text"] = _of_text(text, fixed)
        lacking = [
            Finding(COLUMNS[name], told) for name, lines in problems.items() for told in lines
        ]
        return Verdict(
            line,
            "pending" if lacking else "ready",
            terms["name"],
            lacking,
            terms,
            areas.describe(Area.from_json(terms["area"]), self._places) if terms["area"] else "",
            fixed.text if changes else "",
            changes,
        )

    def _read(self, row: Mapping[str, str]) -> tuple[Terms, list[Finding]]:
        readers: dict[str, Callable[[str], Any]] = {
            "name": _name,
            "use": _use,
            "promotion_ends_on": _day,
            "text": _text,
            "area": self._area,
            "excluded": self._excluded,
            "starts_on": _day,
            "ends_on": _day,
            "volume": _count,
            "daily_cap": _count,
        }
        terms: Terms = {}
        findings = []
        for term, reader in readers.items():
            try:
                terms[term] = reader(row[term])
            except BadValue as error:
                findings.append(Finding(COLUMNS[term], error.format_message()))
        if not findings:
            terms["area"] = _less(terms["area"], terms.pop("excluded"), findings)
            if terms["use"] != Campaign.Use.PROMOTION:
                terms["promotion_ends_on"] = None
        return terms, findings

    def _area(self, value: str) -> Area | None:
        """Read "todo México", or states and LADAs parted by commas. Raises BadValue."""
        if not value:
            return None
        if unaccented(value) in _NATION:
            return Area(nationwide=True)
        states, ladas = set(), set()
        for part in filter(None, (part.strip() for part in re.split(r"[,;/|\n]", value))):
            if any(character.isdigit() for character in part):
                ladas |= self._codes(part)
            else:
                states.add(self._state(part))
        return Area(states=frozenset(states), ladas=frozenset(ladas))

    def _excluded(self, value: str) -> set[str]:
        return self._codes(value) if value else set()

    def _codes(self, text: str) -> set[str]:
        codes = areas.parse_codes(text, self._places)
        if codes.unknown or not codes.known:
            raise BadValue(
                gettext_lazy("«{value}» no es una LADA: escribe claves como 55, 33 o 664."),
                ", ".join(codes.unknown) or text,
            )
        return set(codes.known)

    def _state(self, name: str) -> str:
        key = unaccented(name).replace(".", "")
        if key in self._states:
            return self._states[key]
        near = difflib.get_close_matches(key, self._states, n=1)
        if not near:
            raise BadValue(
                gettext_lazy(
                    "«{value}» no es un estado: escribe «todo México», estados o LADA, "
                    "separados por comas."
                ),
                name,
            )
        meant = self._places.states[self._states[near[0]]]
        raise BadValue(
            _("«{value}» no es un estado: ¿querías decir {meant}?").replace("{meant}", meant), name
        )


def _state_names() -> dict[str, str]:
    """Give the code of each state by every name it goes by, without accents or dots."""
    rows = State.objects.values_list("code", "common_name", "name", "abbreviation")
    return {unaccented(name).replace(".", ""): code for code, *names in rows for name in names}


def _less(area: Area | None, excluded: Iterable[str], findings: list[Finding]) -> dict[str, Any]:
    """Take LADAs out of a choice, as a campaign stores it; say where none is left to take from."""
    if area is None:
        if excluded:
            findings.append(Finding("excepto", _("Excluye LADA de una zona que falta: pon zona.")))
        return {}
    return Area(
        area.nationwide, area.states, area.ladas, frozenset(), frozenset(excluded)
    ).to_json()


def _of_text(text: str, fixed: ad_text.Fixed) -> list[str]:
    """Name in one line all that the fix mends, and then what only a person can decide."""
    found = ad_text.check(text, limit=settings.AD_TEXT_LIMIT)
    mended = dict.fromkeys(f"«{problem.offending}»" for problem in found if problem.fix is not None)
    told = _("No se puede enviar: {signs}. Abajo está corregido.").format(signs=", ".join(mended))
    undecided = [problem.message for problem in fixed.undecided]
    return [told, *undecided] if mended else undecided


def _name(value: str) -> str:
    if not value:
        raise BadValue(gettext_lazy("Falta el nombre: ponle uno para reconocerla en tu lista."))
    if len(value) > MOST_NAME:
        raise BadValue(_("El nombre pasa de {most} caracteres: acórtalo.").format(most=MOST_NAME))
    if "\0" in value:
        raise BadValue(gettext_lazy("El nombre trae un carácter nulo: escríbelo de nuevo."))
    return value


def _text(value: str) -> str:
    if len(value) > MOST_TEXT:
        raise BadValue(_("El texto pasa de {most:,} caracteres: acórtalo.").format(most=MOST_TEXT))
    return value


def _use(value: str) -> Campaign.Use:
    if (key := unaccented(value)) not in _USES:
        raise BadValue(gettext_lazy("«{value}» no es un uso: escribe difusión o promoción."), value)
    return _USES[key]


def _day(value: str) -> Any:
    return sheets.parse_date(value) if value else None


def _count(value: str) -> int | None:
    if not value:
        return None
    if not 1 <= (number := sheets.parse_count(value)) <= MAX_VOLUME:
        raise BadValue(
            _("«{value}» no se puede pedir: escribe de 1 a {most}.").replace(
                "{most}", f"{MAX_VOLUME:,}"
            ),
            value,
        )
    return number
