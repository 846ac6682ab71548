"""The text law: how fast a text is judged and mended, against the least that could be done."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from time import perf_counter_ns

from campaigns import ad_text
from tests.bench.ad_texts import KINDS, MIX
from tests.bench.ground import Ground
from tests.bench.rounds import medians, percentile, rate
from tests.bench.rows import Row

ROUNDS = 7
PASSES = 40  # over the whole mix, where each text is timed by itself

_REFERENCE = "NFC and one compiled regex"
_plain = re.compile(r"^[A-Za-z0-9 $.,/@]{1,90}$")

Judge = Callable[[str], object]


def measure(ground: Ground) -> Iterator[Row]:
    """Judge the mix and each kind of text at a rate, then the mix one by one."""
    yield _row("ad text, checks", ad_text.check, MIX)
    for kind, texts in KINDS.items():
        yield _row(f"ad text, checks, {kind}", ad_text.check, texts)
    turns = [(_times(ad_text.check), _times(_match)) for _ in range(ROUNDS)]
    for percent in (50, 99):
        own, floor = (median(percentile(turn[side], percent) for turn in turns) for side in (0, 1))
        yield Row(f"ad text, one check, p{percent}", own, "µs", _REFERENCE, floor, ROUNDS)
    yield _row("ad text, fixes", ad_text.fix, MIX)


def _row(name: str, judge: Judge, texts: Sequence[str]) -> Row:
    own, floor = medians(ROUNDS, lambda: _rate(judge, texts), lambda: _rate(_match, texts))
    return Row(name, own, "texts/s", _REFERENCE, floor, ROUNDS)


def _match(text: str) -> bool:
    return _plain.match(unicodedata.normalize("NFC", text)) is not None


def _rate(judge: Judge, texts: Sequence[str]) -> float:
    def work() -> None:
        for text in texts:
            judge(text)

    return rate(len(texts), work)


def _times(judge: Judge) -> list[float]:
    """Give the microseconds of each judgement, the clock's own cost included."""
    times = []
    for _ in range(PASSES):
        for text in MIX:
            began = perf_counter_ns()
            judge(text)
            times.append((perf_counter_ns() - began) / 1_000)
    return times
