"""A live campaign with counts that are added up by hand."""

from datetime import timedelta

import pytest

from campaigns.results.counts import Counts
from tests.campaigns.certificates.conftest import certificate, final, over, settler
from tests.counts import at
from tests.results import put_counts

__all__ = ["certificate", "final", "over", "settler"]
DAY = timedelta(days=1)


@pytest.fixture
def counted(live, time_machine):
    """A live campaign at noon of its second day; its counts by hour and LADA."""
    first, second = live.starts_on, live.starts_on + DAY
    put_counts(
        live,
        {
            (at(first, 9), "55"): Counts(4_000, 3_500, 300, 100),
            (at(first, 9), "33"): Counts(1_000, 900, 50, 50),
            (at(first, 14), "55"): Counts(2_000, 1_900, 0, 100),
            (at(second, 9), "81"): Counts(500, 300, 0, 0),
            (at(second, 9), "55"): Counts(600, 550, 50, 0),
        },
    )
    time_machine.move_to(at(second, 12), tick=False)
    live.refresh_from_db()
    return live
