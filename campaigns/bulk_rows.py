"""Previews of the rows of a file of campaigns: the draft that each one makes, or its problems."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import ad_text, links, readiness, text_limit
from campaigns.ad_text.display import words_changed
from campaigns.models import Campaign
from core import counts, days, encodings
from core.problems import BadValue
from segments import area_words, areas, gazetteer
from segments.areas import Area, AreaError
from segments.models.places import unaccented

# The column of each term, in the order of a file; a file may lack the last one.
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
    "destination": "destino",
}
# The other columns of the list of campaigns, which are for people: a file of it can be sent again.
INFORMATIVE_COLUMNS = (
    *("folio", "estado", "lada", "creada", "enviada_version"),
    *("con_anuncio", "entregadas", "hasta"),
)
MAX_TEXT_LENGTH = 2_000  # characters of a draft's text
MAX_NAME_LENGTH = 80

_USES = {
    "": Campaign.Use.BROADCAST,
    "difusion": Campaign.Use.BROADCAST,
    "promocion": Campaign.Use.PROMOTION,
}

DraftTerms: TypeAlias = dict[str, Any]


class RowProblem(NamedTuple):
    """A problem of one column; `message` is for people, in Spanish."""

    column: str  # empty: the row as a whole
    message: str


class RowPreview(NamedTuple):
    """The preview of a row of the file: what it would create.

    A `wrong` row creates nothing, a `pending` one a draft that is incomplete, a `ready` one a
    draft that can be submitted. `fixed` is the text with all automatic fixes applied, empty
    where there are none; `changes` are the changed words, before and after.
    """

    line: int
    status: str
    name: str
    problems: list[RowProblem]
    terms: DraftTerms
    where: str = ""
    fixed: str = ""
    changes: Sequence[tuple[str, str]] = ()

    @property
    def makes_draft(self) -> bool:
        return self.status != "wrong"


class RowReader:
    """Reads rows one after the other, and remembers them to report duplicates."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._places = gazetteer.current()
        self._seen: dict[str, int] = {}

    def preview(self, line: int, values: Sequence[str], error: str = "") -> RowPreview:
        """Return what a row would create. Never raises.

        `error` is what the reader of the file found wrong with the row as a whole.
        """
        if error:
            name = values[0] if values else ""
            return RowPreview(line, "wrong", name, [RowProblem("", error)], {})
        row = dict.fromkeys(COLUMNS, "") | dict(zip(COLUMNS, values, strict=False))
        terms, problems = self._read(row)
        if not problems:
            before = self._seen.setdefault(repr(sorted(terms.items())), line)
            if before != line:
                message = _("Es igual a la línea {before}: quita una.").format(before=before)
                problems.append(RowProblem("", message))
        if problems:
            return RowPreview(line, "wrong", row["name"], problems, {})
        return self._preview_draft(line, terms)

    def _preview_draft(self, line: int, terms: DraftTerms) -> RowPreview:
        text = terms["text"]
        fixed = ad_text.fix(text, limit=text_limit.current())
        changes = words_changed(text, fixed.changes)
        found = readiness.problems(Campaign(**terms), self._now)
        if "text" in found and changes:
            found["text"] = _text_problems(text, fixed)
        problems = [
            RowProblem(COLUMNS[name], message)
            for name, messages in found.items()
            for message in messages
        ]
        return RowPreview(
            line,
            "pending" if problems else "ready",
            terms["name"],
            problems,
            terms,
            areas.describe(Area.from_json(terms["area"]), self._places) if terms["area"] else "",
            fixed.text if changes else "",
            changes,
        )

    def _read(self, row: Mapping[str, str]) -> tuple[DraftTerms, list[RowProblem]]:
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
            "destination": _destination,
        }
        terms: DraftTerms = {}
        problems: list[RowProblem] = []
        for term, reader in readers.items():
            try:
                if term != "destination" and (damage := encodings.damage(row[term])):
                    problems.append(RowProblem(COLUMNS[term], damage))
                else:
                    terms[term] = reader(row[term])
            except BadValue as error:
                problems.append(RowProblem(COLUMNS[term], error.format_message()))
            except AreaError as error:
                problems.append(RowProblem(COLUMNS[term], error.message))
        if not problems:
            terms["area"] = _exclude(terms["area"], terms.pop("excluded"), problems)
            if terms["use"] != Campaign.Use.PROMOTION:
                terms["promotion_ends_on"] = None
        return terms, problems

    def _area(self, value: str) -> Area | None:
        return area_words.read(value, self._places) if value else None

    def _excluded(self, value: str) -> Area | None:
        return area_words.read_places(value, self._places) if value else None


def _exclude(
    area: Area | None, excluded: Area | None, problems: list[RowProblem]
) -> dict[str, Any]:
    """Return an area without other places, as a campaign stores it.

    Add a problem where there is no area to exclude them from.
    """
    if area is None:
        if excluded:
            problems.append(
                RowProblem("excepto", _("Excluye lugares de una zona que falta: pon zona."))
            )
        return {}
    if excluded:
        area = replace(
            area,
            excluded_states=area.excluded_states | excluded.states,
            excluded_ladas=area.excluded_ladas | excluded.ladas,
        )
    return area.to_json()


def _text_problems(text: str, fixed: ad_text.FixedText) -> list[str]:
    """Return one message on all that the fix corrects, then those that only a person can decide."""
    found = ad_text.check(text, limit=text_limit.current())
    signs = dict.fromkeys(f"«{problem.offending}»" for problem in found if problem.fix is not None)
    message = _("No se puede enviar: {signs}. Abajo está corregido.").format(signs=", ".join(signs))
    undecided = [problem.message for problem in fixed.undecided]
    return [message, *undecided] if signs else undecided


def _name(value: str) -> str:
    if not value:
        raise BadValue(gettext_lazy("Falta el nombre: ponle uno para reconocerla en tu lista."))
    if len(value) > MAX_NAME_LENGTH:
        raise BadValue(
            _("El nombre pasa de {most} caracteres: acórtalo.").format(most=MAX_NAME_LENGTH)
        )
    if "\0" in value:
        raise BadValue(gettext_lazy("El nombre trae un carácter nulo: escríbelo de nuevo."))
    return value


def _text(value: str) -> str:
    if len(value) > MAX_TEXT_LENGTH:
        raise BadValue(
            _("El texto pasa de {most:,} caracteres: acórtalo.").format(most=MAX_TEXT_LENGTH)
        )
    return value


def _destination(value: str) -> str:
    if len(value) > links.MAX_URL_LENGTH:
        raise BadValue(gettext_lazy("Esa dirección es demasiado larga: usa una corta."))
    return value


def _use(value: str) -> Campaign.Use:
    if (key := unaccented(value)) not in _USES:
        raise BadValue(gettext_lazy("«{value}» no es un uso: escribe difusión o promoción."), value)
    return _USES[key]


def _day(value: str) -> Any:
    return days.parse(value) if value else None


def _count(value: str) -> int | None:
    if not value:
        return None
    if not 1 <= (number := counts.parse(value)) <= settings.MAX_ORDER:
        raise BadValue(
            _("«{value}» no se puede pedir: escribe de 1 a {most}.").replace(
                "{most}", f"{settings.MAX_ORDER:,}"
            ),
            value,
        )
    return number
