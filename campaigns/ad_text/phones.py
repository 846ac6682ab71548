"""Rules for telephone numbers and links in an ad text: refusals and advice."""

from campaigns.ad_text.rule import Rule
from campaigns.ad_text.signs import ODD_SPACES

# Telephones of the Plan Nacional de Numeración have ten digits. The area code (LADA) has two
# in the four big cities and three elsewhere; 800 and 900 are national services.
_LADA2 = "(?:33|55|56|81)"
_LADA3 = (
    "(?:(?:2[2-47-9]|3[1-57-9]|4[1-9]|5[5689]|6[1-9]|7[1-9]|8[1-46-9]|9[1-35-9])[1-9]"
    "|(?:22|44|45|66|72|77|80|87|90|96|99)0)"
)
_SEPARATOR = rf"[ {ODD_SPACES}.()\[\]\-‐‑‒–—―−_:·•]+"

# How people group the digits after an area code, separated from it or joined to it.
_AFTER_LADA2 = ("8", "4-4", "4-2-2", "2-2-4", "3-3-2", "2-3-3", "3-2-3", "3-5")
_PAIRS_AFTER_LADA2 = "2-2-2-2"
_JOINED_TO_LADA2 = ("2-6", "2-3-3", "2-4-2", "2-2-2-2", "4-4", "4-2-2")
_AFTER_LADA3 = ("7", "3-4", "3-2-2", "1-2-2-2", "1-3-3")
_JOINED_TO_LADA3 = ("3-4", "3-2-2")


def _groups(*shapes: str) -> str:
    """Return a pattern for digits grouped in any of the shapes, each written like "3-4"."""
    return "|".join(
        _SEPARATOR.join(f"[0-9]{{{size}}}" for size in shape.split("-")) for shape in shapes
    )


_JOINED = f"(?:{_LADA2}[0-9]{{8}}|{_LADA3}[0-9]{{7}})"
_NO_SIXTH_PAIR = "(?![ ][0-9]{2}(?![0-9]))"
_SEPARATED = (
    f"(?:{_LADA2}{_SEPARATOR}(?:{_groups(*_AFTER_LADA2)})"
    f"|{_LADA2}{_SEPARATOR}(?:{_groups(_PAIRS_AFTER_LADA2)}){_NO_SIXTH_PAIR}"
    f"|{_LADA2}(?:{_groups(*_JOINED_TO_LADA2)})"
    f"|{_LADA3}{_SEPARATOR}(?:{_groups(*_AFTER_LADA3)})"
    f"|{_LADA3}(?:{_groups(*_JOINED_TO_LADA3)}))"
)
_SIX = f"(?:{_groups('6', '3-3', '2-2-2')})"
_SIX_APART = f"(?:{_groups('3-3', '2-2-2')})"
_OPENING = "(?<![0-9])(?:(?<![A-Za-z0-9])[(])?"
_ABROAD = f"[+]52(?:{_SEPARATOR})?(?:1(?:{_SEPARATOR})?)?"
_PREFIX = "0(?:1|44|45)"

#: A telephone number with separators is refused, and its joined form is the fix. A number is ten
#: digits that begin with an area code, in one of the groupings above, with at least one separator
#: (spaces, dots, hyphens, colons or brackets), and no other digit at either end. A prefix 01, 044
#: or 045 is kept; +52 (and the former 1 of mobiles), joined or not, is dropped. 01 800 followed by
#: six digits counts too, as in the channel's own example. Five pairs count only where no sixth
#: pair follows (lottery draws). Never telephone numbers: amounts ($, or thousands with commas),
#: shorter or longer runs ("100 200 300"), and numbers that begin with no area code
#: ("200 300 4000").
PHONES = (
    Rule("", "[$] ?[0-9][0-9.,]*|(?<![0-9])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])"),
    Rule(
        "separated_phone",
        f"{_OPENING}(?:(?:{_ABROAD}|{_PREFIX}(?:{_SEPARATOR})?)?{_SEPARATED}"
        f"|(?:{_ABROAD}|{_PREFIX}{_SEPARATOR}){_JOINED}"
        f"|01(?:{_SEPARATOR})?[89]00(?:{_SEPARATOR}{_SIX}|{_SIX_APART})"
        f"|01{_SEPARATOR}[89]00{_SIX}"
        ")(?![0-9])",
        (("[^0-9]+", ""), ("^521?(?=[0-9]{10}$)", "")),
    ),
)

SCHEME = Rule("link_scheme", "[Hh][Tt][Tt][Pp][Ss]?://(?:[Ww]{3}[.](?=[A-Za-z0-9]))?", "")

#: Top-level domains of links, and those among them that are also Spanish words used in ads.
#: Curated by hand for ads in Mexico; each one is in the root zone of the DNS, as mirrored by the
#: Public Suffix List (publicsuffix.org, 2023-02-09).
_LINKS = (
    "mx com net org info co io us app biz edu lat link shop store online site page gle ly gl gg "
    "to cc ws tech dev cloud digital mobi"
)
_WORDS = (
    "la me es al de se su si no so va ve uno soy tv casa gratis viajes vuelos futbol moda tienda "
    "juegos hoteles abogado bar cafe club pizza taxi menu red radio video auto total data chat "
    "top vip plus social fan fun mobile phone work pro"
)
LINK_ENDINGS = _LINKS.split()
WORD_ENDINGS = _WORDS.split()

_LABELS = "(?<![A-Za-z0-9.@/])(?:[A-Za-z0-9]+[.])+"


def _any_case(words: list[str]) -> str:
    return "|".join("".join(f"[{c.upper()}{c}]" for c in word) for word in words)


_LINK = (
    f"{_LABELS}(?:(?:{_any_case(LINK_ENDINGS)})(?:/[A-Za-z0-9]*)*"
    f"|(?:{_any_case(WORD_ENDINGS)})(?:/[A-Za-z0-9]*)+)(?![A-Za-z0-9/@])"
)

#: Not refused: the channel carries these texts, but they read badly. `automatic` marks those
#: with a single right fix, which `law.fix` applies.
ADVICE = (
    Rule("edge_space", "^ +| +$", "", automatic=True),
    Rule("double_space", "(?<=[^ ])  +(?=[^ ])", " ", automatic=True),
    Rule("space_before_sign", " +(?=[.,](?![^ ]))", "", automatic=True),
    Rule("link_www", "(?<![A-Za-z0-9.@/])[Ww]{3}[.](?=[A-Za-z0-9])", "", automatic=True),
    Rule(
        "live_link",
        f"{_LABELS}(?:{_any_case(WORD_ENDINGS)})(?![A-Za-z0-9/@]|[.][A-Za-z0-9])",
        (("[.](?=[A-Za-z0-9]+$)", ". "),),
    ),
    Rule("link_tail", f"{_LINK}[.,]+(?![^ ])", (("[.,]+$", ""),)),
    Rule("link_tail", f"{_LINK}[.]*,[.,]*(?=[A-Za-z0-9])", (("[.,]+$", " "),)),
    Rule("link_tail", f"{_LINK}(?=[$])", (("$", " "),)),
    Rule("old_prefix", f"(?<![0-9])0(?:1|44|45){_JOINED}(?![0-9])", (("^0(?:1|44|45)", ""),)),
    Rule("old_prefix", "(?<![0-9])01[89]00[0-9]{6}(?![0-9])", None, "old_prefix_short"),
    Rule("all_caps", "^(?=(?:[^A-Z]*[A-Z]){12})[^a-zß-öø-ÿ]*$"),
)
