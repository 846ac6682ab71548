"""Bench of the text law: texts checked and fixed a second, beside one regular expression."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from time import perf_counter_ns

from campaigns import ad_text
from tests.bench.ad_texts import KINDS, MIX
from tests.bench.environment import BenchEnvironment
from tests.bench.rounds import medians, percentile, rate
from tests.bench.rows import Row

ROUNDS = 7
PASSES = 40  # over the whole mix, where each text is timed by itself

_REFERENCE = "NFC and one compiled regex"
_plain = re.compile(r"^[A-Za-z0-9 $.,/@]{1,90}$")

TextFunction = Callable[[str], object]


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    """Measure the rate of checks of the mix and of each kind of text, then each check by itself."""
    yield _row("ad text, checks", ad_text.check, MIX)
    for kind, texts in KINDS.items():
        yield _row(f"ad text, checks, {kind}", ad_text.check, texts)
    turns = [(_times(ad_text.check), _times(_match)) for _ in range(ROUNDS)]
    for percent in (50, 99):
        own, floor = (median(percentile(turn[side], percent) for turn in turns) for side in (0, 1))
        yield Row(f"ad text, one check, p{percent}", own, "µs", _REFERENCE, floor, ROUNDS)
    yield _row("ad text, fixes", ad_text.fix, MIX)


def _row(name: str, function: TextFunction, texts: Sequence[str]) -> Row:
    own, floor = medians(ROUNDS, lambda: _rate(function, texts), lambda: _rate(_match, texts))
    return Row(name, own, "texts/s", _REFERENCE, floor, ROUNDS)


def _match(text: str) -> bool:
    return _plain.match(unicodedata.normalize("NFC", text)) is not None


def _rate(function: TextFunction, texts: Sequence[str]) -> float:
    def work() -> None:
        for text in texts:
            function(text)

    return rate(len(texts), work)


def _times(function: TextFunction) -> list[float]:
    """Return the microseconds of each check, the clock's own cost included."""
    times = []
    for _ in range(PASSES):
        for text in MIX:
            began = perf_counter_ns()
            function(text)
            times.append((perf_counter_ns() - began) / 1_000)
    return times
