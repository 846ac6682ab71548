"""Links, mail addresses and handles in an ad text: how they are recognised, and advice on them."""

from campaigns.ad_text.rule import Rule, any_case
from campaigns.links.hosts import SHORTENERS

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

_LETTERS = "A-Za-z0-9À-ÖØ-öø-ÿ"
_STARTS = f"(?<![{_LETTERS}.@/_-])"
_HOST = f"(?:[{_LETTERS}_-]+[.])+"
_ENDING = f"(?:{any_case(LINK_ENDINGS)})(?![{_LETTERS}_-]|[.][{_LETTERS}])"
_WORD_ENDING = f"(?:{any_case(WORD_ENDINGS)})(?=/[{_LETTERS}@_-])"
#: A sign that ends a sentence is of the link only where the link goes on after it.
_QUERY = f"[?](?=[{_LETTERS}_.-]{{1,40}}=)|#(?=[{_LETTERS}_])"
_PATH_SIGN = f"[{_LETTERS}@/_~%=-]|[.&+:](?=[{_LETTERS}_/%-])|{_QUERY}"
_TAIL = f"(?::[0-9]+)?(?:(?:/|{_QUERY})(?:{_PATH_SIGN})*)?"

#: What is one thing to its reader: a change of one sign in it makes another thing, or none.
LINK = (
    f"{_STARTS}(?:(?!{any_case(['mailto', 'tel'])}:)[A-Za-z][A-Za-z+]{{0,9}}:/+(?:{_PATH_SIGN})+"
    f"|{_HOST}(?:{_ENDING}|{_WORD_ENDING}){_TAIL})"
)
MAIL = (
    f"(?<![{_LETTERS}._%+-])[{_LETTERS}_%+-][{_LETTERS}._%+-]*@"
    f"(?:[{_LETTERS}_-]+[.])+[A-Za-z]{{2,}}(?![{_LETTERS}_-])"
)
HANDLE = f"(?<![{_LETTERS}.@/_-])@[A-Za-z0-9](?:[A-Za-z0-9_]|[.-](?=[A-Za-z0-9_]))*"

#: Code and pattern; the first that matches at a position wins.
TOKENS = (("mail_sign", MAIL), ("link_sign", LINK), ("handle_sign", HANDLE))

SCHEME = Rule("link_scheme", "[Hh][Tt][Tt][Pp][Ss]?://(?:[Ww]{3}[.](?=[A-Za-z0-9]))?", "")

_LABELS = "(?<![A-Za-z0-9.@/])(?:[A-Za-z0-9]+[.])+"
_CARRIED = (
    f"{_LABELS}(?:(?:{any_case(LINK_ENDINGS)})(?:/[A-Za-z0-9]*)*"
    f"|(?:{any_case(WORD_ENDINGS)})(?:/[A-Za-z0-9]*)+)(?![A-Za-z0-9/@])"
)
_SHORTENERS = any_case(sorted(SHORTENERS))

LINK_ADVICE = (
    Rule("link_www", "(?<![A-Za-z0-9.@/])(?:[Ww]{3}[.])+(?=[A-Za-z0-9])", "", automatic=True),
    Rule(
        "live_link",
        f"{_LABELS}(?:{any_case(WORD_ENDINGS)})(?![A-Za-z0-9/@]|[.][A-Za-z0-9])",
        (("[.](?=[A-Za-z0-9]+$)", ". "),),
    ),
    Rule(
        "shortener",
        f"(?<![A-Za-z0-9.@/])(?:{_SHORTENERS})(?![A-Za-z0-9@]|[.][A-Za-z0-9])(?:/[A-Za-z0-9]*)*",
    ),
    Rule("link_tail", f"{_CARRIED}[.,]+(?![^ ])", (("[.,]+$", ""),)),
    Rule("link_tail", f"{_CARRIED}[.]*,[.,]*(?=[A-Za-z0-9])", (("[.,]+$", " "),)),
    Rule("link_tail", f"{_CARRIED}(?=[$])", (("$", " "),)),
)
