"""Names of places as people write them: words to compare, abbreviations, and nicknames."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from segments.models import unaccented

# Written short in any name: "Cd. Juárez", "Sn Luis Potosí", "Edo. Méx.".
ABBREVIATIONS = {
    "cd": "ciudad",
    "cdad": "ciudad",
    "edo": "estado",
    "fco": "francisco",
    "fracc": "fraccionamiento",
    "gpe": "guadalupe",
    "gral": "general",
    "dr": "doctor",
    "lic": "licenciado",
    "cnel": "coronel",
    "ma": "maria",
    "mpio": "municipio",
    "mun": "municipio",
    "nva": "nueva",
    "nvo": "nuevo",
    "pblo": "pueblo",
    "pta": "punta",
    "pto": "puerto",
    "sn": "san",
    "sta": "santa",
    "sto": "santo",
    "vlla": "villa",
}
PARTICLES = {"de", "del", "la", "las", "los", "el", "y", "e", "en"}
NOISE = {"lada", "ladas", "clave", "claves", "tel", "telefono", "area"}

# What else people call a state, by its key, and a zone, by its base LADA. The usual and official
# names and the abbreviations of the catalogue need no row.
STATE_NICKNAMES: dict[str, tuple[str, ...]] = {
    "01": ("aguas",),
    "02": ("baja california norte", "bcn"),
    "09": ("df", "distrito federal", "mexico", "cd mx", "cd mex"),
    "10": ("dur",),
    "15": ("edomex", "edomx", "edo mx"),
    "19": ("nvo leon", "nvl"),
    "23": ("qroo", "qr", "quintana"),
    "24": ("potosi",),
    "28": ("tam",),
}
CITY_NICKNAMES: dict[str, tuple[str, ...]] = {
    "33": ("gdl",),
    "81": ("mty",),
    "228": ("jalapa enriquez",),
    "229": ("puerto veracruz",),
    "322": ("pv", "pvr", "vallarta"),
    "442": ("santiago queretaro",),
    "656": ("cd jz",),
    "662": ("hmo",),
    "664": ("tj", "tij"),
    "667": ("cln",),
    "686": ("mxl", "mxli"),
    "744": ("aca",),
    "777": ("cuerna",),
    "961": ("tuxtla", "tgz"),
    "993": ("vhsa", "vsa"),
    "998": ("cun",),
}
MUNICIPALITY_NICKNAMES: dict[str, tuple[str, ...]] = {
    "09005": ("gam",),
    "15058": ("neza", "cd neza"),
    "19019": ("spgg",),
}

# Words before a name that say which kind of place it is: "municipio de Puebla", "Todo Puebla".
KIND_WORDS: dict[str, frozenset[str]] = {
    "estado": frozenset({"state"}),
    "todo": frozenset({"state"}),
    "toda": frozenset({"state"}),
    "alcaldia": frozenset({"municipality"}),
    "delegacion": frozenset({"municipality"}),
    "municipio": frozenset({"municipality"}),
    "ciudad": frozenset({"city", "municipality", "locality"}),
}


# The whole country, and no place at all, as keys.
NATION = {
    ("todo",),
    ("todos",),
    ("todas",),
    ("todo", "mexico"),
    ("todo", "pais"),
    ("pais",),
    ("todo", "territorio", "nacional"),
    ("territorio", "nacional"),
    ("toda", "republica"),
    ("toda", "republica", "mexicana"),
    ("republica", "mexicana"),
    ("republica",),
    ("nacional",),
    ("a", "nivel", "nacional"),
    ("nivel", "nacional"),
    ("cobertura", "nacional"),
    ("todos", "estados"),
    ("todas", "zonas"),
}
NOTHING = {("nada",), ("ninguna",), ("ninguno",), ("no",)}

# Words that say no more than a direction, a kind of place or a quantity. A place that has no other
# word in its name ("Centro") is named with its state.
GENERIC = {
    *KIND_WORDS,
    *("norte", "sur", "este", "oeste", "centro", "oriente", "poniente", "occidente"),
    *("noreste", "noroeste", "sureste", "suroeste", "bajio", "costa", "frontera"),
    *("zona", "region", "area", "interior", "capital", "pueblo", "villa", "san", "santa", "santo"),
    *("todas", "todos", "algunas", "algunos", "varias", "varios", "otras", "otros", "resto"),
    *("aqui", "nada", "ninguna", "ninguno", "no"),
}


class Reading(NamedTuple):
    """One way to read a text: a name, with the states and kinds of place that it is limited to."""

    words: tuple[str, ...]
    states: frozenset[str] = frozenset()  # in which the place lies; empty: any, or a state
    kinds: frozenset[str] = frozenset()  # empty: any


def words_of(text: str) -> list[str]:
    """Return the words of a text without accents, punctuation or abbreviations.

    Letters that stand alone are initials and are joined: "N. L." is "nl", as "NL" is.
    """
    words: list[str] = []
    initials = ""
    for word in re.findall(r"[^\W\d_]+|\d+", unaccented(text.replace("\0", " "))):
        if len(word) == 1 and word.isalpha() and word not in PARTICLES:
            initials += word
            continue
        if initials:
            words.append(initials)
            initials = ""
        words.append(ABBREVIATIONS.get(word, word))
    return [*words, initials] if initials else words


def key_of(words: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that matter for a comparison: no particles, no "LADA" before a code."""
    return tuple(
        [word for word in words if word not in PARTICLES and word not in NOISE]
        or [word for word in words if word not in NOISE]
    )


def is_nation(text: str) -> bool:
    """Return whether a text names the whole country."""
    return key_of(words_of(text)) in NATION


def is_nothing(text: str) -> bool:
    """Return whether a text says that no place is meant."""
    return key_of(words_of(text)) in NOTHING


def is_blank(text: str) -> bool:
    """Return whether a text has no word of a name: "LADA", "las claves"."""
    return (PARTICLES | NOISE).issuperset(words_of(text))


def is_generic(text: str) -> bool:
    """Return whether a text has only words that tell no place from another."""
    return GENERIC.issuperset(key_of(words_of(text)))


def short_key(words: list[str]) -> tuple[str, ...]:
    """Return the key of a name up to its first "de": "Ecatepec" of "Ecatepec de Morelos".

    Empty if the name has none, or if no more than the kind of place would be left.
    """
    for i, word in enumerate(words):
        if i and word in ("de", "del"):
            key = key_of(words[:i])
            generic = KIND_WORDS.keys() | set(ABBREVIATIONS.values())
            return () if set(key) <= generic else key
    return ()


def readings(
    key: tuple[str, ...], state_keys: dict[tuple[str, ...], frozenset[str]]
) -> Iterator[Reading]:
    """Yield the ways to read a text's key, the literal one first.

    `state_keys` are the keys of the names of states.
    """
    yield Reading(key)
    kinds: frozenset[str] = frozenset()
    starts = [(key, kinds)]
    while len(key) > 1 and key[0] in KIND_WORDS:
        kinds, key = kinds or KIND_WORDS[key[0]], key[1:]
        yield Reading(key, kinds=kinds)
        starts.append((key, kinds))
    for rest, kinds in starts:
        for i in range(1, len(rest)):
            if states := state_keys.get(rest[i:]):
                yield Reading(rest[:i], states, kinds)
            if states := state_keys.get(rest[:i]):
                yield Reading(rest[i:], states, kinds)
