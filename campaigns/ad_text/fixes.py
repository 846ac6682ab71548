"""Mends a text as far as it has one right answer, and keeps the account of every change."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

from campaigns.ad_text.problems import Problem, advice_in, refusals_in


@dataclass(frozen=True, slots=True)
class Change:
    """One replacement: `before`, at `position` of the normalised text, becomes `after`."""

    position: int
    before: str
    after: str
    code: str
    reason: str


@dataclass(slots=True)
class _Piece:
    """A stretch of the text being mended: as it was, and as it is by now."""

    before: str
    after: str
    code: str = ""
    reason: str = ""


def mend(text: str) -> tuple[str, list[Change]]:
    """Apply fixes until none is left.

    Each turn removes forbidden characters or shortens the text, so it ends.
    """
    pieces = _cut(text)
    while mends := _apart(_fixable(_now(pieces))):
        _apply(mends, pieces)
    return _now(pieces), _changes(pieces)


def mend_at(text: str, position: int) -> tuple[str, list[Change]]:
    """Apply the one fix offered at a position, be it of a problem or of an advice, and no other."""
    offered = [found for found in (*refusals_in(text), *advice_in(text)) if found.fix is not None]
    pieces = _cut(text)
    _apply([found for found in offered if found.position == position][:1], pieces)
    return _now(pieces), _changes(pieces)


def _fixable(text: str) -> list[Problem]:
    found = [refused for refused in refusals_in(text) if refused.fix is not None]
    return sorted(found + advice_in(text, to_mend=True), key=lambda problem: problem.position)


def _apart(problems: list[Problem]) -> list[Problem]:
    """Choose those that do not overlap; the others wait for the next turn."""
    chosen: list[Problem] = []
    for problem in problems:
        if not chosen or problem.position >= chosen[-1].end:
            chosen.append(problem)
    return chosen


def _apply(mends: list[Problem], pieces: list[_Piece]) -> None:
    """Merge the pieces that each mend touches into one; from the end, so that offsets hold."""
    starts = list(accumulate((len(piece.after) for piece in pieces), initial=0))[:-1]
    for mended in reversed(mends):
        first = bisect_right(starts, mended.position) - 1
        last = bisect_left(starts, mended.end) - 1
        touched = pieces[first : last + 1]
        head = touched[0].after[: mended.position - starts[first]]
        tail = touched[-1].after[mended.end - starts[last] :]
        known = next((piece for piece in touched if piece.code), None)
        merged = _Piece(
            "".join(piece.before for piece in touched),
            f"{head}{mended.fix}{tail}",
            known.code if known else mended.code,
            known.reason if known else mended.message,
        )
        pieces[first : last + 1] = [merged]
        starts[first : last + 1] = [starts[first]]


def _cut(text: str) -> list[_Piece]:
    return [_Piece(character, character) for character in text]


def _now(pieces: list[_Piece]) -> str:
    return "".join(piece.after for piece in pieces)


def _changes(pieces: list[_Piece]) -> list[Change]:
    positions = accumulate((len(piece.before) for piece in pieces), initial=0)
    return [
        Change(position, piece.before, piece.after, piece.code, piece.reason)
        for position, piece in zip(positions, pieces, strict=False)
        if piece.before != piece.after
    ]
