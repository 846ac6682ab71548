import pytest

from campaigns import lifecycle
from campaigns.models import Campaign


@pytest.fixture
def campaign(approved) -> Campaign:
    return approved


@pytest.fixture
def other(draft, editor, reviewer, campaign) -> Campaign:
    """Another campaign of the brand on the same days."""
    copied = lifecycle.copy(draft.pk, by=editor)
    lifecycle.submit(copied.pk, by=editor)
    lifecycle.hold_submitted()
    return lifecycle.approve(copied.pk, version=1, by=reviewer)
