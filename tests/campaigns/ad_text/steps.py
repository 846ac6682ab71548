"""A count of the steps of a backtracking regular expression, so that tests need no clock.

Matches the syntax tree of `re` as its engine does, one step a node tried. Slow, and only for the
syntax that the law's patterns use.
"""

import re
from re import _constants as names  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]


class Steps:
    """Counts the nodes tried while a pattern is searched at every position of a text."""

    def __init__(self, pattern: str) -> None:
        self._tree = list(parser.parse(pattern))
        self.count = 0

    def search_all(self, text: str) -> int:
        """Find all matches from the left, as finditer does; return the number of steps."""
        self.count = 0
        position = 0
        while position <= len(text):
            end = next(self._match(self._tree, 0, text, position), None)
            position = position + 1 if end is None or end == position else end
        return self.count

    def _match(self, nodes, index, text, at):
        """Yield each position where the nodes from an index can end."""
        self.count += 1
        if index == len(nodes):
            yield at
            return
        name, value = nodes[index]
        for end in self._one(name, value, text, at):
            yield from self._match(nodes, index + 1, text, end)

    def _one(self, name, value, text, at):
        if name in (names.MAX_REPEAT, names.MIN_REPEAT):
            yield from self._repeat(value, text, at)
        elif name is names.SUBPATTERN:
            yield from self._match(list(value[3]), 0, text, at)
        elif name is names.BRANCH:
            for branch in value[1]:
                yield from self._match(list(branch), 0, text, at)
        elif name in (names.ASSERT, names.ASSERT_NOT):
            direction, nodes = value
            start = at if direction > 0 else at - nodes.getwidth()[0]
            holds = start >= 0 and next(self._match(list(nodes), 0, text, start), None) is not None
            if holds is (name is names.ASSERT):
                yield at
        elif name is names.AT:
            is_start = value in (names.AT_BEGINNING, names.AT_BEGINNING_STRING)
            if at == (0 if is_start else len(text)):
                yield at
        elif at < len(text) and self._is_sign(name, value, text[at]):
            yield at + 1

    def _repeat(self, value, text, at):
        """Yield the ends of the longest repetition first, without recursion for each one."""
        least, most, nodes = value
        nodes = list(nodes)
        if len(nodes) == 1 and nodes[0][0] in (names.IN, names.LITERAL, names.NOT_LITERAL):
            end = at
            while end < len(text) and end - at < most and self._is_sign(*nodes[0], text[end]):
                self.count += 1
                end += 1
            yield from range(end, at + least - 1, -1)
            return
        yield from self._repeat_group(nodes, least, most, text, at)

    def _repeat_group(self, nodes, least, most, text, at):
        if most:
            for end in self._match(nodes, 0, text, at):
                if end > at:
                    yield from self._repeat_group(nodes, max(0, least - 1), most - 1, text, end)
        if not least:
            yield at

    @staticmethod
    def _is_sign(name, value, sign):
        if name is names.LITERAL:
            return ord(sign) == value
        if name is names.NOT_LITERAL:
            return ord(sign) != value
        negated = value[0][0] is names.NEGATE
        parts = [part for part in value if part[0] is not names.NEGATE]
        ranges = [part[1] if part[0] is names.RANGE else (part[1], part[1]) for part in parts]
        inside = any(first <= ord(sign) <= last for first, last in ranges)
        return inside is not negated


def steps(pattern: str, text: str) -> int:
    """Return the steps of a search for all matches of a pattern in a text."""
    re.compile(pattern)
    return Steps(pattern).search_all(text)
