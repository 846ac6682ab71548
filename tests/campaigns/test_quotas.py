"""What one brand may hold without a decision, and how long."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from campaigns import lifecycle, quotas, readiness
from campaigns.errors import NotReady, TooLargeLadaShare, TooLargeShare, TooMuchHeld
from campaigns.models import Brand, Campaign
from campaigns.moves import Status
from campaigns.quotas import Wanted
from core.calendar import add_working_days
from inventory import allocations
from inventory.models import Capacity, Reservation
from portal import checks

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(settings, brand):
    """The defaults of a new brand, made small."""
    settings.MIN_ORDER, settings.MAX_ORDER = 10, 50_000
    settings.HELD_PER_BRAND, settings.SHARE_PER_BRAND = 60_000, 100
    settings.LADA_SHARE_PER_BRAND = 100
    return brand


@pytest.fixture
def second(campaign_in_review, editor):
    """Another draft of the brand, beside one that is in review."""
    return lifecycle.copy(campaign_in_review.pk, by=editor)


def resubmit(campaign, volume, by):
    Campaign.objects.filter(pk=campaign.pk).update(volume=volume)
    return lifecycle.submit(campaign.pk, by=by)


@pytest.mark.parametrize(
    ("volume", "is_taken"),
    [(1, False), (9, False), (10, True), (50_000, True), (50_001, False), (900_000_000, False)],
)
def test_an_order_is_neither_too_small_nor_too_large(limited, draft, editor, volume, is_taken):
    if is_taken:
        assert resubmit(draft, volume, editor).status == Status.RESERVING
        return
    with pytest.raises(NotReady) as refused:
        resubmit(draft, volume, editor)

    assert refused.value.problems == {
        "volume": ["Pide entre 10 y 50,000 notificaciones en cada campaña."]
    }
    draft.refresh_from_db()
    assert (draft.status, draft.version_number) == (Status.DRAFT, 0)


def test_a_brand_holds_no_more_than_its_notifications_and_is_told_how_many_it_may(
    campaign_in_review, second, limited, editor
):
    held = campaign_in_review.volume
    limited.held_limit = held + 25
    limited.save()

    with pytest.raises(TooMuchHeld) as refused:
        resubmit(second, 26, editor)

    assert (refused.value.code, refused.value.most) == ("too_much_held", 25)
    assert f"hasta {held + 25:,} notificaciones" in refused.value.message
    assert "Ya tiene 60,000: baja el volumen a 25, " in refused.value.message
    second.refresh_from_db()
    assert second.status == Status.DRAFT
    assert resubmit(second, 25, editor).status == Status.RESERVING


def test_where_nothing_is_left_it_is_told_what_to_wait_for(
    campaign_in_review, second, limited, editor
):
    limited.held_limit = campaign_in_review.volume
    limited.save()

    with pytest.raises(TooMuchHeld, match="espera a que se decida alguna") as refused:
        resubmit(second, 10, editor)

    assert refused.value.most == 0


def test_what_was_decided_and_what_others_hold_does_not_count(
    campaign_in_review, second, limited, editor, reviewer
):
    lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)
    other = Brand.objects.create(name="Otra", slug="otra")
    quotas.require_within(other, wanted(second, 60_000))

    assert resubmit(second, 50_000, editor).status == Status.RESERVING


def wanted(campaign, volume):
    return Wanted(volume, campaign.starts_on, campaign.ends_on, ["33", "55", "81"])


@pytest.mark.parametrize("percent", [1, 30, 100])
def test_a_brand_holds_a_share_of_what_the_channel_carries_on_its_days(
    settings, brand, draft, percent
):
    settings.SHARE_PER_BRAND = percent
    cells = Capacity.objects.filter(day__range=(draft.starts_on, draft.ends_on))
    on_sale = sum(cells.values_list("capacity", flat=True))
    most = on_sale * percent // 100

    quotas.require_within(brand, wanted(draft, most))
    with pytest.raises(TooLargeShare) as refused:
        quotas.require_within(brand, wanted(draft, most + 1))

    assert (refused.value.code, refused.value.most) == ("too_large_share", most)
    assert f"{percent} %" in refused.value.message
    assert f"{most:,}" in refused.value.message


def test_what_it_holds_on_the_same_days_is_part_of_its_share(settings, brand, campaign_in_review):
    settings.SHARE_PER_BRAND = 10
    reservation = campaign_in_review.reservation
    days = (campaign_in_review.starts_on, campaign_in_review.ends_on)
    cells = Capacity.objects.filter(day__range=days)
    most = sum(cells.values_list("capacity", flat=True)) // 10
    after = days[1] + timedelta(days=1)

    with pytest.raises(TooLargeShare) as refused:
        quotas.require_within(brand, Wanted(most, *days, ["55"]))

    assert refused.value.most == most - reservation.quantity
    quotas.require_within(brand, Wanted(1, after, after, ["55"]))
    quotas.require_within(brand, Wanted(most, *days, ["55"]), without=campaign_in_review.pk)


def test_its_own_limits_replace_the_defaults(limited, draft):
    with pytest.raises(TooMuchHeld):
        quotas.require_within(limited, wanted(draft, 60_001))
    limited.held_limit = 60_001

    quotas.require_within(limited, wanted(draft, 60_001))

    limited.held_limit, limited.share_limit = 10**9, 1
    with pytest.raises(TooLargeShare):
        quotas.require_within(limited, wanted(draft, 5_000_000))


def test_its_own_share_of_each_lada_replaces_the_default(settings, brand, draft):
    settings.LADA_SHARE_PER_BRAND, settings.LADA_FLOOR_PER_BRAND = 10, 0
    days = (draft.starts_on, draft.ends_on)
    cells = Capacity.objects.filter(day__range=days, lada="55")
    most = sum(cells.values_list("capacity", flat=True)) * 30 // 100

    with pytest.raises(TooLargeLadaShare):
        quotas.require_within(brand, Wanted(most, *days, ["55"]))
    brand.lada_share_limit = 30

    quotas.require_within(brand, Wanted(most, *days, ["55"]))
    with pytest.raises(TooLargeLadaShare, match="30 %") as refused:
        quotas.require_within(brand, Wanted(most + 1, *days, ["55"]))
    assert refused.value.most == most


@pytest.mark.parametrize(
    "wrong",
    [
        {"held_limit": 0},
        {"share_limit": 0},
        {"share_limit": 101},
        {"lada_share_limit": 0},
        {"lada_share_limit": 101},
    ],
)
def test_limits_make_sense(brand, wrong):
    for name, value in wrong.items():
        setattr(brand, name, value)

    with pytest.raises(ValidationError):
        brand.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        Brand.objects.filter(pk=brand.pk).update(**wrong)


def test_the_defaults_let_nobody_empty_the_channel(monkeypatch, settings):
    from portal import settings as plain

    for name in ("MAX_ORDER", "HELD_PER_BRAND", "SHARE_PER_BRAND"):
        setattr(settings, name, getattr(plain, name))
    horizon = settings.DAILY_NOTIFICATIONS * settings.HORIZON_DAYS

    assert settings.MAX_ORDER <= settings.HELD_PER_BRAND < horizon // 10
    assert settings.SHARE_PER_BRAND <= 50


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        (date(2026, 11, 23), 1, date(2026, 11, 24)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        (date(2026, 11, 29), 5, date(2026, 12, 4)),
        (date(2026, 11, 26), 10, date(2026, 12, 10)),
        (date(2026, 11, 26), 0, date(2026, 11, 26)),
    ],
)
def test_working_days_are_monday_to_friday(day, count, last):
    assert add_working_days(day, count) == last


def test_a_hold_ends_after_some_working_days_even_where_the_first_day_is_far(settings):
    settings.HOLD_WORKING_DAYS = 3
    today = timezone.localdate()
    far, near = timezone.now() + timedelta(days=90), timezone.now() + timedelta(hours=5)
    after = add_working_days(today, 3) + timedelta(days=1)

    assert quotas.hold_until(far, timezone.localdate()) == timezone.make_aware(
        datetime.combine(after, datetime.min.time())
    )
    assert quotas.hold_until(near, timezone.localdate()) == near


def test_the_worker_holds_until_then(settings, draft, editor, on_sale):
    settings.HOLD_WORKING_DAYS = 1
    last = Capacity.objects.latest("day").day
    Campaign.objects.filter(pk=draft.pk).update(starts_on=last, ends_on=last)
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()

    hold = Reservation.objects.get()
    far = timezone.now() + timedelta(days=90)
    assert hold.expires_at == quotas.hold_until(far, timezone.localdate())
    assert readiness.problems(draft) == {}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"MIN_ORDER": 0}, "portal.E008"),
        ({"HELD_PER_BRAND": 0}, "portal.E008"),
        ({"SHARE_PER_BRAND": 0}, "portal.E008"),
        ({"SHARE_PER_BRAND": 101}, "portal.E024"),
        ({"LADA_SHARE_PER_BRAND": 0}, "portal.E008"),
        ({"LADA_SHARE_PER_BRAND": 101}, "portal.E024"),
        ({"LADA_FLOOR_PER_BRAND": 0}, "portal.E008"),
        ({"MIN_ORDER": 50_001}, "portal.E023"),
        ({"MAX_ORDER": 1_200_000_001}, "portal.E023"),
    ],
)
def test_limits_that_make_no_sense_stop_the_start(limited, settings, wrong, code):
    assert checks.quotas() == []

    for name, value in wrong.items():
        setattr(settings, name, value)

    assert [error.id for error in checks.quotas()] == [code]


@pytest.fixture
def by_lada(settings, brand, on_sale):
    """A day with 200 in LADA 55, 100 in 33 and 8 in 999; a share of 75 percent, a floor of 20."""
    settings.LADA_SHARE_PER_BRAND, settings.LADA_FLOOR_PER_BRAND = 75, 20
    for lada, capacity in {"55": 200, "33": 100, "999": 8}.items():
        Capacity.objects.filter(lada=lada, day=on_sale).update(gross=capacity, capacity=capacity)
    return on_sale


@pytest.mark.parametrize(
    ("ladas", "most"),
    [
        (["55"], 150),
        (["33"], 75),
        (["55", "33"], 225),
        (["55", "999"], 158),
        (["33", "999"], 83),
        (["55", "33", "999"], 233),
    ],
)
def test_a_brand_holds_a_share_of_each_lada(by_lada, brand, ladas, most):
    quotas.require_within(brand, Wanted(most, by_lada, by_lada, ladas))

    with pytest.raises(TooLargeLadaShare) as refused:
        quotas.require_within(brand, Wanted(most + 1, by_lada, by_lada, ladas))

    assert (refused.value.code, refused.value.most) == ("too_large_share", most)
    assert f"Baja el volumen a {most:,}, agrega zonas" in refused.value.message
    assert "75 % de lo que lleva cada LADA en esos días, o a 20" in refused.value.message


@pytest.mark.parametrize("volume", [1, 8, 9, 1_000_000])
def test_a_lada_below_the_floor_is_left_to_the_inventory(by_lada, brand, volume):
    quotas.require_within(brand, Wanted(volume, by_lada, by_lada, ["999"]))


@pytest.mark.parametrize(("floor", "most"), [(1, 75), (75, 75), (76, 76), (99, 99)])
def test_the_floor_counts_where_it_is_more_than_the_share(settings, by_lada, brand, floor, most):
    settings.LADA_FLOOR_PER_BRAND = floor

    with pytest.raises(TooLargeLadaShare) as refused:
        quotas.require_within(brand, Wanted(100, by_lada, by_lada, ["33"]))

    assert refused.value.most == most


def plan_daily(reservation, quantities):
    """Plan a reservation as so much on each of its days, by LADA."""
    day = [quantities.get(lada, 0) for lada in reservation.ladas]
    allocations.write(reservation.pk, np.array([day] * reservation.days))
    Reservation.objects.filter(pk=reservation.pk).update(quantity=sum(day) * reservation.days)


def test_what_it_holds_in_a_lada_is_part_of_its_share_there_alone(
    by_lada, brand, campaign_in_review
):
    assert campaign_in_review.starts_on == by_lada
    plan_daily(campaign_in_review.reservation, {"33": 70, "55": 10})

    for lada, most in (("33", 5), ("55", 140)):
        with pytest.raises(TooLargeLadaShare) as refused:
            quotas.require_within(brand, Wanted(most + 1, by_lada, by_lada, [lada]))
        assert refused.value.most == most
    own = campaign_in_review.pk
    quotas.require_within(brand, Wanted(75, by_lada, by_lada, ["33"]), without=own)


def test_where_nothing_of_a_lada_is_left_other_zones_are_the_remedy(
    by_lada, brand, campaign_in_review
):
    plan_daily(campaign_in_review.reservation, {"33": 75})

    with pytest.raises(TooLargeLadaShare, match="Elige otras zonas u otros días"):
        quotas.require_within(brand, Wanted(1, by_lada, by_lada, ["33"]))


def test_a_campaign_that_wants_too_much_of_a_lada_is_not_sent(settings, draft, editor):
    settings.LADA_SHARE_PER_BRAND, settings.LADA_FLOOR_PER_BRAND = 1, 10

    with pytest.raises(TooLargeLadaShare) as refused:
        resubmit(draft, 900_000, editor)

    draft.refresh_from_db()
    assert (draft.status, draft.version_number) == (Status.DRAFT, 0)
    assert resubmit(draft, refused.value.most, editor).status == Status.RESERVING
