"""The life of a campaign by API."""

from campaigns import lifecycle
from campaigns.models import Campaign
from tests.counts import at, count


def test_a_campaign_is_created_read_changed_and_sent(program, sent_terms):
    created = program.post("/campaigns", sent_terms)
    assert created.status_code == 201, created.content
    body = created.json()
    assert body["status"] == "draft"
    assert body["bookingStatus"] == "Draft"
    assert body["availableActions"] == ["edit", "submit", "cancel", "delete", "copy"]
    path = f"/campaigns/{body['id']}"
    assert created["Location"].endswith("/api/v1" + path)

    read = program.get(path)
    assert read.json() == body
    assert program.get(path, if_none_match=read["ETag"]).status_code == 304

    changed = program.patch(path, {"volume": 50_000}, if_match=read["ETag"])
    assert changed.status_code == 200, changed.content
    assert changed.json()["volume"] == 50_000
    again = program.patch(path, {"volume": 40_000}, if_match=read["ETag"])
    assert (again.status_code, again.json()["code"]) == (412, "FAILED_PRECONDITION")
    assert Campaign.objects.get().volume == 50_000

    dry_run = program.post(path + "/submit?dryRun=true")
    assert dry_run.status_code == 200, dry_run.content
    assert dry_run.json()["availability"]["short"] == 0
    assert Campaign.objects.get().status == "draft"

    submitted = program.post(path + "/submit")
    assert submitted.status_code == 200, submitted.content
    assert submitted.json()["bookingStatus"] == "PendingReservation"
    lifecycle.hold_submitted()
    held = program.get(path).json()
    assert held["status"] == "in_review"
    assert held["reservation"]["quantity"] == 50_000
    assert [event["action"] for event in program.get(path + "/history").json()["items"]] == [
        "hold",
        "submit",
        "draft",
    ]
    assert program.get(path + "/versions").json()["items"][0]["adText"] == sent_terms["adText"]


def test_a_list_is_read_to_its_end_by_cursor(program, sent_terms):
    for n in range(5):
        program.post("/campaigns", {**sent_terms, "name": f"C{n}"})

    seen, cursor = [], ""
    for _page in range(3):
        page = program.get(f"/campaigns?perPage=2&order=name&cursor={cursor}").json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["nextCursor"]

    assert seen == [f"C{n}" for n in range(5)]
    assert cursor is None


def test_the_same_key_creates_one_campaign(program, sent_terms):
    first = program.post("/campaigns", sent_terms, idempotency_key="k1")
    again = program.post("/campaigns", sent_terms, idempotency_key="k1")
    other = program.post("/campaigns", {**sent_terms, "name": "Otra"}, idempotency_key="k1")

    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "KEY_REUSED")
    assert Campaign.objects.count() == 1


# ── what was delivered ───────────────────────────────────────────────────────


def test_a_campaign_has_its_counts_once_it_has_an_order(program, approved, time_machine):
    path = f"/campaigns/{approved.folio}"
    as_of = at(approved.starts_on, 9, 5)
    count(approved, 900, 700, failed=20, no_receipt=30, as_of=as_of)

    found = program.get(path).json()["delivery"]

    assert found == {
        "inserted": 900,
        "delivered": 700,
        "failed": 20,
        "noReceipt": 30,
        "asOf": as_of.isoformat(),
        "isFinal": False,
        "reason": "",
        "explanation": "",
    }
    assert program.get("/campaigns").json()["items"][0]["delivery"] == found


def test_a_campaign_without_an_order_has_no_counts(program, campaign_in_review):
    assert program.get(f"/campaigns/{campaign_in_review.folio}").json()["delivery"] is None


def test_a_zero_has_its_reason(program, approved):
    found = program.get(f"/campaigns/{approved.folio}").json()["delivery"]

    assert (found["delivered"], found["asOf"], found["reason"]) == (0, None, "not_started")
    assert found["explanation"] == "Todavía no llega su primer día."


def test_new_counts_change_the_entity_tag_and_forbid_no_change(program, approved):
    path = f"/campaigns/{approved.folio}"
    lifecycle.schedule(approved.pk)
    read = program.get(path)
    count(approved, 900, 700)

    fresh = program.get(path, if_none_match=read["ETag"])
    paused = program.post(f"{path}/pause", if_match=read["ETag"])
    again = program.post(f"{path}/resume", if_match=read["ETag"])

    assert fresh.status_code == 200
    assert fresh.json()["delivery"]["delivered"] == 700
    assert (paused.status_code, paused.json()["status"]) == (200, "paused")
    assert (again.status_code, again.json()["code"]) == (412, "FAILED_PRECONDITION")
    assert program.get(path).json()["status"] == "paused"
