"""What a report consists of: charts, each with a sentence and a table of the same sums."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.results.counts import Counts
from core.charts import Chart

NOTHING = "–"  # in a cell without a number

#: What became of notifications, from the bottom of a bar to its top: CSS class and label.
OUTCOMES: tuple[tuple[str, str | Promise], ...] = (
    ("delivered", gettext_lazy("Entregadas")),
    ("pending", gettext_lazy("Por confirmar")),
    ("no-receipt", gettext_lazy("Sin acuse")),
    ("failed", gettext_lazy("Fallidas")),
)
COUNT_COLUMNS: tuple[str | Promise, ...] = (
    gettext_lazy("Con anuncio"),
    *(label for _kind, label in OUTCOMES),
)


class SumRow(NamedTuple):
    """A row of a table: what it stands for, and its numbers as they are written."""

    name: str
    cells: Sequence[str]


class Sums(NamedTuple):
    """A table of sums; `columns` has the heads of the names and of each number."""

    columns: Sequence[str | Promise]
    rows: Sequence[SumRow]
    total: SumRow | None = None


class Figure(NamedTuple):
    """A chart, its colours as (CSS class, label), a sentence, and a table of the same sums."""

    key: str  # unique on the page
    title: str
    sentence: str
    chart: Chart
    colours: Sequence[tuple[str, str | Promise]]
    sums: Sums


def parts(counts: Counts) -> list[tuple[str, int]]:
    """Return counts as the parts of a bar."""
    values = (counts.delivered, counts.pending, counts.no_receipt, counts.failed)
    return [(kind, max(value, 0)) for (kind, _label), value in zip(OUTCOMES, values, strict=True)]


def cells(counts: Counts) -> list[str]:
    """Return counts as the cells of COUNT_COLUMNS."""
    return [f"{counts.inserted:,}", *(f"{value:,}" for _kind, value in parts(counts))]


def add_up(counts: Iterable[Counts]) -> Counts:
    total = Counts()
    for each in counts:
        total = total.plus(each)
    return total


def total_row(counts: Counts, *rest: str) -> SumRow:
    return SumRow(_("Total"), [*cells(counts), *rest])


def rate(part: int, whole: int, decimals: int = 0) -> str:
    """Return a part in percent: "94 %"; NOTHING where there is no whole."""
    return f"{100 * part / whole:,.{decimals}f} %" if whole else NOTHING
