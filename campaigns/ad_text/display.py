"""Display of an ad text in a form: the marked copy, problems as chips, the preview of the fixes.

The browser builds the same from the same law (static/js/ad-text-field.js); this is what the
server renders first, and all that there is where no script runs.
"""

from dataclasses import dataclass

from campaigns.ad_text import law
from campaigns.ad_text.law import Change, Problem
from campaigns.ad_text.messages import FIELD
from campaigns.ad_text.problems import translate

#: Characters of a long word that a chip shows on each side of the offending text.
_CONTEXT = 24


@dataclass(frozen=True, slots=True)
class ProblemChip:
    """A problem or an advice with the word that it is in."""

    problem: Problem
    word: str


@dataclass(frozen=True, slots=True)
class AdTextDisplay:
    """The context of a form field for one text; labels and counters are in Spanish.

    `written` is what the person typed, which goes back into the textarea; `text` is its
    normalised form. `room` is the limit less the link and its space, in characters. `segments`
    are parts of the text with the problem to mark each with, if any; `preview` are the words
    that the fixes change, before and after; `correct` is the label of the button that applies
    them, `signs` the number of problems in words, `notice` the start of the notification.
    """

    written: str
    text: str
    link: str
    limit: int
    room: int
    length: int
    rule: str
    counter: str
    over: bool
    segments: list[tuple[str, Problem | None]]
    chips: list[ProblemChip]
    advice: list[ProblemChip]
    preview: list[tuple[str, str]]
    correct: str
    signs: str
    notice: str

    @property
    def notification(self) -> str:
        """The text and its link, as they follow the notice on the phone."""
        return f"{self.text} {self.link}".strip(" ")


def build(text: str, *, limit: int = law.DEFAULT_LIMIT, link: str = "") -> AdTextDisplay:
    """Return the display of a text. `link` is the short link that will follow it.

    An empty text shows no problem: nothing has been written yet.

    Raises BadLimit, also where the link leaves no room.
    """
    room = limit - len(link) - 1 if link else limit
    problems = law.check(text, limit=room)
    normalised = law.normalise(text)
    fixed = law.fix(text, limit=room)
    displayed = [found for found in problems if found.code not in ("empty", "too_long")]
    fixable = sum(found.fix is not None for found in displayed)
    return AdTextDisplay(
        written=text,
        text=normalised,
        link=link,
        limit=limit,
        room=room,
        length=len(normalised),
        rule=_text("rule").format(limit=room),
        counter=counter(len(normalised), room),
        over=len(normalised) > room,
        segments=segments_of(text, problems),
        chips=_chips(normalised, displayed),
        advice=_chips(normalised, law.advice(text)),
        preview=words_changed(text, fixed.changes),
        correct=_counted("correct", fixable) if fixable else "",
        signs=_counted("to_fix", len(displayed)) if displayed else _text("clean"),
        notice=_text("notice"),
    )


def counter(length: int, limit: int) -> str:
    """Return a label with how many characters are left, or how many are too many."""
    return _counted("left", limit - length) if length <= limit else _counted("over", length - limit)


def segments_of(text: str, problems: list[Problem]) -> list[tuple[str, Problem | None]]:
    """Split a text into segments, each with the problem to mark it with, or None.

    Joined, the segments are the normalised text. A forbidden sign keeps its own problem where
    the text is also too long.
    """
    normalised = law.normalise(text)
    owner: list[Problem | None] = [None] * len(normalised)
    for problem in sorted(problems, key=lambda found: found.code != "too_long"):
        owner[problem.position : problem.end] = [problem] * len(problem.offending)
    segments: list[tuple[str, Problem | None]] = []
    start = 0
    for i in range(1, len(normalised) + 1):
        if i == len(normalised) or owner[i] is not owner[start]:
            segments.append((normalised[start:i], owner[start]))
            start = i
    return segments


def words_changed(text: str, changes: list[Change]) -> list[tuple[str, str]]:
    """Return the changed words as (before, after) pairs of whole words, in reading order."""
    normalised = law.normalise(text)
    rows: list[tuple[int, int, list[Change]]] = []
    for change in changes:
        end = change.position + len(change.before)
        start = normalised.rfind(" ", 0, change.position) + 1
        stop = normalised.find(" ", end)
        stop = len(normalised) if stop < 0 else stop
        if rows and start < rows[-1][1]:
            first, last, inside = rows[-1]
            rows[-1] = (first, max(last, stop), [*inside, change])
        else:
            rows.append((start, stop, [change]))
    return [
        (normalised[start:stop], _apply_changes(normalised, start, stop, inside))
        for start, stop, inside in rows
    ]


def _apply_changes(text: str, start: int, stop: int, changes: list[Change]) -> str:
    parts = []
    for change in changes:
        parts += [text[start : change.position], change.after]
        start = change.position + len(change.before)
    return "".join([*parts, text[start:stop]])


def _chips(text: str, problems: list[Problem]) -> list[ProblemChip]:
    return [ProblemChip(problem, _word_at(text, problem)) for problem in problems]


def _word_at(text: str, problem: Problem) -> str:
    start = max(text.rfind(" ", 0, problem.position) + 1, problem.position - _CONTEXT)
    stop = text.find(" ", problem.end)
    stop = len(text) if stop < 0 else stop
    return text[start : max(problem.end, min(stop, problem.position + _CONTEXT))]


def _counted(key: str, n: int) -> str:
    return _text(f"{key}_one" if n == 1 else key).format(n=n)


def _text(key: str) -> str:
    return translate(FIELD[key])
