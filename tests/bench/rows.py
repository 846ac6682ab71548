"""The figures of the bench beside their references, as a table and as a JSON file."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GROUPS = (
    "text",
    "inventory",
    "admission",
    "delivery",
    "pages",
    "bars",
    "links",
    "api",
    "reports",
    "results",
    "exports",
    "day",
)

_WIDTHS = (38, 9, 7, 31, 9, 9, 9)
_HEADS = ("name", "value", "unit", "reference", "its value", "ratio", "bar")


@dataclass(frozen=True)
class Row:
    """A figure of the product and the reference that was measured in the same rounds.

    Both values have the same unit; each is the median, or the percentile named, over `rounds`.
    `bar` is the largest value that was agreed beforehand, if any.
    """

    name: str
    value: float
    unit: str
    reference: str
    reference_value: float
    rounds: int
    bar: float | None = None

    @property
    def ratio(self) -> float:
        """The value divided by the reference: for a rate more is better, for a time less is."""
        return self.value / self.reference_value

    def to_json(self) -> dict[str, Any]:
        bar = {} if self.bar is None else {"bar": self.bar}
        return {
            "name": self.name,
            "value": _significant(self.value),
            "unit": self.unit,
            "reference": self.reference,
            "reference_value": _significant(self.reference_value),
            "ratio": _significant(self.ratio),
            "rounds": self.rounds,
            **bar,
        }


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as a JSON list, replacing those of an earlier run."""
    text = json.dumps([row.to_json() for row in rows], ensure_ascii=False, indent=2)
    path.write_text(text + "\n")


def head() -> str:
    """Return the head of the table and its rule."""
    return f"{_line(_HEADS)}\n{'─' * (sum(_WIDTHS) + 2 * len(_WIDTHS) - 2)}"


def line(row: Row) -> str:
    return _line(
        (
            row.name,
            _format_number(row.value),
            row.unit,
            row.reference,
            _format_number(row.reference_value),
            f"{_format_number(row.ratio)} ×",
            _bar(row),
        )
    )


def _line(cells: Iterable[str]) -> str:
    right = (False, True, False, False, True, True, True)
    padded = (
        cell.rjust(width) if on_the_right else cell.ljust(width)
        for cell, width, on_the_right in zip(cells, _WIDTHS, right, strict=True)
    )
    return "  ".join(padded).rstrip()


def _bar(row: Row) -> str:
    if row.bar is None:
        return ""
    return f"{'≤' if row.value <= row.bar else 'above'} {_format_number(row.bar)}"


def _format_number(number: float) -> str:
    """Format a number with three or more significant figures: 12,345, 123, 12.3, 0.0123."""
    size = abs(number)
    if size >= 100:
        return f"{number:,.0f}"
    decimals = 1 if size >= 10 else 2 if size >= 1 else 3 if size >= 0.1 else 4
    return f"{number:.{decimals}f}"


def _significant(number: float) -> float:
    return float(f"{number:.6g}")
