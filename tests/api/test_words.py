"""Where an error is and how it is mended: paths of fields, null, parameters, OPTIONS, sessions."""

# ruff: noqa: E501 (one bad request a line)
import pytest
from django.test import Client

from campaigns import lifecycle
from campaigns.models import Campaign
from tests.api.conftest import V1

JSON = "application/json"


def fields(response):
    assert response.status_code == 400, response.content
    return [detail["field"] for detail in response.json()["details"]]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/campaigns", {"name": "x", "area": {"ladas": ["55", "33", 7]}}, "area.ladas[2]"),
        ("/campaigns", {"name": "x", "area": {"ladas": [None]}}, "area.ladas[0]"),
        ("/campaigns", {"name": "x", "area": {"ladas": "55"}}, "area.ladas"),
        ("/campaigns", {"name": "x", "area": {"excludedStates": ["09", "x"]}}, "area.excludedStates[1]"),
        ("/campaigns", {"name": "x", "area": {"excluded_states": []}}, "area.excluded_states"),
        ("/campaigns", {"name": "x", "area": {"nationwide": 1}}, "area.nationwide"),
        ("/campaigns", {"name": "x", "area": []}, "area"),
        ("/campaigns", {"name": "x", "startsOn": "hoy"}, "startsOn"),
        ("/campaigns", {"name": "x", "adText": 7}, "adText"),
        ("/campaigns", {"name": "x", "daily_cap": 7}, "daily_cap"),
        ("/campaigns", [], ""),
        ("/campaigns/bulk", {"campaigns": []}, "campaigns"),
        ("/saved-zones", {"name": "x", "area": {"states": ["9", "09"]}}, "area.states[0]"),
        ("/availability", {"startsOn": "2026-12-01", "endsOn": "2026-12-02", "area": {"ladas": ["5"]}}, "area.ladas[0]"),
        ("/ad-texts/check-many", {"adTexts": ["x", None, "y", 3]}, "adTexts[1] adTexts[3]"),
        ("/webhooks", {"url": "https://a.com/", "eventTypes": ["otro"]}, "eventTypes[0]"),
    ],
)  # fmt: skip
def test_a_field_is_named_by_its_path_in_the_body(program, path, body, field):
    assert " ".join(fields(program.post(path, body))) == field


def test_what_is_missing_in_a_draft_is_named_as_in_the_api(program):
    draft = program.post("/campaigns", {"name": "x", "use": "promotion"}).json()

    refused = program.post(f"/campaigns/{draft['id']}/submit").json()

    named = {detail["field"] for detail in refused["details"]}
    assert named == {"adText", "area", "promotionEndsOn", "startsOn", "endsOn", "volume"}
    assert named <= draft.keys()


@pytest.mark.parametrize("item", [None, 7, "x", [], [None], True, {}, {"name": None}])
def test_an_item_of_a_bulk_request_that_is_no_campaign_refuses_itself_only(program, item):
    response = program.post("/campaigns/bulk", {"campaigns": [{"name": "x"}, item]})
    many = {"campaigns": [{"name": "x"}, item], "allOrNothing": True}
    none = program.post("/campaigns/bulk", many)

    assert response.status_code == 207
    created, refused = response.json()["results"]
    assert (created["error"], refused["id"]) == (None, None)
    assert refused["error"]["code"] == "INVALID_ARGUMENT"
    assert none.json()["code"] == "ITEMS_REFUSED"
    assert none.json()["details"][0]["field"].startswith("campaigns[1]")
    assert Campaign.objects.count() == 1


def test_an_area_of_a_bulk_request_is_named_by_its_path(program):
    item = {"name": "x", "area": {"ladas": ["55", "5555"]}}

    each = program.post("/campaigns/bulk", {"campaigns": [item]})
    none = program.post("/campaigns/bulk", {"campaigns": [item], "allOrNothing": True})

    assert each.json()["results"][0]["error"]["details"][0]["field"] == "area.ladas[1]"
    assert none.json()["details"][0]["field"] == "campaigns[0].area.ladas[1]"


def test_null_clears_what_may_be_empty_and_is_refused_with_the_remedy_elsewhere(program, draft):
    path = f"/campaigns/{draft.folio}"
    clearable = ("promotionEndsOn", "area", "startsOn", "endsOn", "volume", "dailyCap")
    hints = {"name": "su valor", "use": "su valor", "adText": '""', "destination": '""'}

    for name, hint in hints.items():
        refused = program.patch(path, {name: None}, if_match="*")
        assert fields(refused) == [name]
        assert hint in refused.json()["details"][0]["message"]
    draft.refresh_from_db()
    assert draft.revision == 0 or draft.volume
    for name in clearable:
        changed = program.patch(path, {name: None}, if_match="*")
        assert changed.status_code == 200, name
        assert changed.json()[name] is None
    for body in (None, [], "x"):
        refused = program.patch(path, body, if_match="*")
        if body is not None:
            assert fields(refused) == [""]
            assert "objeto JSON" in refused.json()["details"][0]["message"]


def test_null_is_refused_in_changes_of_webhooks_and_zones(program):
    hook = program.post("/webhooks", {"url": "https://agencia-eventos.com/"}).json()
    zone = program.post("/saved-zones", {"name": "x", "area": {"ladas": ["55"]}}).json()

    for path, name in (
        (f"/webhooks/{hook['id']}", "url"),
        (f"/webhooks/{hook['id']}", "eventTypes"),
        (f"/saved-zones/{zone['id']}", "name"),
    ):
        refused = program.patch(path, {name: None})
        assert fields(refused) == [name]
        assert "No puede ser null" in refused.json()["details"][0]["message"]
    assert program.get(f"/webhooks/{hook['id']}").json() == {
        name: value for name, value in hook.items() if name != "secret"
    }


def test_an_unknown_parameter_is_refused_and_the_known_ones_are_named(program, draft):
    for method, path, known in (
        ("GET", "/campaigns", "runsFrom"),
        ("GET", "/brands", "cursor"),
        ("GET", "/ladas", "state"),
        ("GET", "/notices", "unread"),
        ("GET", f"/campaigns/{draft.folio}", "no tiene parámetros"),
        ("GET", f"/campaigns/{draft.folio}/history", "perPage"),
        ("POST", f"/campaigns/{draft.folio}/submit", "dryRun"),
        ("POST", f"/campaigns/{draft.folio}/copy", "no tiene parámetros"),
        ("POST", "/campaigns", "no tiene parámetros"),
        ("POST", "/availability", "no tiene parámetros"),
    ):
        for parameter in ("dry_run", "format"):
            response = program(method, f"{path}?{parameter}=json", {"name": "x"})
            assert fields(response) == [parameter], path
            assert known in response.json()["details"][0]["message"]
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert Campaign.objects.count() == 1


def test_options_says_what_each_method_does_in_spanish(program, draft):
    listed = program("OPTIONS", "/campaigns")
    one = program("OPTIONS", f"/campaigns/{draft.folio}")

    assert listed.json() == {"methods": {"GET": "Lista campañas", "POST": "Crea una campaña"}}
    assert one.json()["methods"]["PATCH"] == "Cambia una campaña"
    assert "PATCH" in one["Allow"]
    assert listed["Content-Type"] == JSON
    refused = Client().options(f"{V1}/campaigns")
    assert refused.json()["code"] == "UNAUTHENTICATED"


def test_a_session_without_its_csrf_token_reads_spanish(editor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)

    refused = client.post(f"{V1}/campaigns", {"name": "x"}, content_type=JSON)

    assert (refused.status_code, refused["Content-Type"]) == (403, JSON)
    assert "CSRF" not in refused.json()["message"]
    assert "recárgala" in refused.json()["message"]
    assert not Campaign.objects.exists()


def test_tags_are_ascii(program, draft):
    """Entity tags of the responses; and those of a request may be anything."""
    path = f"/campaigns/{draft.folio}"

    assert program.get(path)["ETag"].isascii()
    assert program.get("/states")["ETag"].isascii()
    assert program.patch(path, {"volume": 1}, if_match='"ñ"').status_code == 412
    assert program.get(path, if_none_match='"ñ"').status_code == 200


def walk(program, order, between=None):
    """Return the names in a list read by cursor, one a page; `between` follows the first page."""
    names, cursor = [], ""
    while cursor is not None:
        page = program.get(f"/campaigns?perPage=1&order={order}&cursor={cursor}").json()
        names += [item["name"] for item in page["items"]]
        cursor = page["nextCursor"]
        if between:
            between()
            between = None
        assert len(names) < 50
    return names


@pytest.fixture
def five(brand, editor, on_sale):
    return [lifecycle.draft(brand.pk, {"name": f"C{number}"}, by=editor) for number in range(5)]


def edit(campaign, editor, **terms):
    campaign.refresh_from_db()
    lifecycle.edit(campaign.pk, terms, revision=campaign.revision, by=editor)


@pytest.mark.parametrize("number", range(5))
def test_a_row_edited_during_a_walk_by_change_is_not_missed(program, five, editor, number):
    names = walk(program, "savedAt", lambda: edit(five[number], editor, volume=7))

    assert set(names) == {f"C{each}" for each in range(5)}
    assert names[-1] == f"C{number}"


def test_rows_renamed_during_a_walk_by_name_are_not_missed(program, five, editor):
    def rename():
        edit(five[4], editor, name="A4")
        edit(five[3], editor, name="A3")

    names = walk(program, "name", rename)

    assert names == ["C0", "C1", "C2", "A4", "A3"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("savedAt", ["C4", "C3", "C2", "C1", "C0"]),
        ("name", ["C0", "C1", "C2", "C3", "C4"]),
        ("newest", ["C4", "C3", "C2", "C1", "C0"]),
        ("oldest", ["C0", "C1", "C2", "C3", "C4"]),
    ],
)
def test_a_walk_during_which_nothing_changes_reads_each_row_once(program, five, order, expected):
    assert walk(program, order) == expected


def test_a_full_page_before_the_edited_rows_has_a_next_one(program, five, editor):
    first = program.get("/campaigns?perPage=3&order=savedAt").json()
    edit(five[0], editor, volume=7)
    edit(five[4], editor, volume=7)

    second = program.get(f"/campaigns?perPage=1&order=savedAt&cursor={first['nextCursor']}").json()
    third = program.get(f"/campaigns?perPage=1&order=savedAt&cursor={second['nextCursor']}").json()
    fourth = program.get(f"/campaigns?perPage=1&order=savedAt&cursor={third['nextCursor']}").json()

    read = [page["items"][0]["name"] for page in (second, third, fourth)]
    assert read == ["C1", "C0", "C4"]
    assert fourth["nextCursor"] is None


def test_the_draft_has_no_words_of_the_framework(program):
    """No message of a refusal is in English."""
    english = (" field ", " must ", " not ", "valid ", "required")
    for body in (None, {}, {"name": ""}, {"name": "x" * 99}, {"name": "x", "volume": 0}):
        response = program.post("/campaigns", body)
        error = response.json()
        for message in (error["message"], *(each["message"] for each in error.get("details", ()))):
            assert not [word for word in english if word in message.lower()], message
