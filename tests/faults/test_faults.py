"""Sequences of campaigns under faults and kills, after which both sides agree to the last unit."""

import pytest

from tests.faults import round
from tests.faults.world import PROGRAMS
from tests.sizes import pick

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

ROUNDS = pick([1], [1, 1_001, 2_001, 3_001])
SEQUENCES = 24


@pytest.mark.parametrize("seed", ROUNDS)
def test_after_faults_and_kills_portal_and_gateway_agree(seed, tmp_path):
    result = round.play(tmp_path, seed=seed, count=SEQUENCES)

    assert result.violations == []
    assert result.inserted > 1_000
    assert result.steps["given up"] < SEQUENCES / 4
    assert set(result.killed) == {*PROGRAMS, "web", "sandbox"}
