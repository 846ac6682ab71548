"""Signs that the channel does not carry: their Spanish names and their replacements.

The replacements are those of the portal's published table. A sign that the table does not list
is removed, or replaced by the nearest allowed sign where removing it would join two words.
"""

from django.utils.translation.trans_null import gettext_noop as _

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $.,/@"
ALLOWED = "[A-Za-z0-9 $.,/@]"
FORBIDDEN = "[^A-Za-z0-9 $.,/@]"

ODD_SPACES = "\t\v\f\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d_\uff3f"
COLONS = ":\uff1a\u2236"
WORD = "A-Za-z0-9À-ÖØ-öø-ÿ"

_PICTURES = (
    "\u231a\u231b\u2328\u23cf\u23e9-\u23fa\u25b6\u25c0\u25fb-\u25fe\u2600-\u2712\u2714"
    "\u2716-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff"
)
_JOINERS = "\u200d\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f"
_EMOJI_STYLE = "[©®™‼⁉ℹ\u2190-\u21ff\u25aa\u25ab]\ufe0f"
#: A run of emoji is one match, with ZWJ sequences, flags and skin tones.
EMOJI = f"(?:[{_PICTURES}]|{_EMOJI_STYLE})(?:[{_PICTURES}{_JOINERS}]|{_EMOJI_STYLE})*"

#: Variants of letters and digits (accents that the table does not list, full-width, circled,
#: superscript, mathematical alphabets): the fix is their compatibility form (NFKD). Only blocks
#: to which newer versions of Unicode add no letters, so that all engines fold alike.
FOLDED = (
    "[ª²³¹ºÀ-ɏḀ-ỿ\u2070-\u209c\u2100-\u214f\u2160-\u217f\u2460-\u24ff\ufb00-\ufb06"
    "\uff01-\uff5e\U0001d400-\U0001d7ff]"
)

_FRACTIONS = "1/2 1/4 3/4 1/3 2/3 1/8"
_PLAIN_LETTERS = "ss SS ae AE oe OE o O d D d D th Th l L i h H t T n N"

#: Code, replacement, {sign: Spanish name}. Where the name is empty the code point is displayed.
SIGNS: tuple[tuple[str, str | None, dict[str, str]], ...] = (
    *(
        ("accent", plain, {sign: ""})
        for sign, plain in zip("áéíóúüÁÉÍÓÚÜ", "aeiouuAEIOUU", strict=True)
    ),
    ("quote", "", dict.fromkeys("\"'“”„‟«»‹›‘’‚‛´`′″‵‶ʹʺʻʼʽ＂＇｀「」『』〝〞", _("comillas"))),
    (
        "forbidden_character",
        "",
        {
            "¡": _("signo de admiración que abre"),
            "¿": _("signo de interrogación que abre"),
            "?": _("signo de interrogación"),
            "？": _("signo de interrogación"),
            "*": _("asterisco"),
            "＊": _("asterisco"),
            "#": _("gato o almohadilla"),
            "＃": _("gato o almohadilla"),
            "~": _("virgulilla"),
            "^": _("acento circunflejo"),
            "°": _("grados"),
            "©": _("derechos reservados"),
            "®": _("marca registrada"),
            "™": _("marca comercial"),
            "℠": _("marca de servicio"),
            "§": _("sección"),
            "¶": _("párrafo"),
            "†": _("cruz"),
            "¨": _("diéresis"),
            "¬": _("negación"),
            "±": _("más o menos"),
        },
    ),
    (
        "forbidden_character",
        " ",
        {
            "=": _("igual"),
            "＝": _("igual"),
            "<": _("menor que"),
            ">": _("mayor que"),
            "|": _("barra vertical"),
            "¦": _("barra vertical"),
            "·": _("punto medio"),
            "•": _("viñeta"),
            "‣": _("viñeta"),
            "◦": _("viñeta"),
            "▪": _("viñeta"),
            "●": _("viñeta"),
            "■": _("viñeta"),
            "→": _("flecha"),
            "←": _("flecha"),
            "↑": _("flecha"),
            "↓": _("flecha"),
            "⇒": _("flecha"),
        },
    ),
    (
        "forbidden_character",
        ",",
        {";": _("punto y coma"), "；": _("punto y coma"), "、": _("coma")},
    ),
    ("forbidden_character", ".", {"。": _("punto")}),
    (
        "forbidden_character",
        "/",
        {
            "\\": _("diagonal invertida"),
            "＼": _("diagonal invertida"),
            "⁄": _("diagonal de fracción"),
            "∕": _("diagonal de división"),
            "÷": _("entre"),
        },
    ),
    ("forbidden_character", "...", {"…": _("puntos suspensivos")}),
    ("forbidden_character", "x", {"×": _("por"), "✕": _("por")}),
    (
        "forbidden_character",
        " por ciento",
        {"%": _("porcentaje"), "％": _("porcentaje")},
    ),
    ("forbidden_character", " por mil", {"‰": _("por mil")}),
    (
        "forbidden_character",
        " y ",
        {
            "&": _("et o y comercial"),
            "＆": _("et o y comercial"),
            "+": _("más"),
            "＋": _("más"),
        },
    ),
    *(
        ("forbidden_character", f" {plain}", {sign: _("fracción")})
        for sign, plain in zip("½¼¾⅓⅔⅛", _FRACTIONS.split(), strict=True)
    ),
    (
        "currency",
        None,
        {
            "€": _("euro"),
            "£": _("libra"),
            "¥": _("yen"),
            "¢": _("centavo"),
            "¤": _("moneda"),
            "₿": _("bitcóin"),
        },
    ),
    *(
        ("letter_variant", plain, {sign: ""})
        for sign, plain in zip(
            "ßẞæÆœŒøØđĐðÐþÞłŁıħĦŧŦŋŊ",
            _PLAIN_LETTERS.split(),
            strict=True,
        )
    ),
)

_INVISIBLE = (
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SYMBOLS = (
    "[\xa0-\xbf\u02b0-\u02ff\u2000-\u2bff\u2e00-\u2e7f\u3001-\u3004\u3008-\u3020\u3030-\u303f"
    "\ue000-\uf8ff\ufe10-\ufe1f\ufe30-\ufe6f\uff00-\uff65\uffe0-\uffff\U0001d000-\U0001d3ff"
    "\U0001f000-\U0001fbff\U000f0000-\U0010ffff]"
)

#: For signs in neither the table nor FOLDED: character class, code, replacement. A sign outside
#: all of these is a letter of another script, which a person must rewrite.
BLOCKS: tuple[tuple[str, str, str | None], ...] = (
    (f"[{ODD_SPACES}]", "odd_space", " "),
    (
        _INVISIBLE,
        "invisible",
        "",
    ),
    (f"[{MARKS}]", "loose_mark", ""),
    ("[\u20a0-\u20cf￠-￡￥￦]", "currency", None),
    (
        _SYMBOLS,
        "forbidden_character",
        "",
    ),
)
