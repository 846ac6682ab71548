"""The waiting list: joining, offers in order and their end; and the limit of open holds."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from campaigns import lifecycle, notice_mails
from campaigns.errors import NotAllowed, TooLateToWait, TooManyHolds
from campaigns.lifecycle import holds
from campaigns.models import Campaign, WaitingListEntry
from campaigns.moves import MOVES, WAITING
from inventory import capacity, reservations
from inventory.models import Capacity, JournalEntry, Reservation
from inventory.terms import Terms
from portal import checks

Status = Campaign.Status
PATIENCE = 60  # seconds


@pytest.fixture
def day(on_sale):
    """A day that can still be reached tomorrow; every cell has 100 notifications."""
    Capacity.objects.update(gross=100, capacity=100)
    return on_sale + timedelta(days=3)


@pytest.fixture
def sold(day):
    """A hold of all 100 in 33 on that day."""
    return hold_all(day)


def hold_all(day, quantity=100):
    return reservations.hold(
        Terms(
            quantity=quantity,
            ladas=["33"],
            starts_on=day,
            ends_on=day,
        ),
        reference="LP-TEST22",
        expires_at=timezone.now() + timedelta(days=3),
    )


@pytest.fixture
def order(day, editor, terms, brand):
    """Return a function that creates a draft of `volume` in 33 on that day, or with other terms."""

    def create(volume=100, *, name="Recarga", for_brand=brand, by=editor, **changes):
        wanted = {"name": name, "area": {"ladas": ["33"]}, "starts_on": day, "ends_on": day}
        return lifecycle.draft(for_brand.pk, terms | wanted | {"volume": volume} | changes, by=by)

    return create


@pytest.fixture
def declined(order, sold, editor):
    """Return a function that submits a campaign for which there is no inventory."""

    def submit(volume=100, *, by=editor, **changes):
        return send(order(volume, by=by, **changes), by, Status.NO_INVENTORY)

    return submit


@pytest.fixture
def waits(declined, editor):
    """Return a function that adds a campaign to the waiting list."""

    def join_list(volume=100, *, by=editor, **changes):
        campaign = declined(volume, by=by, **changes)
        lifecycle.join(campaign.pk, by=by)
        lifecycle.offer_freed()
        return campaign

    return join_list


def send(campaign, by, status=Status.IN_REVIEW):
    lifecycle.submit(campaign.pk, by=by)
    lifecycle.hold_submitted()
    campaign.refresh_from_db()
    assert campaign.status == status
    return campaign


def entry_of(campaign):
    return campaign.waiting_list_entries.latest("id")


def offered(*campaigns):
    """Return those of some campaigns that have an offer, in their order."""
    for campaign in campaigns:
        campaign.refresh_from_db()
    return [c for c in campaigns if entry_of(c).offered_at and c.current_hold]


def moves(campaign):
    return list(campaign.events.values_list("move", flat=True))


def planned():
    return Capacity.objects.aggregate(total=Sum("planned"))["total"]


# ── joining ──────────────────────────────────────────────────────────────────


def test_joining_twice_makes_one_entry(declined, editor):
    campaign = declined()

    lifecycle.join(campaign.pk, by=editor)
    lifecycle.join(campaign.pk, by=editor)

    entry = WaitingListEntry.objects.get()
    assert (entry.campaign, entry.requested_by, entry.offered_at) == (campaign, editor, None)
    assert moves(campaign) == ["draft", "submit", "decline", "join"]
    campaign.refresh_from_db()
    assert campaign.status == Status.NO_INVENTORY


@pytest.mark.parametrize("who", ["viewer", "stranger", "reviewer"])
def test_only_editors_of_the_brand_join_or_leave(who, waits, declined, request):
    person = request.getfixturevalue(who)
    campaign, other = waits(), declined()

    for forbidden in (
        lambda: lifecycle.join(other.pk, by=person),
        lambda: lifecycle.leave(campaign.pk, by=person),
    ):
        with pytest.raises(NotAllowed):
            forbidden()

    assert WaitingListEntry.objects.open().get().campaign == campaign


def test_the_waiting_list_is_closed_for_a_day_that_cannot_be_reached(
    declined, editor, time_machine
):
    campaign = declined()
    time_machine.move_to(timezone.now() + timedelta(days=4))

    with pytest.raises(TooLateToWait):
        lifecycle.join(campaign.pk, by=editor)

    assert not WaitingListEntry.objects.exists()


def test_the_database_allows_one_open_entry_a_campaign(waits, editor):
    campaign = waits()

    with pytest.raises(IntegrityError, match="one_open"), transaction.atomic():
        WaitingListEntry.objects.create(campaign=campaign, requested_by=editor)
    with pytest.raises(IntegrityError, match="says_how"), transaction.atomic():
        WaitingListEntry.objects.update(ended_at=timezone.now())


# ── offering ─────────────────────────────────────────────────────────────────


def test_freed_inventory_is_offered_in_order(waits, sold):
    first, second, third = waits(), waits(), waits()
    assert lifecycle.offer_freed() == 0

    reservations.release(sold.pk)

    assert lifecycle.offer_freed() == 1
    assert offered(first, second, third) == [first]
    assert list(WaitingListEntry.objects.in_line()) == [entry_of(second), entry_of(third)]
    assert list(WaitingListEntry.objects.ahead_of(entry_of(third))) == [entry_of(second)]


def test_an_offer_is_a_hold_for_its_time_and_a_line_of_history(
    waits, sold, settings, time_machine, day
):
    time_machine.move_to(timezone.now(), tick=False)
    settings.OFFER_HOURS = 5
    campaign = waits()

    reservations.release(sold.pk)
    lifecycle.offer_freed()

    campaign.refresh_from_db()
    hold = campaign.reservation
    assert (hold.reference, hold.status, hold.quantity) == (campaign.folio, "held", 100)
    assert (hold.ladas, hold.starts_on, hold.ends_on) == (["33"], day, day)
    assert hold.expires_at == timezone.now() + timedelta(hours=5)
    line = campaign.events.latest("id")
    assert (line.move, line.by, line.to_status) == ("offer", None, Status.NO_INVENTORY)
    assert line.comment.startswith("100 notificaciones apartadas para ti hasta el ")
    assert campaign.status == Status.NO_INVENTORY


def test_an_offer_ends_when_it_could_no_longer_be_sent(waits, sold, settings, day):
    settings.OFFER_HOURS = 1_000
    campaign = waits()
    reservations.release(sold.pk)

    lifecycle.offer_freed()

    campaign.refresh_from_db()
    assert campaign.reservation.expires_at == campaign.airs_at - timedelta(hours=48)


def test_owners_and_editors_get_a_mail(waits, sold, owner, editor, viewer, stranger):
    campaign = waits(name="Recarga\nde enero")
    owner.is_active = False
    owner.save()
    reservations.release(sold.pk)
    notice_mails.send_due()
    mail.outbox.clear()

    lifecycle.offer_freed()
    notice_mails.send_due()

    [message] = mail.outbox
    assert message.to == [editor.email]
    assert message.subject == "Se liberó inventario: Recarga de enero"
    assert f"/campanas/{campaign.folio}/" in message.body
    assert "100 notificaciones apartadas para ti hasta el" in message.body
    assert "envíala a revisión sin cambiarla" in message.body


def test_a_smaller_entry_behind_is_served_where_the_first_does_not_fit(waits, sold, day):
    large, small = waits(100), waits(40)
    reservations.release(sold.pk)
    hold_all(day, quantity=50)

    assert lifecycle.offer_freed() == 1

    assert offered(large, small) == [small]
    assert list(WaitingListEntry.objects.in_line()) == [entry_of(large)]


def test_other_reservations_are_moved_for_an_entry(waits, sold, order, editor, day):
    """33 is held by a reservation that can move to 55."""
    campaign = waits()
    reservations.release(sold.pk)
    flexible = hold_all(day, quantity=1)
    reservations.change(
        flexible.pk,
        Terms(
            quantity=100,
            ladas=["33", "55"],
            starts_on=day,
            ends_on=day,
        ),
        expires_at=flexible.expires_at,
    )

    assert lifecycle.offer_freed() == 1

    assert offered(campaign) == [campaign]
    assert planned() == 200


def test_nothing_is_tried_again_until_something_frees_up(waits, sold, day, monkeypatch):
    tried: list[str] = []
    hold = holds.hold

    def count(campaign, version, **options):
        tried.append(campaign.folio)
        return hold(campaign, version, **options)

    first, second = waits(), waits()
    monkeypatch.setattr(holds, "hold", count)

    lifecycle.offer_freed()
    assert tried == []
    elsewhere = hold_all(day + timedelta(days=1))
    reservations.book(elsewhere.pk)
    lifecycle.offer_freed()
    assert tried == []
    reservations.release(elsewhere.pk)
    lifecycle.offer_freed()
    lifecycle.offer_freed()
    assert tried == [first.folio, second.folio]
    capacity.open_days(12)
    lifecycle.offer_freed()
    assert tried == [first.folio, second.folio] * 2


def test_a_suspended_brand_gets_no_offer(waits, sold, stranger):
    other = stranger.brands.get()
    first = waits(for_brand=other, by=stranger)
    second = waits()
    other.active = False
    other.save()
    reservations.release(sold.pk)

    assert lifecycle.offer_freed() == 1

    assert offered(first, second) == [second]


def test_a_brand_with_all_its_holds_is_skipped_and_stays_in_line(
    waits, sold, stranger, settings, order, day, editor
):
    settings.OPEN_HOLDS_PER_BRAND = 1
    busy = send(order(10, starts_on=day + timedelta(1), ends_on=day + timedelta(1)), editor)
    lifecycle.withdraw(busy.pk, by=editor)
    first, second = waits(), waits(60, for_brand=stranger.brands.get(), by=stranger)
    send(busy, editor)
    reservations.release(sold.pk)

    assert lifecycle.offer_freed() == 1
    assert offered(first, second) == [second]
    lifecycle.leave(second.pk, by=stranger)
    lifecycle.withdraw(busy.pk, by=editor)
    assert lifecycle.offer_freed() == 1

    assert offered(first) == [first]


def test_an_entry_that_fails_stops_no_other(waits, sold, monkeypatch):
    hold = holds.hold
    first, second = waits(), waits()

    def fail_for_the_first(campaign, version, **options):
        if campaign.folio == first.folio:
            raise RuntimeError("boom")
        return hold(campaign, version, **options)

    monkeypatch.setattr(holds, "hold", fail_for_the_first)
    reservations.release(sold.pk)

    assert lifecycle.offer_freed() == 1
    assert offered(first, second) == [second]


def test_what_a_campaign_still_holds_is_part_of_its_offer(order, editor, reviewer, sold, day):
    """Its first version's hold is kept for a day; the offer changes it and holds nothing twice."""
    reservations.release(sold.pk)
    campaign = send(order(40), editor)
    lifecycle.request_changes(campaign.pk, version=1, reasons=["x"], by=reviewer)
    other = hold_all(day, quantity=60)
    lifecycle.edit(campaign.pk, {"volume": 100}, revision=1, by=editor)
    send(campaign, editor, Status.NO_INVENTORY)
    lifecycle.join(campaign.pk, by=editor)
    assert lifecycle.offer_freed() == 0

    reservations.release(other.pk)

    assert lifecycle.offer_freed() == 1
    assert planned() == 100
    assert Reservation.objects.get(status="held").reference == campaign.folio


# ── taking, leaving, expiring ────────────────────────────────────────────────


@pytest.fixture
def with_offer(waits, sold):
    """A campaign with an offer, and the next one in line."""
    campaign, following = waits(), waits()
    reservations.release(sold.pk)
    lifecycle.offer_freed()
    assert offered(campaign, following) == [campaign]
    return campaign, following


def test_an_offer_is_taken_by_sending_it_as_it_is(with_offer, editor):
    campaign, _ = with_offer
    hold = campaign.reservation

    send(campaign, editor)

    assert campaign.reservation == hold
    assert campaign.reservation.expires_at == campaign.decide_by
    assert entry_of(campaign).ending == "taken"
    assert planned() == 100
    assert moves(campaign)[-3:] == ["offer", "submit", "hold"]


def test_a_campaign_submitted_in_time_is_held_however_late_the_worker_is(
    with_offer, editor, time_machine
):
    campaign, _ = with_offer
    time_machine.move_to(campaign.reservation.expires_at - timedelta(seconds=1))
    lifecycle.submit(campaign.pk, by=editor)
    time_machine.move_to(campaign.reservation.expires_at + timedelta(minutes=5))
    assert reservations.expire_due() == 0
    lifecycle.offer_freed()

    lifecycle.hold_submitted()

    campaign.refresh_from_db()
    assert campaign.status == Status.IN_REVIEW


def test_an_offer_that_is_not_taken_passes_to_the_next(with_offer, editor, time_machine):
    campaign, following = with_offer
    time_machine.move_to(campaign.reservation.expires_at)

    reservations.expire_due()
    assert lifecycle.offer_freed() == 1

    assert offered(campaign, following) == [following]
    assert entry_of(campaign).ending == "lapsed"
    assert moves(campaign)[-1] == "lapse"
    lifecycle.join(campaign.pk, by=editor)
    assert list(WaitingListEntry.objects.in_line()) == [entry_of(campaign)]


def test_a_campaign_whose_offer_expired_may_join_again_before_the_sweep(
    with_offer, editor, time_machine
):
    campaign, following = with_offer
    time_machine.move_to(campaign.reservation.expires_at)

    lifecycle.join(campaign.pk, by=editor)

    assert list(campaign.waiting_list_entries.values_list("ending", flat=True)) == ["lapsed", ""]
    assert list(WaitingListEntry.objects.in_line()) == [entry_of(following), entry_of(campaign)]


def test_leaving_releases_the_offer(with_offer, editor):
    campaign, following = with_offer

    lifecycle.leave(campaign.pk, by=editor)
    lifecycle.leave(campaign.pk, by=editor)

    assert entry_of(campaign).ending == "left"
    assert moves(campaign).count("leave") == 1
    assert lifecycle.offer_freed() == 1
    assert offered(following) == [following]


def test_leaving_without_an_offer_keeps_what_is_held_for_another_reason(
    order, editor, reviewer, sold
):
    reservations.release(sold.pk)
    campaign = send(order(40), editor)
    lifecycle.request_changes(campaign.pk, version=1, reasons=["x"], by=reviewer)
    lifecycle.edit(campaign.pk, {"volume": 200}, revision=1, by=editor)
    send(campaign, editor, Status.NO_INVENTORY)
    lifecycle.join(campaign.pk, by=editor)

    lifecycle.leave(campaign.pk, by=editor)

    assert planned() == 40


def test_cancelling_with_an_offer_passes_it_on(with_offer, editor):
    campaign, following = with_offer

    lifecycle.cancel(campaign.pk, by=editor)
    lifecycle.offer_freed()

    assert entry_of(campaign).ending == "cancelled"
    assert offered(following) == [following]


def test_an_edit_ends_the_entry_and_may_still_use_the_hold(with_offer, editor):
    campaign, _ = with_offer
    hold = campaign.reservation

    lifecycle.edit(campaign.pk, {"volume": 70}, revision=1, by=editor)

    campaign.refresh_from_db()
    assert (campaign.status, campaign.current_hold) == (Status.DRAFT, hold)
    assert entry_of(campaign).ending == "edited"
    assert lifecycle.offer_freed() == 0
    send(campaign, editor)
    assert (campaign.reservation, planned()) == (hold, 70)
    assert Reservation.objects.filter(reference=campaign.folio).count() == 1


def test_the_hold_of_an_edited_offer_expires_at_its_time(with_offer, editor, time_machine):
    campaign, following = with_offer
    lifecycle.edit(campaign.pk, {"volume": 70}, revision=1, by=editor)
    time_machine.move_to(campaign.reservation.expires_at)

    reservations.expire_due()

    assert lifecycle.offer_freed() == 1
    assert offered(following) == [following]


def test_a_campaign_submitted_again_that_does_not_fit_keeps_its_entry(waits, editor):
    campaign = waits()
    since = entry_of(campaign).since

    send(campaign, editor, Status.NO_INVENTORY)

    assert (entry_of(campaign).since, entry_of(campaign).ended_at) == (since, None)
    assert campaign.waiting_list_entries.count() == 1


def test_a_campaign_submitted_again_that_fits_ends_its_entry(waits, sold, editor):
    campaign = waits()
    reservations.release(sold.pk)

    send(campaign, editor)

    assert entry_of(campaign).ending == "taken"


def test_an_entry_whose_first_day_is_too_near_ends(waits, sold, time_machine):
    campaign = waits()
    time_machine.move_to(timezone.now() + timedelta(days=4))
    reservations.release(sold.pk)

    assert lifecycle.offer_freed() == 0

    assert entry_of(campaign).ending == "missed"
    assert moves(campaign)[-1] == "miss"
    assert planned() == 0


def test_every_move_out_of_the_waiting_list_records_how_it_ended():
    endings = {
        name for name, move in MOVES.items() if move.sources & WAITING and move.targets - WAITING
    }

    assert endings == {name for name, move in MOVES.items() if move.ends_waiting}


# ── the limit of open holds ──────────────────────────────────────────────────


@pytest.fixture
def cap_of_two(settings):
    settings.OPEN_HOLDS_PER_BRAND = 2


def test_a_brand_has_a_limit_of_open_holds(cap_of_two, order, editor, stranger):
    held = [send(order(10), editor), order(10)]
    lifecycle.submit(held[1].pk, by=editor)
    third = order(10)

    with pytest.raises(TooManyHolds) as refused:
        lifecycle.submit(third.pk, by=editor)

    assert "ya tiene 2 campañas" in refused.value.message
    third.refresh_from_db()
    assert (third.status, third.version_number) == (Status.DRAFT, 0)
    assert not third.versions.exists()
    send(order(10, for_brand=stranger.brands.get(), by=stranger), stranger)


@pytest.mark.parametrize("name", ["OPEN_HOLDS_PER_BRAND", "OFFER_HOURS"])
def test_a_limit_of_no_holds_is_refused(settings, name):
    assert checks.holds() == []
    setattr(settings, name, 0)

    [error] = checks.holds()

    assert name in error.msg


def test_decided_and_released_holds_are_not_counted(cap_of_two, order, editor, reviewer):
    one, two = send(order(10), editor), send(order(10), editor)
    lifecycle.approve(one.pk, version=1, by=reviewer)
    lifecycle.withdraw(two.pk, by=editor)

    for _ in range(2):
        send(order(10), editor)


def test_a_hold_kept_while_changes_are_requested_counts_until_it_expires(
    cap_of_two, order, editor, reviewer, time_machine
):
    for campaign in (send(order(10), editor), send(order(10), editor)):
        lifecycle.request_changes(campaign.pk, version=1, reasons=["x"], by=reviewer)
    with pytest.raises(TooManyHolds):
        lifecycle.submit(order(10).pk, by=editor)
    assert send(campaign, editor)  # its own does not count against it

    time_machine.move_to(timezone.now() + timedelta(hours=24, seconds=1))

    send(order(10), editor)


def test_an_offer_counts_and_can_be_taken(cap_of_two, with_offer, order, editor, day):
    later = {"starts_on": day + timedelta(1), "ends_on": day + timedelta(1)}
    send(order(10, **later), editor)

    with pytest.raises(TooManyHolds):
        lifecycle.submit(order(10, **later).pk, by=editor)

    send(with_offer[0], editor)


# ── at once, with real commits ───────────────────────────────────────────────


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run all at the same moment; return what each returned or raised."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            barrier.wait(timeout=PATIENCE)
            return work()
        except TooManyHolds as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result(timeout=PATIENCE) for done in [pool.submit(run, w) for w in works]]


def test_of_two_that_want_the_last_open_hold_one_is_submitted(
    transactional_db, settings, order, editor
):
    settings.OPEN_HOLDS_PER_BRAND = 1
    for _ in range(10):
        rivals = [order(10), order(10)]

        outcomes = at_once(*(lambda c=c: lifecycle.submit(c.pk, by=editor) for c in rivals))

        assert sorted(isinstance(outcome, TooManyHolds) for outcome in outcomes) == [False, True]
        lifecycle.hold_submitted()
        [held] = Campaign.objects.filter(status=Status.IN_REVIEW)
        lifecycle.withdraw(held.pk, by=editor)


def test_without_the_brands_lock_both_are_submitted(
    transactional_db, settings, order, editor, monkeypatch
):
    """The negative control."""
    settings.OPEN_HOLDS_PER_BRAND = 1
    both_have_counted = Barrier(2)

    def require_free_hold_without_lock(campaign):
        others = Campaign.objects.filter(brand_id=campaign.brand_id).exclude(pk=campaign.pk)
        count = others.holding(timezone.now()).count()
        both_have_counted.wait(timeout=PATIENCE)
        if count:
            raise TooManyHolds(count)

    monkeypatch.setattr(holds, "require_free_hold", require_free_hold_without_lock)
    rivals = [order(10), order(10)]

    at_once(*(lambda c=c: lifecycle.submit(c.pk, by=editor) for c in rivals))

    assert Campaign.objects.filter(status=Status.RESERVING).count() == 2


def test_concurrent_workers_offer_each_entry_once_and_in_order(transactional_db, waits, sold):
    line = [waits(30) for _ in range(5)]
    reservations.release(sold.pk)

    at_once(*[lifecycle.offer_freed] * 4)
    lifecycle.offer_freed()

    assert offered(*line) == line[:3]
    assert Reservation.objects.filter(status="held").count() == 3
    assert JournalEntry.objects.filter(action="hold").count() == 1 + 3
    assert planned() == 90


def test_inventory_released_during_an_attempt_is_not_missed(transactional_db, waits, sold):
    """A failed attempt records a mark with all inventory released until then, or it waits."""
    campaign = waits()
    WaitingListEntry.objects.update(last_inventory_mark="")
    given_back, may_commit = Event(), Event()

    def give_back_slowly():
        with transaction.atomic():
            reservations.release(sold.pk)
            given_back.set()
            assert may_commit.wait(PATIENCE)

    def offer():
        assert given_back.wait(PATIENCE)
        return lifecycle.offer_freed()

    def commit_in_the_end():
        assert given_back.wait(PATIENCE)
        waiting_for_turn = (
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        )
        with connection.cursor() as cursor:
            while True:
                cursor.execute(waiting_for_turn)
                if cursor.fetchone() != (0,):
                    break
        may_commit.set()

    assert at_once(give_back_slowly, offer, commit_in_the_end)[1] == 1
    assert offered(campaign) == [campaign]


def test_leaving_while_it_is_offered_leaves_nothing_held(
    transactional_db, waits, sold, editor, day
):
    for _ in range(10):
        campaign = waits()
        reservations.release(sold.pk)

        at_once(lifecycle.offer_freed, lambda c=campaign: lifecycle.leave(c.pk, by=editor))
        lifecycle.offer_freed()

        assert entry_of(campaign).ending == "left"
        assert planned() == 0
        sold = hold_all(day)


def test_a_locked_campaign_is_skipped(transactional_db, waits, sold):
    first, second = waits(60), waits(60)
    reservations.release(sold.pk)
    locked, done = Event(), Event()

    def keep_busy():
        with transaction.atomic():
            Campaign.objects.select_for_update().get(pk=first.pk)
            locked.set()
            assert done.wait(PATIENCE)

    def offer():
        assert locked.wait(PATIENCE)
        try:
            return lifecycle.offer_freed()
        finally:
            done.set()

    assert at_once(keep_busy, offer)[1] == 1
    assert offered(first, second) == [second]
