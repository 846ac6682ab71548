"""Signs whose replacement depends on their neighbours.

A fix changes nothing that its writer meant: where a sign has several readings ("18+", "A&T",
"5-3") a person decides. Where a sign parts two words, so does its replacement.
"""

from django.utils.translation.trans_null import gettext_noop as _

from campaigns.ad_text.rule import Rule, any_case, one_of
from campaigns.ad_text.signs import COLONS, DASHES, EMOJI, MARKS, ODD_SPACES, WORD

#: A name such as "Disney+", whose plus is part of it.
NAME_WITH_PLUS = "(?<![A-Za-z0-9À-ÿ])[A-Z][A-Za-z]{1,20}[+＋]"

_DASH = one_of(DASHES)
_SPACE = f"[ {ODD_SPACES}]"
_OPENINGS = "[¡¿(\\[{\"'“‘«*]*"
_DOUBLE_QUOTES = '["“”„«»＂]'
_REMOVED = "[*＊~^©®™§¶†¨¬¿¡#?？]"
_HOUR = "(?: ?[Hh](?:[Rr][Ss]?)?| ?[ap][.]?m[.]?)?"
_NUMBER = f"[$]?[0-9]{{1,4}}(?:[.:,][0-9]{{1,3}})?{_HOUR}"
_RANGE = f"(?<![{WORD}$])(?<![0-9][.,:/])(?<![0-9]{_DASH}){_NUMBER} ?{_DASH} ?{_NUMBER}"
_RANGE_ENDS = f"(?![{WORD}])(?![.,:/][0-9])(?! ?{_DASH} ?[0-9])"
_UNITS = (
    "%|[hH](?:[rR][sS]?|oras?)?(?![A-Za-z])|a[.]?m(?![a-z])|p[.]?m(?![a-z])|a[nñ]os|meses|d[ií]as"
    "|semanas|minutos|min(?![a-z])|kg|km|cm(?![a-z])|personas|pesos|piezas|[GM]B(?![A-Za-z])"
    "|(?:de )?(?:ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic)"
)
_DAYS = any_case(["lun", "mar", "mie", "mié", "jue", "vie", "sab", "sáb", "dom"])
_DAY_ENDS = f"{_DAYS}|{any_case(['nes', 'tes', 'les', 'ves', 'ado', 'ngo'])}"
_AFTER_DAY = f"(?:(?<={_DAY_ENDS})|(?<=(?:{_DAY_ENDS}) ))"
_AFTER_HOUR = "|".join(
    f"(?<=[0-9]{end})" for end in ("[%hH]", "[ap]m", " [ap]m", "hrs", " hrs", " [ap][.]m[.]")
)
_TO = ((f" ?{_DASH} ?", " a "), (f"[{COLONS}]", "."))
_DATE = f"(?:0?[1-9]|[12][0-9]|3[01]){_DASH}(?:0?[1-9]|1[0-2]){_DASH}20[0-9]{{2}}"


def _sign(pattern: str, fix: str | tuple[tuple[str, str], ...] | None, name: str) -> Rule:
    return Rule("forbidden_character", pattern, fix, name=name)


_HYPHEN, _COLON, _PLUS = _("guion"), _("dos puntos"), _("más")
_ASTERISK, _HASH = _("asterisco"), _("gato o almohadilla")
_ASKS, _EXCLAIMS = _("signo de interrogación"), _("signo de admiración")
_OPENS, _CLOSES = _("paréntesis que abre"), _("paréntesis que cierra")

_DASHES = (
    _sign(f"(?<![{WORD}/.-]){_DATE}(?![{WORD}/-])", ((_DASH, "/"),), _HYPHEN),
    _sign(f"{_RANGE}{_RANGE_ENDS}(?= ?(?:{_UNITS}))", _TO, _("rango")),
    _sign(f"(?<![{WORD}/.-])20[0-9]{{2}}{_DASH}20[0-9]{{2}}{_RANGE_ENDS}", _TO, _("rango")),
    _sign(f"(?<![{WORD}$:]){_NUMBER}[–—]{_NUMBER}{_RANGE_ENDS}", _TO, _("rango")),
    _sign(
        f"(?<![{WORD}$])[0-9]{{1,2}}:[0-9]{{2}}{_HOUR} ?{_DASH} ?[0-9]{{1,2}}:[0-9]{{2}}",
        _TO,
        _("rango"),
    ),
    _sign(f"(?:{_AFTER_HOUR}){_DASH}(?=[0-9])|(?<=[0-9]){_DASH}(?=[$][0-9])", " a ", _HYPHEN),
    _sign(f"{_AFTER_DAY}{_DASH} ?(?={_DAYS})", " a ", _HYPHEN),
    _sign(f"(?<![{WORD}]){_DASH}(?=[$]|[0-9]{{1,3}}(?:[.][0-9]+)? ?[%°])", "menos ", _HYPHEN),
    _sign("(?<![^ ])\u2212(?=[0-9])", "menos ", _HYPHEN),
    _sign(f"(?<![^ ]){_DASH}(?=[0-9])", None, _HYPHEN),
    _sign(
        f"(?<![{WORD}./-])(?<![0-9]{_DASH})[0-9]{{1,2}}{_DASH}[0-9]{{1,2}}{_RANGE_ENDS}",
        None,
        _HYPHEN,
    ),
    _sign(f"{_DASH}+", " ", _HYPHEN),
)
_PLUSES = (
    _sign("(?:(?<=[0-9])|(?<=[0-9] ))[+＋](?= ?[0-9])", " mas ", _PLUS),
    _sign(f"(?<=[{WORD}%)])[+＋](?=[A-Za-zÀ-ÿ$])", " y ", _PLUS),
    _sign(f"{NAME_WITH_PLUS}(?![+＋$]|[{WORD}])", (("[+＋]", ""),), _PLUS),
    _sign(f'(?<=[{WORD}%)"”.] )[+＋](?= *[{WORD}$¡¿"“])', " y ", _PLUS),
    _sign("[+＋]+", None, _PLUS),
)
_SENTENCES = (
    _sign(f"(?<![^ ])[!！]+(?={_OPENINGS}[{WORD}])", "", _EXCLAIMS),
    _sign(f"(?<![!！])[!！]+(?=[?？]*{_OPENINGS}[{WORD}])", ". ", _EXCLAIMS),
    _sign("(?<![!！])[!！]+(?=[.,])", "", _EXCLAIMS),
    _sign("[!！]+", ".", _EXCLAIMS),
    _sign(f"(?<=[{WORD}])[?？]+(?={_OPENINGS}[A-ZÀ-ÖØ-Þ0-9])", ". ", _ASKS),
    _sign(f"…(?={_OPENINGS}[{WORD}])", "... ", _("puntos suspensivos")),
    _sign(f"[;；](?={_OPENINGS}[{WORD}])", ", ", _("punto y coma")),
    _sign(f"。(?=[{WORD}])", ". ", _("punto")),
)
_NAMED = (
    _sign("(?<=[A-Z])[&＆](?=[A-Z](?![a-z]))", None, _("et o y comercial")),
    _sign("[0-9] ?[×✕*＊] ?(?=[0-9])", ((" ?[×✕*＊] ?", "x"),), _("por")),
    _sign("[#＃](?=[0-9]+(?![0-9A-Za-z]))(?<![0-9A-Za-z][#＃])", "numero ", _HASH),
    _sign("(?<=[A-Za-z])[#＃](?![0-9A-Za-z])", None, _HASH),
    _sign("[nN][°º](?![A-Za-z])", (("[°º]", "um. "),), _("número")),
    _sign("(?<=[0-9]) ?°(?= ?[CF](?![A-Za-z]))", " ", _("grados")),
    _sign("(?<=[0-9])°", None, _("grados")),
    _sign("[~±](?= ?[$]?[0-9])|[<>](?= ?[0-9])|(?<=[0-9])[=＝](?=[0-9])", None, ""),
    _sign("(?<=[0-9])[⁰¹²³⁴-⁹]+", None, _("exponente")),
    _sign("(?<![mM])(?<=[A-Za-zÀ-ÿ])[⁰¹²³⁴-⁹]+", "", _("llamada de nota")),
)

#: Tried in this order.
IN_CONTEXT = (
    Rule("enye", "[ñÑ]"),
    Rule("emoji", f"(?<=[{WORD}]){EMOJI}(?=[{WORD}])", " "),
    Rule("emoji", EMOJI, ""),
    Rule("forbidden_character", "\ufe0f?\u20e3", "", name=_("recuadro de tecla")),
    Rule("accent", f"[A-Za-z0-9][{MARKS}]+", ((f"[{MARKS}]+", ""),)),
    Rule(
        "dial_code",
        "(?<![0-9*#])[*]#?[0-9]{2,4}(?:[*#][0-9]*)*(?![0-9A-Za-z*#]| ?%|[.,][0-9])",
    ),
    Rule("dial_code", "#[0-9]{2,4}[0-9*]*#"),
    *_DASHES,
    _sign(f"[{COLONS}](?={_SPACE})", ",", _COLON),
    _sign(f"(?<=[0-9])[{COLONS}](?=[0-9])", ".", _COLON),
    _sign(f"[{COLONS}]", " ", _COLON),
    *_SENTENCES,
    *_PLUSES,
    *_NAMED,
    _sign(f"[%％](?=[{WORD}])", " por ciento ", _("porcentaje")),
    _sign(f"(?<=[{WORD}]){_DOUBLE_QUOTES}(?=[{WORD}])", " ", _("comillas")),
    _sign(f"(?<=[{WORD}]){_REMOVED}+(?=[{WORD}])", " ", ""),
    _sign(r"(?<![^ ])[(\[{（［｛]", "", _OPENS),
    _sign(r"[(\[{（［｛]", " ", _OPENS),
    _sign(r"[)\]}）］｝](?![^ .,])", "", _CLOSES),
    _sign(r"[)\]}）］｝]", " ", _CLOSES),
)
