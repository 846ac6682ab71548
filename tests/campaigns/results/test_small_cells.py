import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from campaigns.results import small_cells
from campaigns.results.small_cells import LEAST

CELLS = st.integers(0, 30)
ROWS = st.tuples(st.integers(1, 4), st.integers(1, 8))


@pytest.mark.parametrize(
    ("values", "merged"),
    [
        ([0, 0], [False, False]),
        ([10, 500], [False, False]),
        ([9, 500, 20], [True, False, True]),  # the only small one takes the smallest other
        ([9, 500, 0], [True, True, False]),
        ([4, 6, 20], [True, True, False]),  # two small ones have ten together
        ([4, 5, 20, 30], [True, True, True, False]),
        ([3, 4, 0], [True, True, False]),  # nothing to merge with
    ],
)
def test_what_is_merged(values, merged):
    assert small_cells.merged(np.array([values])).tolist() == [merged]


@given(arrays(np.int64, ROWS, elements=CELLS))
def test_a_merged_cell_cannot_be_worked_out(values):
    mask = small_cells.merged(values)

    assert not (mask & (values == 0)).any()
    for row, merged in zip(values, mask, strict=True):
        assert (row[~merged] >= LEAST).sum() == (row[~merged] > 0).sum()
        if merged.any() and row.sum() >= LEAST:
            assert row[merged].sum() >= LEAST
            assert merged.sum() > 1


@given(arrays(np.int64, ROWS, elements=CELLS))
def test_neither_rows_nor_columns_give_a_cell_away(grid):
    mask = small_cells.merged_both_ways(grid)

    for cells, merged in [*zip(grid, mask, strict=True), *zip(grid.T, mask.T, strict=True)]:
        assert (cells[~merged] >= LEAST).sum() == (cells[~merged] > 0).sum()
        if merged.any() and not merged[cells > 0].all():
            assert cells[merged].sum() >= LEAST
            assert merged.sum() > 1
