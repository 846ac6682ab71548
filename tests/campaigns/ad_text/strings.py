"""Random strings for the text law, from a seed, shared by all tests of it."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

from campaigns import ad_text
from campaigns.ad_text.links import LINK_ENDINGS, WORD_ENDINGS
from campaigns.ad_text.signs import SIGNS
from campaigns.ad_text.words import CHANGES_MEANING, HARMLESS

VECTORS = Path(__file__).with_name("vectors.jsonl")
#: Limits of the random strings: the usual one more often than the others.
LIMITS = (90, 90, 90, ad_text.MAX_LIMIT, 20, 1)

_TABLE = "".join(sign for _, _, names in SIGNS for sign in names)
_SPACES = " \t\n\r\v\f\x85\u00a0\u1680\u2003\u2009\u2028\u2029\u202f\u205f\u3000"
_MARKS = "\u0300\u0301\u0303\u0308\u0327\u036f\u1ab0\u1dc0\u20d0\u20e3\ufe0f\ufe20"
_UNSEEN = "\x00\x1b\x7f\u00ad\u034f\u061c\u115f\u200b\u200d\u200e\u202e\u2066\ufeff\ufffd\U000e0041"
_ASTRAL = "🎉🇲🇽👨\u200d👩\u200d👧👍🏽𝐀𝓪𝟙𐍈🜁🀄\U0010ffff\U000f0000\U000e0020"
_OTHERS = "５ＡßẞДдЖ日本ﬁ①ªº²½€£¢*#()[]{}_-–—:;!¡?¿%&+\\/.,$@ñÑn\u0303N\u0303áÁÇçŵ"
_SIGNS = [*_TABLE, *_SPACES, *_MARKS, *_UNSEEN, *_ASTRAL, *_OTHERS, "\r\n", "\u00a0\u00a0"]
_BROKEN = ["\ud83d", "\udc00", "\udfff\ud800"]

_ENDINGS = [*LINK_ENDINGS, *WORD_ENDINGS, "promo", "123"]
_WORDS = [*HARMLESS, *CHANGES_MEANING, "hoy", "Recarga", "PROMO", "2x1", "$1,000.00", "10:30", "@"]
_GAPS = [*" .-()[]_:·•–—\u00a0\u2009", "", "", "", " - ", ") ", "\n"]
_OPENINGS = ["", "", "", "+52 ", "+521", "01 ", "044", "045-", "01 800 ", "01900", "(", "$", "*#"]
_LADAS = ["55", "33", "81", "56", "222", "998", "664", "999", "800", "100", "200"]
_SCHEMES = ["", "", "https://", "HTTP://", "http://www.", "www.", "WWW.", "hTTps://wWw.", "://"]
_BLOCKS = [(32, 126), (0xA0, 0x24F), (0x300, 0x36F), (0x1E00, 0x1EFF), (0x2000, 0x2BFF)]
_BLOCKS += [(0x3000, 0x303F), (0xFB00, 0xFB06), (0xFF00, 0xFFEF), (0x1D400, 0x1D7FF)]
_BLOCKS += [(0x1F000, 0x1FFFF), (0xE0000, 0xE007F)]


def strings(seed: int, count: int, *, broken: bool = True) -> Iterator[str]:
    """Yield `count` strings, the same ones for the same seed.

    Every sign of the replacements, combining marks, astral characters, odd spaces and newlines,
    telephones, links, endings of domains, ads with a few signs put in, and some that are longer
    than is read. With `broken` some hold halves of a surrogate pair, which JSON carries where it
    escapes them, but UTF-8 does not.
    """
    rng = random.Random(seed)
    signs = _SIGNS + (_BROKEN if broken else [])
    ads = [json.loads(line)["text"] for line in VECTORS.read_text("utf-8").splitlines()]
    if not broken:
        ads = [ad for ad in ads if not any("\ud800" <= sign <= "\udfff" for sign in ad)]
    for _ in range(count):
        yield _string(rng, signs, ads)


def _string(rng: random.Random, signs: list[str], ads: list[str]) -> str:
    kind = rng.random()
    if kind < 0.25:
        return "".join(_piece(rng, signs) for _ in range(rng.randint(0, 14)))
    if kind < 0.45:
        return " ".join(_piece(rng, signs) for _ in range(rng.randint(0, 9)))
    if kind < 0.65:
        return _spoilt(rng, rng.choice(ads), signs)
    if kind < 0.75:
        return "".join(rng.choice("0123456789 .-():$,/+5581") for _ in range(rng.randint(5, 60)))
    if kind < 0.9:
        blocks = rng.choices(_BLOCKS, k=3)
        return "".join(chr(rng.randint(*rng.choice(blocks))) for _ in range(rng.randint(0, 40)))
    if kind < 0.98:
        return "".join(_anything(rng) for _ in range(rng.randint(0, 30)))
    return "".join(_piece(rng, signs) for _ in range(rng.randint(100, 300)))


def _piece(rng: random.Random, signs: list[str]) -> str:
    kind = rng.random()
    if kind < 0.4:
        return rng.choice(signs)
    if kind < 0.6:
        return _cased(rng, rng.choice(_WORDS))
    if kind < 0.8:
        return _telephone(rng)
    return _link(rng)


def _telephone(rng: random.Random) -> str:
    """Return an area code and groups of digits, with separators of one kind or of several."""
    gaps = rng.choices(_GAPS, k=rng.choice([1, 1, 3]))
    written = rng.choice(_OPENINGS) + rng.choice(_LADAS)
    for _ in range(rng.randint(1, 4)):
        written += rng.choice(gaps) + "".join(rng.choices("0123456789", k=rng.randint(1, 4)))
    return written + rng.choice(["", "", ".", ",", "0", "x", "%"])


def _link(rng: random.Random) -> str:
    words = rng.choices(["movistar", "hoy", "x", "tienda", "2027", "a"], k=rng.randint(1, 2))
    host = ".".join([*words, _cased(rng, rng.choice(_ENDINGS))])
    path = rng.choice(["", "", "/promo", "/", "//a", "/ñ", ":80", "?a=1"])
    return (
        rng.choice(_SCHEMES) + host + path + rng.choice(["", "", " ", ".", "...", ",", ",.x", "$"])
    )


def _cased(rng: random.Random, word: str) -> str:
    return rng.choice([word, word.upper(), word.capitalize(), word.swapcase()])


def _spoilt(rng: random.Random, ad: str, signs: list[str]) -> str:
    """Insert signs into an ad, remove some, or repeat it without a space."""
    for _ in range(rng.randint(1, 5)):
        at = rng.randint(0, len(ad))
        ad = ad[:at] + rng.choice([_piece(rng, signs), "", ""]) + ad[at + rng.randint(0, 2) :]
    return ad * rng.choice([1, 1, 1, 1, 2])


def _anything(rng: random.Random) -> str:
    """Return any code point that is not a surrogate."""
    point = rng.randint(0, 0x10FFFF - 0x800)
    return chr(point if point < 0xD800 else point + 0x800)
