"""Moves of the table are made; all others are refused and change nothing."""

from datetime import datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format

from campaigns import lifecycle
from campaigns.errors import (
    BrandSuspended,
    NotAllowed,
    NotReady,
    OwnBrand,
    ReasonNeeded,
    StaleRevision,
    StaleVersion,
    WrongStatus,
)
from campaigns.models import AdOrder, Campaign, Event, Membership, Version
from campaigns.moves import MOVES
from inventory import reservations
from inventory.errors import HoldExpired
from inventory.models import Capacity, Reservation

Status = Campaign.Status


def planned():
    return Capacity.objects.aggregate(total=Sum("planned"))["total"]


def at(day, hour=0):
    return timezone.make_aware(datetime.combine(day, time(hour)))


def history(campaign):
    return list(campaign.events.values_list("move", "from_status", "to_status"))


def state(campaign):
    """Return everything that a refused move must not change."""
    return (
        Campaign.objects.filter(pk=campaign.pk).values().get(),
        list(Event.objects.order_by("id").values()),
        list(Version.objects.order_by("id").values()),
        list(Reservation.objects.order_by("id").values()),
        list(AdOrder.objects.order_by("id").values()),
        planned(),
    )


# ── the main path ────────────────────────────────────────────────────────────


def test_a_campaign_goes_from_draft_to_finished(draft, editor, reviewer, time_machine):
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(draft.pk, version=1, by=reviewer)
    lifecycle.schedule(draft.pk)
    time_machine.move_to(at(draft.starts_on))
    lifecycle.advance_due()
    time_machine.move_to(at(draft.ends_on, hour=23))
    lifecycle.advance_due()
    time_machine.move_to(at(draft.ends_on + timedelta(days=1)))
    lifecycle.advance_due()

    assert history(draft) == [
        ("draft", "", "draft"),
        ("submit", "draft", "reserving"),
        ("hold", "reserving", "in_review"),
        ("approve", "in_review", "approved"),
        ("schedule", "approved", "scheduled"),
        ("start", "scheduled", "live"),
        ("finish", "live", "finished"),
    ]
    who = list(draft.events.values_list("by__email", flat=True))
    assert who == [editor.email, editor.email, None, reviewer.email, None, None, None]


def test_a_hold_takes_the_inventory_until_it_is_too_late_to_decide(campaign_in_review):
    reservation = campaign_in_review.reservation

    assert reservation.quantity == planned() == 60_000
    assert reservation.ladas == ["33", "55", "81"]
    assert reservation.expires_at == campaign_in_review.decide_by


def test_approving_books_and_orders_at_once(campaign_in_review, reviewer):
    lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)

    campaign_in_review.reservation.refresh_from_db()
    order = AdOrder.objects.get(campaign=campaign_in_review)
    assert campaign_in_review.reservation.status == Reservation.Status.BOOKED
    assert (order.generation, order.acknowledged_generation) == (1, 0)
    assert order.document["adText"] == campaign_in_review.text
    assert order.document["target"] == {"scope": "LADAS", "ladas": ["33", "55", "81"]}
    assert order.document["goal"]["total"] == 60_000
    assert sum(day["count"] for day in order.document["goal"]["daily"]) == 60_000


def test_without_inventory_the_reason_is_how_much_would_fit(draft, editor):
    lifecycle.edit(draft.pk, {"volume": 900_000_000}, revision=1, by=editor)
    lifecycle.submit(draft.pk, by=editor)

    lifecycle.hold_submitted()

    draft.refresh_from_db()
    assert draft.status == Status.NO_INVENTORY
    assert "Pediste 900,000,000" in draft.events.latest("id").comment
    assert planned() == 0


# ── forbidden moves ──────────────────────────────────────────────────────────

BY_PEOPLE = {
    "edit": lambda c, p: lifecycle.edit(c.pk, {"name": "x"}, revision=c.revision, by=p["editor"]),
    "submit": lambda c, p: lifecycle.submit(c.pk, by=p["editor"]),
    "withdraw": lambda c, p: lifecycle.withdraw(c.pk, by=p["editor"]),
    "pause": lambda c, p: lifecycle.pause(c.pk, by=p["editor"]),
    "resume": lambda c, p: lifecycle.resume(c.pk, by=p["editor"]),
    "cancel": lambda c, p: lifecycle.cancel(c.pk, by=p["editor"]),
    "delete": lambda c, p: lifecycle.delete(c.pk, by=p["editor"]),
    "restore": lambda c, p: lifecycle.restore(c.pk, by=p["editor"]),
    "join": lambda c, p: lifecycle.join(c.pk, by=p["editor"]),
    "leave": lambda c, p: lifecycle.leave(c.pk, by=p["editor"]),
    "approve": lambda c, p: lifecycle.approve(c.pk, version=c.version_number, by=p["reviewer"]),
    "request_changes": lambda c, p: lifecycle.request_changes(
        c.pk, version=c.version_number, reasons=["Texto"], by=p["reviewer"]
    ),
    "reject": lambda c, p: lifecycle.reject(
        c.pk, version=c.version_number, reasons=["Texto"], by=p["reviewer"]
    ),
}


@pytest.fixture
def campaign_in_status(draft, editor, reviewer, time_machine):
    """Return a function that moves the draft to a status by the moves that lead there."""

    def reach(status):
        def submitted():
            lifecycle.submit(draft.pk, by=editor)

        def held():
            submitted()
            lifecycle.hold_submitted()

        def approved():
            held()
            lifecycle.approve(draft.pk, version=1, by=reviewer)

        def scheduled():
            approved()
            lifecycle.schedule(draft.pk)

        def live():
            scheduled()
            time_machine.move_to(at(draft.starts_on, hour=9))
            lifecycle.advance_due()

        def no_inventory():
            lifecycle.edit(draft.pk, {"volume": 900_000_000}, revision=1, by=editor)
            held()

        def decided(decide):
            held()
            decide(draft.pk, version=1, reasons=["Texto"], by=reviewer)

        paths = {
            Status.DRAFT: lambda: None,
            Status.RESERVING: submitted,
            Status.NO_INVENTORY: no_inventory,
            Status.IN_REVIEW: held,
            Status.CHANGES_REQUESTED: lambda: decided(lifecycle.request_changes),
            Status.REJECTED: lambda: decided(lifecycle.reject),
            Status.APPROVED: approved,
            Status.SCHEDULED: scheduled,
            Status.LIVE: live,
            Status.PAUSED: lambda: (scheduled(), lifecycle.pause(draft.pk, by=editor)),
            Status.CANCELLED: lambda: (scheduled(), lifecycle.cancel(draft.pk, by=editor)),
            Status.DELETED: lambda: lifecycle.delete(draft.pk, by=editor),
            Status.FINISHED: lambda: (
                live(),
                time_machine.move_to(at(draft.ends_on + timedelta(days=1))),
                lifecycle.advance_due(),
            ),
            Status.EXPIRED: lambda: (
                held(),
                time_machine.move_to(at(draft.starts_on)),
                lifecycle.advance_due(),
            ),
        }
        paths[status]()
        draft.refresh_from_db()
        assert draft.status == status
        return draft

    return reach


@pytest.mark.parametrize("status", Status)
def test_moves_outside_of_the_table_are_refused_and_change_nothing(
    status, campaign_in_status, editor, reviewer, trial
):
    campaign = campaign_in_status(status)
    before = state(campaign)

    for move, make in BY_PEOPLE.items():
        if status in MOVES[move].sources:
            continue
        with trial(move):
            with pytest.raises(WrongStatus):
                make(campaign, {"editor": editor, "reviewer": reviewer})

            assert state(campaign) == before


@pytest.mark.parametrize(
    ("status", "move"),
    [
        pytest.param(status, move, id=f"{status}-{move}")
        for move in BY_PEOPLE
        for status in sorted(MOVES[move].sources)
    ],
)
def test_every_move_leads_to_the_status_of_the_table(
    status, move, campaign_in_status, editor, reviewer
):
    campaign = campaign_in_status(status)
    if status == Status.NO_INVENTORY and move == "submit":
        lifecycle.edit(campaign.pk, {"volume": 10}, revision=campaign.revision, by=editor)
        campaign.refresh_from_db()
    if move == "leave":
        lifecycle.join(campaign.pk, by=editor)
    before = campaign.events.count()

    BY_PEOPLE[move](campaign, {"editor": editor, "reviewer": reviewer})

    campaign.refresh_from_db()
    assert campaign.status in MOVES[move].targets
    moved = move != "edit" or status == Status.NO_INVENTORY
    assert campaign.events.count() == before + moved


def test_tasks_change_no_other_status(campaign_in_status):
    campaign = campaign_in_status(Status.DRAFT)
    before = state(campaign)

    lifecycle.hold_submitted()
    lifecycle.schedule(campaign.pk)
    lifecycle.advance_due()

    assert state(campaign) == before


# ── permissions ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["viewer", "stranger", "reviewer"])
def test_only_owners_and_editors_edit_and_submit(who, draft, request):
    person = request.getfixturevalue(who)
    before = state(draft)

    for forbidden in (
        lambda: lifecycle.draft(draft.brand_id, {"name": "x"}, by=person),
        lambda: lifecycle.edit(draft.pk, {"name": "x"}, revision=1, by=person),
        lambda: lifecycle.submit(draft.pk, by=person),
        lambda: lifecycle.copy(draft.pk, by=person),
    ):
        with pytest.raises(NotAllowed):
            forbidden()

    assert state(draft) == before
    assert Campaign.objects.count() == 1


@pytest.mark.parametrize("who", ["editor", "owner", "stranger"])
def test_only_staff_with_the_permission_decide(who, campaign_in_review, request):
    person = request.getfixturevalue(who)
    before = state(campaign_in_review)

    with pytest.raises(NotAllowed):
        lifecycle.approve(campaign_in_review.pk, version=1, by=person)

    assert state(campaign_in_review) == before


def test_nobody_decides_on_a_campaign_of_a_brand_they_belong_to(campaign_in_review, reviewer):
    Membership.objects.create(
        brand=campaign_in_review.brand, user=reviewer, role=Membership.Role.VIEWER
    )
    before = state(campaign_in_review)

    for decide in ("approve", "request_changes", "reject"):
        with pytest.raises(OwnBrand):
            BY_PEOPLE[decide](campaign_in_review, {"reviewer": reviewer})

    assert state(campaign_in_review) == before


def test_a_suspended_brand_submits_nothing(draft, editor):
    draft.brand.active = False
    draft.brand.save()

    with pytest.raises(BrandSuspended):
        lifecycle.submit(draft.pk, by=editor)


# ── versions and revisions ───────────────────────────────────────────────────


def test_the_version_seen_is_the_version_approved(campaign_in_review, editor, reviewer):
    lifecycle.withdraw(campaign_in_review.pk, by=editor)
    lifecycle.edit(campaign_in_review.pk, {"text": "Otro texto"}, revision=1, by=editor)
    lifecycle.submit(campaign_in_review.pk, by=editor)
    lifecycle.hold_submitted()
    before = state(campaign_in_review)

    with pytest.raises(StaleVersion):
        lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)
    assert state(campaign_in_review) == before

    lifecycle.approve(campaign_in_review.pk, version=2, by=reviewer)
    assert AdOrder.objects.get().document["adText"] == "Otro texto"


def test_a_submitted_version_never_changes(campaign_in_review):
    for forbidden in (
        lambda: Version.objects.update(text="Otro"),
        lambda: Version.objects.all().delete(),
        lambda: Event.objects.update(comment="Otro"),
        lambda: Event.objects.all().delete(),
    ):
        with pytest.raises(Exception, match=r"immutable|append_only"), transaction.atomic():
            forbidden()

    assert Version.objects.get().text == campaign_in_review.text


@pytest.mark.parametrize(
    "text", ["Año nuevo", "Hola: hoy", "", "x" * 111, "línea\n", "a\nb", "\u202etxt"]
)
def test_the_database_refuses_a_version_whose_text_the_channel_cannot_carry(draft, editor, text):
    values = {name: getattr(draft, name) for name in Campaign.TERMS} | {"text": text}

    with pytest.raises(IntegrityError, match="version_text_fits"), transaction.atomic():
        Version.objects.create(campaign=draft, number=1, ladas=["55"], sent_by=editor, **values)


def test_a_newline_is_sent_as_the_one_space_it_counts_as(draft, editor):
    lifecycle.edit(draft.pk, {"text": "Hoy 2x1\r\nen tiendas"}, revision=1, by=editor)

    lifecycle.submit(draft.pk, by=editor)

    assert Version.objects.get().text == "Hoy 2x1 en tiendas"


def test_two_windows_do_not_overwrite_each_other(draft, editor, owner):
    lifecycle.edit(draft.pk, {"name": "Primera"}, revision=1, by=editor)

    with pytest.raises(StaleRevision):
        lifecycle.edit(draft.pk, {"name": "Segunda"}, revision=1, by=owner)

    draft.refresh_from_db()
    assert (draft.name, draft.revision) == ("Primera", 2)


def test_edits_of_different_terms_do_not_conflict(draft, editor, owner):
    lifecycle.edit(draft.pk, {"name": "Primera"}, revision=1, by=editor)

    lifecycle.edit(draft.pk, {"volume": 50_000}, revision=1, by=owner)

    draft.refresh_from_db()
    assert (draft.name, draft.volume, draft.revision) == ("Primera", 50_000, 3)
    assert draft.term_revisions == {"name": 2, "volume": 3}


def test_a_form_that_repeats_an_old_value_conflicts_with_the_new_one(draft, editor, owner):
    before = {"name": draft.name, "volume": draft.volume}
    lifecycle.edit(draft.pk, {"name": "Primera"}, revision=1, by=editor)

    with pytest.raises(StaleRevision):
        lifecycle.edit(draft.pk, before | {"volume": 50_000}, revision=1, by=owner)
    lifecycle.edit(draft.pk, before | {"volume": 50_000}, revision=2, by=owner)

    draft.refresh_from_db()
    assert (draft.name, draft.volume) == (before["name"], 50_000)


def test_an_edit_that_changes_nothing_conflicts_with_nothing(draft, editor, owner):
    lifecycle.edit(draft.pk, {"name": "Primera"}, revision=1, by=editor)

    assert lifecycle.edit(draft.pk, {"name": "Primera"}, revision=1, by=owner).revision == 2


@pytest.mark.parametrize("revision", [0, -1, 2, 10**9])
def test_an_unknown_revision_saves_nothing(draft, editor, revision):
    before = draft.name

    with pytest.raises(StaleRevision):
        lifecycle.edit(draft.pk, {"name": "Otra"}, revision=revision, by=editor)

    draft.refresh_from_db()
    assert (draft.name, draft.revision) == (before, 1)


def test_saving_what_is_already_saved_is_no_new_revision(draft, editor):
    lifecycle.edit(draft.pk, {"name": draft.name}, revision=1, by=editor)

    draft.refresh_from_db()
    assert draft.revision == 1


def test_what_is_missing_is_reported_by_field_and_nothing_is_submitted(draft, editor):
    changes = {"text": "Año: 50% más", "area": {}, "volume": None, "starts_on": None}
    lifecycle.edit(draft.pk, changes, revision=1, by=editor)
    draft.refresh_from_db()
    before = state(draft)

    with pytest.raises(NotReady) as refused:
        lifecycle.submit(draft.pk, by=editor)

    assert refused.value.problems.keys() == {"text", "area", "volume", "starts_on"}
    assert state(draft) == before


def test_a_copy_is_a_draft_of_its_own(campaign_in_review, editor):
    copied = lifecycle.copy(campaign_in_review.pk, by=editor)

    assert copied.status == Status.DRAFT
    assert copied.name == "Copia de Recarga de diciembre"
    assert copied.text == campaign_in_review.text
    assert (copied.reservation, copied.version_number) == (None, 0)
    assert copied.folio != campaign_in_review.folio


# ── effects on inventory and order ───────────────────────────────────────────


@pytest.mark.parametrize("move", ["withdraw", "reject"])
def test_moves_that_end_a_review_release_the_inventory(move, campaign_in_review, editor, reviewer):
    BY_PEOPLE[move](campaign_in_review, {"editor": editor, "reviewer": reviewer})

    assert planned() == 0
    assert not AdOrder.objects.exists()


def test_requesting_changes_keeps_the_hold_a_day(campaign_in_review, reviewer):
    lifecycle.request_changes(
        campaign_in_review.pk, version=1, reasons=["El texto no dice quién"], by=reviewer
    )

    reservation = Reservation.objects.get()
    assert planned() == 60_000
    assert abs(reservation.expires_at - timezone.now() - timedelta(hours=24)) < timedelta(minutes=1)
    assert campaign_in_review.events.latest("id").reasons == ["El texto no dice quién"]


def test_a_hold_kept_for_changes_is_released_after_a_day(
    campaign_in_review, editor, reviewer, time_machine
):
    lifecycle.request_changes(campaign_in_review.pk, version=1, reasons=["x"], by=reviewer)
    time_machine.move_to(timezone.now() + timedelta(hours=23, minutes=59))
    assert reservations.expire_due() == 0
    time_machine.move_to(timezone.now() + timedelta(minutes=2))

    assert reservations.expire_due() == 1

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Status.CHANGES_REQUESTED
    assert campaign_in_review.current_hold is None
    assert planned() == 0
    assert Reservation.objects.get().journal.latest("id").action == "expire"


def test_requesting_changes_late_keeps_the_hold_no_longer_than_there_is_to_decide(
    campaign_in_review, reviewer, time_machine
):
    last = campaign_in_review.decide_by
    time_machine.move_to(last - timedelta(hours=1))

    lifecycle.request_changes(campaign_in_review.pk, version=1, reasons=["x"], by=reviewer)

    assert Reservation.objects.get().expires_at == last


@pytest.mark.parametrize("decide", [lifecycle.request_changes, lifecycle.reject])
def test_a_refusal_needs_a_reason(decide, campaign_in_review, reviewer):
    before = state(campaign_in_review)

    with pytest.raises(ReasonNeeded):
        decide(campaign_in_review.pk, version=1, reasons=[], by=reviewer)

    assert state(campaign_in_review) == before


def test_submitted_again_with_the_same_terms_it_keeps_its_hold(
    campaign_in_review, editor, reviewer
):
    lifecycle.request_changes(campaign_in_review.pk, version=1, reasons=["x"], by=reviewer)
    lifecycle.edit(campaign_in_review.pk, {"text": "Mejor texto"}, revision=1, by=editor)
    lifecycle.submit(campaign_in_review.pk, by=editor)

    lifecycle.hold_submitted()

    reservation = Reservation.objects.get()
    assert reservation.expires_at == campaign_in_review.decide_by
    assert planned() == 60_000


def test_submitted_again_with_other_terms_it_changes_its_hold(campaign_in_review, editor, reviewer):
    lifecycle.request_changes(campaign_in_review.pk, version=1, reasons=["x"], by=reviewer)
    lifecycle.edit(campaign_in_review.pk, {"volume": 45_000}, revision=1, by=editor)
    lifecycle.submit(campaign_in_review.pk, by=editor)

    lifecycle.hold_submitted()

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.reservation.quantity == planned() == 45_000
    assert Reservation.objects.count() == 1


def test_submitted_again_for_more_than_fits_it_keeps_the_old_hold_for_its_time(
    campaign_in_review, editor, reviewer
):
    lifecycle.request_changes(campaign_in_review.pk, version=1, reasons=["x"], by=reviewer)
    lifecycle.edit(campaign_in_review.pk, {"volume": 900_000_000}, revision=1, by=editor)
    lifecycle.submit(campaign_in_review.pk, by=editor)

    lifecycle.hold_submitted()

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Status.NO_INVENTORY
    assert planned() == 60_000


def test_an_approval_after_the_hold_expired_changes_nothing(campaign_in_review, reviewer):
    Reservation.objects.update(expires_at=timezone.now())
    before = state(campaign_in_review)

    with pytest.raises(HoldExpired):
        lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)

    assert state(campaign_in_review) == before


def test_a_review_still_open_on_the_first_day_expires_and_releases_its_hold(campaign_in_status):
    campaign = campaign_in_status(Status.EXPIRED)

    assert planned() == 0
    last = date_format(timezone.localtime(campaign.decide_by), "DATETIME_FORMAT")
    comment = campaign.events.latest("id").comment
    assert comment == f"No se decidió a tiempo: la hora límite era el {last}."


def test_a_campaign_submitted_too_late_for_a_worker_expires(draft, editor, time_machine):
    lifecycle.submit(draft.pk, by=editor)
    time_machine.move_to(at(draft.starts_on))

    lifecycle.hold_submitted()

    draft.refresh_from_db()
    assert (draft.status, planned()) == (Status.EXPIRED, 0)


def test_pausing_and_resuming_queue_the_order_and_keep_the_inventory(campaign_in_status, editor):
    campaign = campaign_in_status(Status.LIVE)

    lifecycle.pause(campaign.pk, by=editor)
    assert AdOrder.objects.get().document["desiredState"] == "PAUSED"
    lifecycle.resume(campaign.pk, by=editor)

    campaign.refresh_from_db()
    order = AdOrder.objects.get()
    assert campaign.status == Status.LIVE
    assert (order.generation, order.document["desiredState"]) == (3, "ACTIVE")
    assert planned() == 60_000


def test_cancelling_a_live_campaign_releases_what_is_not_frozen(campaign_in_status, editor):
    campaign = campaign_in_status(Status.LIVE)
    third_day = campaign.starts_on + timedelta(days=2)
    freed = Capacity.objects.filter(day=third_day).aggregate(total=Sum("planned"))["total"]

    lifecycle.cancel(campaign.pk, by=editor)

    assert freed > 0
    assert planned() == 60_000 - freed
    document = AdOrder.objects.get().document
    assert document["desiredState"] == "CANCELLED"
    assert document["goal"]["total"] == 60_000  # what was agreed; only the state is another


def test_a_campaign_that_fails_stops_no_other(draft, editor, monkeypatch):
    other = lifecycle.copy(draft.pk, by=editor)
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.submit(other.pk, by=editor)
    hold = reservations.hold

    def fail_for_the_first(terms, **options):
        if options["reference"] == draft.folio:
            raise RuntimeError("boom")
        return hold(terms, **options)

    monkeypatch.setattr(reservations, "hold", fail_for_the_first)

    assert lifecycle.hold_submitted() == 1

    draft.refresh_from_db()
    other.refresh_from_db()
    assert (draft.status, other.status) == (Status.RESERVING, Status.IN_REVIEW)


def test_submitted_again_unchanged_after_a_refusal_it_does_not_use_an_older_hold(
    campaign_in_review, editor, reviewer
):
    """The old hold is of the first version's volume; the second and third ask for far more."""
    lifecycle.request_changes(campaign_in_review.pk, version=1, reasons=["x"], by=reviewer)
    lifecycle.edit(campaign_in_review.pk, {"volume": 900_000_000}, revision=1, by=editor)
    for _again in range(2):
        lifecycle.submit(campaign_in_review.pk, by=editor)
        lifecycle.hold_submitted()

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Status.NO_INVENTORY
    assert planned() == 60_000
