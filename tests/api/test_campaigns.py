"""A campaign's life by program."""

from campaigns import lifecycle
from campaigns.models import Campaign


def test_a_campaign_is_created_read_changed_and_sent(program, sent_terms):
    made = program.post("/campaigns", sent_terms)
    assert made.status_code == 201, made.content
    body = made.json()
    assert body["status"] == "draft"
    assert body["bookingStatus"] == "Draft"
    assert body["availableActions"] == ["edit", "submit", "cancel", "copy"]
    at = f"/campaigns/{body['id']}"
    assert made["Location"].endswith("/api/v1" + at)

    read = program.get(at)
    assert read.json() == body
    assert program.get(at, if_none_match=read["ETag"]).status_code == 304

    changed = program.patch(at, {"volume": 50_000}, if_match=read["ETag"])
    assert changed.status_code == 200, changed.content
    assert changed.json()["volume"] == 50_000
    again = program.patch(at, {"volume": 40_000}, if_match=read["ETag"])
    assert (again.status_code, again.json()["code"]) == (412, "FAILED_PRECONDITION")
    assert Campaign.objects.get().volume == 50_000

    rehearsed = program.post(at + "/submit?dryRun=true")
    assert rehearsed.status_code == 200, rehearsed.content
    assert rehearsed.json()["availability"]["short"] == 0
    assert Campaign.objects.get().status == "draft"

    sent = program.post(at + "/submit")
    assert sent.status_code == 200, sent.content
    assert sent.json()["bookingStatus"] == "PendingReservation"
    lifecycle.hold_submitted()
    held = program.get(at).json()
    assert held["status"] == "in_review"
    assert held["reservation"]["quantity"] == 50_000
    assert [line["action"] for line in program.get(at + "/history").json()["items"]] == [
        "hold",
        "submit",
        "draft",
    ]
    assert program.get(at + "/versions").json()["items"][0]["adText"] == sent_terms["adText"]


def test_a_list_is_followed_by_its_cursor_to_the_end(program, sent_terms):
    for n in range(5):
        program.post("/campaigns", {**sent_terms, "name": f"C{n}"})

    seen, cursor = [], ""
    for _page in range(3):
        page = program.get(f"/campaigns?perPage=2&order=name&cursor={cursor}").json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["nextCursor"]

    assert seen == [f"C{n}" for n in range(5)]
    assert cursor is None


def test_the_same_key_does_a_thing_once(program, sent_terms):
    first = program.post("/campaigns", sent_terms, idempotency_key="k1")
    again = program.post("/campaigns", sent_terms, idempotency_key="k1")
    other = program.post("/campaigns", {**sent_terms, "name": "Otra"}, idempotency_key="k1")

    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "KEY_REUSED")
    assert Campaign.objects.count() == 1
