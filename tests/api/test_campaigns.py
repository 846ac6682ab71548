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
        "hold", "submit", "draft",
    ]
    assert program.get(at + "/versions").json()["items"][0]["adText"] == sent_terms["adText"]


def test_pages(program, sent_terms):
    for n in range(5):
        program.post("/campaigns", {**sent_terms, "name": f"C{n}"})
    seen, cursor = [], ""
    while True:
        page = program.get(f"/campaigns?perPage=2&order=name&cursor={cursor}").json()
        seen += [item["name"] for item in page["items"]]
        if not (cursor := page["nextCursor"] or ""):
            break
    assert seen == [f"C{n}" for n in range(5)]
    print(program.get("/campaigns?perPage=1").json()["items"], dict(program.get("/campaigns").headers))
    for path in ("/states", "/zones?state=14&q=guad", "/ladas?q=55", "/ladas/55", "/brands",
                 "/saved-zones", "/short-links", "/notices"):
        answer = program.get(path)
        assert answer.status_code == 200, answer.content
        print(path, answer.content[:300].decode())
    print(program.post("/ad-texts/check", {"adText": "Mañana 2x1: ¡ven!"}).content.decode())
    print(program.post("/availability", {k: sent_terms[k] for k in ("area", "startsOn", "endsOn", "volume")}).content.decode()[:600])
    print(program.post("/campaigns/bulk", {"campaigns": [sent_terms, {"name": 5}, 3]}).content.decode())
    print(program.post("/campaigns/bulk", {"campaigns": [sent_terms, {"name": 5}, 3], "allOrNothing": True}).content.decode())
    print(program.get("/nada").content.decode())
    a = program.post("/campaigns", sent_terms, idempotency_key="k1")
    b = program.post("/campaigns", sent_terms, idempotency_key="k1")
    c = program.post("/campaigns", {**sent_terms, "name": "z"}, idempotency_key="k1")
    assert a.content == b.content, (a.content, b.content)
    print(c.content.decode(), b["Idempotency-Replayed"])
