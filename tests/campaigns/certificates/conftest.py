"""A campaign that is over, with counts worked out by hand."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from campaigns import lifecycle
from campaigns.certificates import issue
from campaigns.models import Campaign, Certificate
from campaigns.results.counts import Counts
from portal.accounts.models import User
from tests.counts import at, make_final
from tests.results import put_counts

DAY = timedelta(days=1)


def delivered(first: date) -> dict[tuple[datetime, str], Counts]:
    """Return counts of (hour, LADA): 160 notifications, of which 130 were delivered.

    On the first day 107 in the LADAs of three states, of which one has only 7, and on the second
    53 in one. None on the third.
    """
    return {
        (at(first, 9), "55"): Counts(60, 50, 6, 4),
        (at(first, 10), "33"): Counts(40, 30, 5, 5),
        (at(first, 10), "81"): Counts(7, 6, 1, 0),
        (at(first + DAY, 23), "55"): Counts(53, 44, 4, 5),
    }


@pytest.fixture
def over(live: Campaign, time_machine: Any) -> Campaign:
    """A campaign that finished after its last day; its counts may still change."""
    assert live.starts_on and live.ends_on
    put_counts(live, delivered(live.starts_on))
    time_machine.move_to(at(live.ends_on + DAY, 1), tick=False)
    lifecycle.advance_due()
    live.refresh_from_db()
    assert live.status == "finished"
    return live


@pytest.fixture
def final(over: Campaign, time_machine: Any) -> Campaign:
    """The same campaign four days later, with final counts."""
    assert over.starts_on and over.ends_on
    time_machine.move_to(at(over.ends_on + 4 * DAY, 10), tick=False)
    make_final(over.starts_on, over.ends_on)
    return over


@pytest.fixture
def certificate(final: Campaign, editor: User) -> Certificate:
    return issue.issue(final.pk, by=editor).certificate


@pytest.fixture
def settler(db: None) -> User:
    """One of staff who answers disputes."""
    user = User.objects.create_user("finanzas@telefonica.mx", "x", is_staff=True)
    codes = ["settle_certificate", "view_certificate", "view_campaign"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


def correct(campaign: Campaign) -> None:
    """Let the gateway correct an hour: ten more were delivered."""
    assert campaign.starts_on
    put_counts(campaign, {(at(campaign.starts_on, 9), "55"): Counts(60, 60, 0, 0)}, revision=3)
