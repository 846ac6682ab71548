"""Alternatives of other days against each span planned by itself."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from inventory import admission, alternatives, availability
from inventory.errors import NotEnoughInventory
from inventory.models import Capacity
from inventory.planning import plan
from inventory.terms import Terms
from tests.inventory import holds
from tests.sizes import pick

LADAS = ["33", "55", "81"]
LAST = 9  # the last day on sale, from today on


@pytest.fixture
def narrow(on_sale):
    """Ten notifications in each cell of three LADAs."""
    Capacity.objects.update(gross=10, capacity=10)
    return on_sale


def fill(first, random):
    """Hold random terms until little is left, so that what is free depends on who moves."""
    for _ in range(25):
        ladas = sorted(random.choice(LADAS, size=random.integers(1, 4), replace=False).tolist())
        start = first + timedelta(int(random.integers(0, 5)))
        wanted = {
            "ladas": ladas,
            "quantity": int(random.integers(3, 25)),
            "starts_on": start,
            "ends_on": start + timedelta(int(random.integers(0, 3))),
            "daily_cap": int(random.integers(4, 20)),
        }
        try:
            holds.hold(
                reference="LP-TEST22", expires_at=timezone.now() + timedelta(hours=1), **wanted
            )
        except NotEnoughInventory:
            continue


def fits(terms):
    try:
        admission.require_fit(terms, without=[])
    except NotEnoughInventory:
        return False
    return True


def brute_force(terms, earliest, last):
    """Return the nearest span of as many days, and the shortest longer one, that fit."""
    shifts = sorted(range(-LAST, LAST + 1), key=lambda by: (abs(by), -by))
    moved = [
        replace(
            terms, starts_on=terms.starts_on + timedelta(by), ends_on=terms.ends_on + timedelta(by)
        )
        for by in shifts
        if by
    ]
    longer = [replace(terms, ends_on=terms.ends_on + timedelta(by)) for by in range(1, LAST + 1)]
    return [
        next((t for t in spans if t.starts_on >= earliest and t.ends_on <= last and fits(t)), None)
        for spans in (moved, longer)
    ]


def asked(first, random):
    start = first + timedelta(int(random.integers(0, 5)))
    ladas = sorted(random.choice(LADAS, size=random.integers(1, 4), replace=False).tolist())
    ends_on = start + timedelta(int(random.integers(0, 3)))
    return Terms(int(random.integers(5, 30)), ladas, start, ends_on)


def offered_and_nearest(first, seed):
    """Yield what is offered of other days, and what a search of all spans finds."""
    random = np.random.default_rng(seed)
    fill(first, random)
    last = timezone.localdate() + timedelta(LAST)
    for _ in range(8):
        terms = asked(first, random)
        found = availability.check(terms, earliest=first)
        if found.short:
            by_kind = {each.kind: each.terms for each in found.alternatives}
            nearest = brute_force(terms, first, last)
            yield [by_kind.get(kind) for kind in ("dates", "span")], nearest


@pytest.mark.parametrize("seed", range(pick(3, 60)))
def test_the_days_that_are_offered_are_the_nearest_that_fit_and_some_are_where_any_fit(
    narrow, seed
):
    for offered, nearest in offered_and_nearest(narrow, seed):
        assert offered == nearest


def test_without_planning_each_span_some_offers_are_farther_or_missing(narrow, monkeypatch):
    """The negative control of the test above."""
    monkeypatch.setattr(alternatives, "MAX_PLANNED", 0)

    found = [pair for seed in range(3) for pair in offered_and_nearest(narrow, seed)]

    assert any(offered != nearest for offered, nearest in found)


def test_the_search_plans_a_limited_number_of_spans(narrow, monkeypatch):
    planned = []

    def never_fits(_snapshot, request):
        planned.append(request)
        return False

    monkeypatch.setattr(plan, "fits", never_fits)
    monkeypatch.setattr(alternatives, "MAX_PLANNED", 3)
    impossible = Terms(10_000, ["33"], narrow, narrow)

    assert not {each.kind for each in availability.check(impossible).alternatives} & {
        "dates",
        "span",
    }
    assert len(planned) == 6
