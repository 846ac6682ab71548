"""References and metadata of agencies: written in any status, never copied, found by filters."""

import pytest

from campaigns import lifecycle
from campaigns.models import Campaign, Version
from tests import statuses

NOTED = {"externalReference": "OS-2231", "metadata": {"cliente": "0419", "medio": "sms"}}


def test_a_campaign_is_created_with_them_and_found_by_them(program, sent_terms):
    made = program.post("/campaigns", {**sent_terms, **NOTED}).json()
    program.post("/campaigns", {**sent_terms, "externalReference": "OS-2231"})
    program.post("/campaigns", sent_terms)

    def found(query):
        return [item["id"] for item in program.get(f"/campaigns?{query}").json()["items"]]

    assert {name: made[name] for name in NOTED} == NOTED
    assert len(found("externalReference=OS-2231")) == 2
    assert found("externalReference=OS-2231&metadata[cliente]=0419") == [made["id"]]
    assert found("metadata[cliente]=0419&metadata[medio]=sms") == [made["id"]]
    assert found("metadata[cliente]=0419&metadata[medio]=tv") == []
    assert found("externalReference=os-2231") == found("metadata[medio']=sms") == []
    assert len(found("externalReference=")) == 3


def test_they_change_while_a_campaign_is_on_air_and_nothing_of_its_order_does(live, program):
    path = f"/campaigns/{live.folio}"
    before, etag = Campaign.objects.get(pk=live.pk), program.get(path)["ETag"]

    changed = program.patch(path, NOTED, if_match=etag)
    stale = program.patch(path, {"externalReference": "otra"}, if_match=etag)

    assert changed.status_code == 200, changed.content
    assert {name: changed.json()[name] for name in NOTED} == NOTED
    assert changed["ETag"] != etag
    assert (stale.status_code, stale.json()["code"]) == (412, "FAILED_PRECONDITION")
    after = Campaign.objects.get(pk=live.pk)
    assert (after.revision, after.saved_at, after.status, after.version_number) == (
        before.revision,
        before.saved_at,
        before.status,
        before.version_number,
    )
    assert Version.objects.filter(campaign=live).count() == 1
    assert live.events.count() == len(program.get(f"{path}/history").json()["items"])


def test_a_term_of_a_campaign_on_air_refuses_the_whole_change(live, program):
    path = f"/campaigns/{live.folio}"

    refused = program.patch(path, {**NOTED, "volume": 7}, if_match="*")

    assert (refused.status_code, refused.json()["code"]) == (409, "WRONG_STATUS")
    assert Campaign.objects.get(pk=live.pk).external_reference == ""


def test_what_is_sent_replaces_what_was_there(program, draft):
    path = f"/campaigns/{draft.folio}"
    program.patch(path, NOTED, if_match="*")

    fewer = program.patch(path, {"metadata": {"medio": "tv"}}, if_match="*").json()
    none = program.patch(path, {"externalReference": " ", "metadata": {}}, if_match="*").json()

    assert (fewer["externalReference"], fewer["metadata"]) == ("OS-2231", {"medio": "tv"})
    assert (none["externalReference"], none["metadata"]) == ("", {})


def test_a_copy_and_a_version_have_none(program, draft, editor):
    program.patch(f"/campaigns/{draft.folio}", NOTED, if_match="*")
    lifecycle.submit(draft.pk, by=editor)

    copied = program.post(f"/campaigns/{draft.folio}/copy").json()
    [version] = program.get(f"/campaigns/{draft.folio}/versions").json()["items"]

    assert (copied["externalReference"], copied["metadata"]) == ("", {})
    assert not version.keys() & NOTED.keys()


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({f"k{n}": "" for n in range(21)}, "BAD_METADATA"),
        ({"": "x"}, "BAD_METADATA"),
        ({"número": "x"}, "BAD_METADATA"),
        ({"k" * 41: "x"}, "BAD_METADATA"),
        ({"a\0": "x"}, "BAD_METADATA"),
        ({"k": "x" * 501}, "INVALID_ARGUMENT"),
        ({"k": "\0"}, "INVALID_ARGUMENT"),
        ({"k": 7}, "INVALID_ARGUMENT"),
        ({"k": None}, "INVALID_ARGUMENT"),
        ({"k": {"a": "b"}}, "INVALID_ARGUMENT"),
        (["k"], "INVALID_ARGUMENT"),
        (None, "INVALID_ARGUMENT"),
    ],
)
def test_metadata_of_another_form_is_refused_and_nothing_changes(program, draft, metadata, code):
    path = f"/campaigns/{draft.folio}"
    program.patch(path, NOTED, if_match="*")

    changed = program.patch(path, {"volume": 7, "metadata": metadata}, if_match="*")
    made = program.post("/campaigns", {"name": "x", "metadata": metadata})

    assert changed.json()["code"] == made.json()["code"] == code
    after = program.get(path).json()
    assert (after["metadata"], after["volume"]) == (NOTED["metadata"], draft.volume)
    assert Campaign.objects.count() == 1


def test_the_limits_themselves_are_taken(program, draft):
    most = {f"a_b.c-{n}": "ñ" * 500 for n in range(20)} | {}
    noted = {"externalReference": "r" * 80, "metadata": most}

    changed = program.patch(f"/campaigns/{draft.folio}", noted, if_match="*")

    assert changed.json()["metadata"] == most
    longer = program.patch(
        f"/campaigns/{draft.folio}", {"externalReference": "r" * 81}, if_match="*"
    )
    assert longer.json()["details"][0]["field"] == "externalReference"


def test_whoever_may_not_write_changes_nothing(program_of, brand, owner, draft):
    reader = program_of(brand, owner, "campaigns:read")

    refused = reader.patch(f"/campaigns/{draft.folio}", NOTED, if_match="*")

    assert (refused.status_code, refused.json()["code"]) == (403, "PERMISSION_DENIED")
    assert Campaign.objects.get().metadata == {}


def test_a_deleted_draft_keeps_them(program, draft):
    program.patch(f"/campaigns/{draft.folio}", NOTED, if_match="*")
    statuses.put(draft.pk, "deleted")

    assert program.get(f"/campaigns/{draft.folio}").json()["externalReference"] == "OS-2231"
