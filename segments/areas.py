"""Areas: a choice of states and LADAs with exclusions, resolved to a set of LADAs."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from segments.gazetteer import Gazetteer, current

MAX_NAMES = 3  # in a sentence before "y N más"
MAX_CODES = 10

CodeKind = Literal["state", "lada"]


class AreaError(ValueError):
    """An area that cannot be used. The message explains in Spanish how to fix it."""

    code = "bad_area"

    @property
    def message(self) -> str:
        return str(self)


class MalformedArea(AreaError):
    """The JSON value is not an area."""


class EmptyArea(AreaError):
    """The area resolves to no LADA."""


class UnknownCode(AreaError):
    """The area names states or LADAs that are not in the catalogue."""

    def __init__(self, codes: Iterable[str], kind: CodeKind) -> None:
        self.codes, self.kind = tuple(sorted(codes)), kind
        names = join_codes(self.codes)
        if kind == "state":
            message = ngettext(
                "Este estado no existe: %(codes)s. Quítalo o usa su clave (Jalisco es 14).",
                "Estos estados no existen: %(codes)s. Quítalos o usa sus claves (Jalisco es 14).",
                len(self.codes),
            )
        else:
            message = ngettext(
                "Esta LADA no existe: %(codes)s. Quítala o corrígela (por ejemplo, 55 o 664).",
                "Estas LADA no existen: %(codes)s. Quítalas o corrígelas (por ejemplo, 55 o 664).",
                len(self.codes),
            )
        super().__init__(message % {"codes": names})


@dataclass(frozen=True)
class Area:
    """The area where an ad text is displayed: the whole country, or states and LADAs, less others.

    Codes are INEGI's for states ("09") and the dialled ones for LADAs ("55"). The more specific
    level takes precedence, and exclusions do within a level: first the country or its states,
    less the excluded states; then the LADAs named one by one, less the excluded LADAs.

    A LADA that spans two states is included with either, and excluded with either: a brand that
    excludes a state wants to reach nobody there. Such a LADA can be included by naming it
    ("Todo México, más 322 Puerto Vallarta, menos Jalisco").
    """

    nationwide: bool = False
    states: frozenset[str] = frozenset()
    ladas: frozenset[str] = frozenset()
    excluded_states: frozenset[str] = frozenset()
    excluded_ladas: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Return the value that a JSONField stores: the five members, with sorted lists."""
        return {
            "nationwide": self.nationwide,
            "states": sorted(self.states),
            "ladas": sorted(self.ladas),
            "excluded_states": sorted(self.excluded_states),
            "excluded_ladas": sorted(self.excluded_ladas),
        }

    @classmethod
    def from_json(cls, value: object) -> "Area":
        """Return the area of a value of `to_json`. Missing lists are empty.

        Only the structure is validated; `resolve` checks that the codes exist.
        Raises MalformedArea.
        """
        names = [field.name for field in fields(cls)]
        if not isinstance(value, dict):
            raise MalformedArea(
                _("La zona debe ser un objeto con estos miembros: %(names)s.")
                % {"names": ", ".join(names)}
            )
        if unknown := [str(name) for name in value if name not in names]:
            raise MalformedArea(
                _("La zona no tiene un miembro %(odd)s. Los que hay: %(names)s.")
                % {"odd": f"«{unknown[0][:20]}»", "names": ", ".join(names)}
            )
        nationwide = value.get("nationwide", False)
        if not isinstance(nationwide, bool):
            raise MalformedArea(_("«nationwide» debe ser true o false."))
        return cls(
            nationwide,
            _codes(value, "states", 2, 2),
            _codes(value, "ladas", 2, 3),
            _codes(value, "excluded_states", 2, 2),
            _codes(value, "excluded_ladas", 2, 3),
        )


def _codes(value: Mapping[str, Any], name: str, shortest: int, longest: int) -> frozenset[str]:
    codes = value.get(name, [])
    if not isinstance(codes, list):
        raise MalformedArea(_("«%(name)s» debe ser una lista de claves.") % {"name": name})
    for code in codes:
        if not isinstance(code, str) or not re.fullmatch(f"[0-9]{{{shortest},{longest}}}", code):
            raise MalformedArea(
                _("«%(name)s» lleva claves entre comillas, como %(example)s; %(code)s no lo es.")
                % {
                    "name": name,
                    "example": '"09"' if longest == 2 else '"55"',
                    "code": repr(code)[:20],
                }
            )
    return frozenset(codes)


def resolve(area: Area, gazetteer: Gazetteer | None = None) -> tuple[str, ...]:
    """Return the LADAs of an area, sorted as text ("222" before "33").

    Raises UnknownCode (for included and excluded codes) or EmptyArea.
    """
    gazetteer = gazetteer or current()
    if unknown := (area.states | area.excluded_states) - gazetteer.states.keys():
        raise UnknownCode(unknown, "state")
    if unknown := (area.ladas | area.excluded_ladas) - gazetteer.cities.keys():
        raise UnknownCode(unknown, "lada")
    if not (area.nationwide or area.states or area.ladas):
        raise EmptyArea(_("No has elegido zonas. Elige «Todo México», un estado o una LADA."))
    ladas = (ladas_of_states(area, gazetteer) | area.ladas) - area.excluded_ladas
    if not ladas:
        raise EmptyArea(
            _("Lo que excluyes deja la zona sin LADA. Quita una exclusión o agrega otra LADA.")
        )
    return tuple(sorted(ladas))


def ladas_of_states(area: Area, gazetteer: Gazetteer) -> frozenset[str]:
    """Return the LADAs of an area's states, or of the country, less those of excluded states."""
    none: frozenset[str] = frozenset()
    included = gazetteer.states.keys() if area.nationwide else area.states
    ladas = none.union(*(gazetteer.ladas_of.get(state, none) for state in included))
    return ladas.difference(
        *(gazetteer.ladas_of.get(state, none) for state in area.excluded_states)
    )


def excluded_codes(area: Area, gazetteer: Gazetteer) -> frozenset[str]:
    """Return the LADAs that an area excludes, those of its excluded states included."""
    none: frozenset[str] = frozenset()
    excluded = none.union(*(gazetteer.ladas_of.get(code, none) for code in area.excluded_states))
    return excluded - area.ladas | area.excluded_ladas


def neighbours(area: Area, ladas: Collection[str], gazetteer: Gazetteer | None = None) -> set[str]:
    """Return the other LADAs of the states that an area reaches, less those that it excludes.

    `ladas` are those of the area, as `resolve` returns them.
    """
    ladas_of = (gazetteer or current()).ladas_of
    reached = (of_state for of_state in ladas_of.values() if not of_state.isdisjoint(ladas))
    excluded = (ladas_of.get(code, frozenset()) for code in area.excluded_states)
    return set().union(*reached).difference(ladas, area.excluded_ladas, *excluded)


def describe(area: Area, gazetteer: Gazetteer | None = None, *, limit: int = MAX_NAMES) -> str:
    """Return an area as one sentence for people, without a full stop.

    It has at most `limit` names of a kind; the others are counted.

    "Jalisco (47 LADA), más 55 Ciudad de México, menos 33 Guadalajara". Never raises: a code
    that is not in the catalogue (any more) is written as a bare code.
    """
    gazetteer = gazetteer or current()
    chosen = [_("Todo México")] if area.nationwide else _states(area.states, gazetteer)
    named = _ladas(area.ladas - ladas_of_states(area, gazetteer), gazetteer)
    excluded = _states(area.excluded_states, gazetteer) + _ladas(area.excluded_ladas, gazetteer)
    if not chosen and not named:
        return _("Sin zonas elegidas")
    parts = [join_names(chosen, limit)] if chosen else []
    if named:
        parts.append(
            _("más %(ladas)s") % {"ladas": join_names(named, limit)}
            if chosen
            else join_names(named, limit)
        )
    if excluded:
        parts.append(_("menos %(places)s") % {"places": join_names(excluded, limit)})
    return ", ".join(parts)


def _states(codes: Iterable[str], gazetteer: Gazetteer) -> list[str]:
    known = [code for code in gazetteer.states if code in codes]
    return [
        _("%(state)s (%(count)d LADA)")
        % {"state": gazetteer.states[code], "count": len(gazetteer.ladas_of[code])}
        for code in known
    ] + sorted(set(codes) - set(known))


def _ladas(codes: Iterable[str], gazetteer: Gazetteer) -> list[str]:
    return [
        f"{code} {gazetteer.cities.get(code, '')}".strip()
        for code in sorted(codes, key=lambda code: (len(code), code))
    ]


def join_names(names: Sequence[str], limit: int = MAX_NAMES) -> str:
    """Join names in Spanish: "a, b y c"; "a, b, c y 7 más"; "Jalisco e Hidalgo"."""
    if len(names) < 2:
        return "".join(names)
    if len(names) > limit + 1:  # "y 1 más" would be no shorter than the name
        more = {"some": ", ".join(names[:limit]), "count": len(names) - limit}
        return _("%(some)s y %(count)d más") % more
    parts = {"some": ", ".join(names[:-1]), "last": names[-1]}
    if re.match("h?i(?!e)", names[-1], re.IGNORECASE):
        return _("%(some)s e %(last)s") % parts
    return _("%(some)s y %(last)s") % parts


def join_codes(codes: Sequence[str]) -> str:
    """Join codes without quotation marks, so that they can be copied: "999, 12 y 4 más"."""
    if len(codes) <= MAX_CODES + 1:
        return ", ".join(codes)
    return join_names(codes, MAX_CODES)


@dataclass(frozen=True)
class PastedCodes:
    """The LADAs in a pasted text, each once, in the order of the text."""

    known: tuple[str, ...]
    unknown: tuple[str, ...]
    repeated: tuple[str, ...]  # the known ones that occur more than once

    @property
    def message(self) -> str:
        """The result in one line: "38 reconocidas, 2 no existen: 999, 12"."""
        if not self.known and not self.unknown:
            return _("No hay claves en el texto. Escribe las LADA así: 55, 33, 81.")
        parts = [
            ngettext("%(count)d reconocida", "%(count)d reconocidas", len(self.known))
            % {"count": len(self.known)}
        ]
        if self.repeated:
            parts.append(
                ngettext("%(count)d repetida", "%(count)d repetidas", len(self.repeated))
                % {"count": len(self.repeated)}
            )
        if self.unknown:
            shortened = [code if len(code) <= 12 else f"{code[:11]}…" for code in self.unknown]
            parts.append(
                ngettext(
                    "%(count)d no existe: %(codes)s",
                    "%(count)d no existen: %(codes)s",
                    len(shortened),
                )
                % {"count": len(shortened), "codes": join_codes(shortened)}
            )
        return ", ".join(parts)


def parse_codes(text: str, gazetteer: Gazetteer | None = None) -> PastedCodes:
    """Find the LADAs in a text pasted in any form: "55, 33; 81", "LADA 55", a column of a sheet.

    Anything but letters and digits is a separator. Words without digits (city names, "LADA") are
    ignored; words with digits that are not a LADA ("5512345678", "8l") are unknown.
    """
    gazetteer = gazetteer or current()
    found: Counter[str] = Counter()
    for word in re.findall(r"[^\W_]+", text):
        prefixed = re.fullmatch(r"[^\W\d_]+([0-9]+)", word)  # "LADA55"
        code = prefixed[1] if prefixed else word
        if any(character.isdigit() for character in code):
            found[code] += 1
    known = tuple(code for code in found if code in gazetteer.cities)
    return PastedCodes(
        known=known,
        unknown=tuple(code for code in found if code not in gazetteer.cities),
        repeated=tuple(code for code in known if found[code] > 1),
    )
