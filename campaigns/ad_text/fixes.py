"""Application of fixes to a text, with a record of every change."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

from campaigns.ad_text.problems import Problem, advice_in, refusals_in


@dataclass(frozen=True, slots=True)
class Change:
    """A replacement: `before`, at `position` of the normalised text, becomes `after`.

    `code` and `reason` are those of the first problem that was fixed there.
    """

    position: int
    before: str
    after: str
    code: str
    reason: str


@dataclass(slots=True)
class _Piece:
    """A part of the text being fixed: its original and its current content."""

    before: str
    after: str
    code: str = ""
    reason: str = ""


def apply_all(text: str) -> tuple[str, list[Change]]:
    """Apply fixes until none is left; return the fixed text and its changes.

    It ends, because each round removes forbidden characters or shortens the text.
    """
    pieces = _split(text)
    while fixable := _without_overlaps(_fixable(_current(pieces))):
        _apply(fixable, pieces)
    return _current(pieces), _changes(pieces)


def apply_at(text: str, position: int) -> tuple[str, list[Change]]:
    """Apply only the fix offered at a position, of a problem or else of an advice."""
    problems = [*refusals_in(text), *advice_in(text)]
    fixable = [p for p in problems if p.fix is not None and p.position == position]
    pieces = _split(text)
    _apply(fixable[:1], pieces)
    return _current(pieces), _changes(pieces)


def _fixable(text: str) -> list[Problem]:
    """Return the problems that have a fix and the automatic advice, in reading order."""
    refusals = [refusal for refusal in refusals_in(text) if refusal.fix is not None]
    advice = advice_in(text, automatic_only=True)
    return sorted(refusals + advice, key=lambda problem: problem.position)


def _without_overlaps(problems: list[Problem]) -> list[Problem]:
    """Return the problems that do not overlap an earlier one; the rest wait for the next round."""
    chosen: list[Problem] = []
    for problem in problems:
        if not chosen or problem.position >= chosen[-1].end:
            chosen.append(problem)
    return chosen


def _apply(problems: list[Problem], pieces: list[_Piece]) -> None:
    """Merge the pieces that each problem covers into one that holds its fix.

    From the end to the start, so that offsets stay valid.
    """
    starts = list(accumulate((len(piece.after) for piece in pieces), initial=0))[:-1]
    for problem in reversed(problems):
        first = bisect_right(starts, problem.position) - 1
        last = bisect_left(starts, problem.end) - 1
        covered = pieces[first : last + 1]
        head = covered[0].after[: problem.position - starts[first]]
        tail = covered[-1].after[problem.end - starts[last] :]
        labelled = next((piece for piece in covered if piece.code), None)
        merged = _Piece(
            "".join(piece.before for piece in covered),
            f"{head}{problem.fix}{tail}",
            labelled.code if labelled else problem.code,
            labelled.reason if labelled else problem.message,
        )
        pieces[first : last + 1] = [merged]
        starts[first : last + 1] = [starts[first]]


def _split(text: str) -> list[_Piece]:
    return [_Piece(character, character) for character in text]


def _current(pieces: list[_Piece]) -> str:
    return "".join(piece.after for piece in pieces)


def _changes(pieces: list[_Piece]) -> list[Change]:
    positions = accumulate((len(piece.before) for piece in pieces), initial=0)
    return [
        Change(position, piece.before, piece.after, piece.code, piece.reason)
        for position, piece in zip(positions, pieces, strict=False)
        if piece.before != piece.after
    ]
