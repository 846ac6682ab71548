"""What a page shows of an ad text: the marked copy, the chips, the preview of the fixes.

The browser makes the same from the same law (static/js/ad-text-field.js); this is what the server
renders first, and all there is where no script runs.
"""

from dataclasses import dataclass

from campaigns.ad_text import law
from campaigns.ad_text.law import Change, Problem
from campaigns.ad_text.messages import FIELD
from campaigns.ad_text.problems import say

#: Letters of a long word that a chip shows on each side of the offender.
_AROUND = 24


@dataclass(frozen=True, slots=True)
class Chip:
    """A problem or an advice beside the word it stands in."""

    problem: Problem
    word: str


@dataclass(frozen=True, slots=True)
class AdTextDisplay:
    """All that the field shows of one text.

    `written` is what the person typed, which goes back into the box; `text` is its normalised
    form. `room` is the limit less the link and its space.
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
    chips: list[Chip]
    advice: list[Chip]
    preview: list[tuple[str, str]]
    correct: str
    signs: str
    notice: str

    @property
    def notification(self) -> str:
        """What follows the notice on the phone: the text and its link."""
        return f"{self.text} {self.link}".strip(" ")


def build(text: str, *, limit: int = law.DEFAULT_LIMIT, link: str = "") -> AdTextDisplay:
    """Gather what the field shows. `link` is the short link that will follow the text.

    An empty text is not scolded: nothing has been written yet.

    Raises BadLimit, also where the link leaves no room.
    """
    room = limit - len(link) - 1 if link else limit
    problems = law.check(text, limit=room)
    normalised = law.normalise(text)
    fixed = law.fix(text, limit=room)
    shown = [found for found in problems if found.code not in ("empty", "too_long")]
    fixable = sum(found.fix is not None for found in shown)
    return AdTextDisplay(
        written=text,
        text=normalised,
        link=link,
        limit=limit,
        room=room,
        length=len(normalised),
        rule=_sentence("rule").format(limit=room),
        counter=counter(len(normalised), room),
        over=len(normalised) > room,
        segments=segments_of(text, problems),
        chips=_chips(normalised, shown),
        advice=_chips(normalised, law.advice(text)),
        preview=words_changed(text, fixed.changes),
        correct=_counted("correct", fixable) if fixable else "",
        signs=_counted("to_mend", len(shown)) if shown else _sentence("clean"),
        notice=_sentence("notice"),
    )


def counter(length: int, limit: int) -> str:
    """Say how many characters are left, or how many are too many."""
    return _counted("left", limit - length) if length <= limit else _counted("over", length - limit)


def segments_of(text: str, problems: list[Problem]) -> list[tuple[str, Problem | None]]:
    """Cut a text into stretches, each with the problem to mark it with, or None.

    Joined, the stretches are the normalised text. A sign is marked as itself also where the text
    is too long.
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
    """Show changes as a reader sees them: whole words, before and after, in reading order."""
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
        (normalised[start:stop], _changed(normalised, start, stop, inside))
        for start, stop, inside in rows
    ]


def _changed(text: str, start: int, stop: int, changes: list[Change]) -> str:
    parts = []
    for change in changes:
        parts += [text[start : change.position], change.after]
        start = change.position + len(change.before)
    return "".join([*parts, text[start:stop]])


def _chips(text: str, problems: list[Problem]) -> list[Chip]:
    return [Chip(problem, _word_at(text, problem)) for problem in problems]


def _word_at(text: str, problem: Problem) -> str:
    start = max(text.rfind(" ", 0, problem.position) + 1, problem.position - _AROUND)
    stop = text.find(" ", problem.end)
    stop = len(text) if stop < 0 else stop
    return text[start : max(problem.end, min(stop, problem.position + _AROUND))]


def _counted(key: str, n: int) -> str:
    return _sentence(f"{key}_one" if n == 1 else key).format(n=n)


def _sentence(key: str) -> str:
    return say(FIELD[key])
