"""Whatever comes in, the API refuses in one shape, and a refusal changes nothing."""

# ruff: noqa: E501 (one bad request a line)
import json
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken

from campaigns import lifecycle
from campaigns.admin import decision  # has a refusal of its own
from campaigns.errors import CampaignError
from campaigns.models import Campaign
from core.api import errors
from core.api.errors import CODES
from inventory.errors import InventoryError
from portal.accounts import api_clients
from segments.areas import AreaError
from tests.api.conftest import V1

BEARER = "Bearer {token}"
CORRELATOR = "prueba-7"
JSON = "application/json"

# What the domain refuses and no operation of the API can meet.
REVIEW = "decided by Telefónica's people in the admin"
TEAM = "teams and sign-up are pages"
CAPACITY = "what can be sold is changed in the admin"
NOT_REACHABLE = {
    "CampaignError": "the base of the others",
    "InventoryError": "the base of the others",
    "BadClient": "programs are made on a page",
    "BadReason": "brands are turned down by staff",
    "StaleVersion": REVIEW,
    "OwnBrand": REVIEW,
    "ReasonNeeded": REVIEW,
    "Undecided": REVIEW,
    "Unsent": REVIEW,
    "HoldExpired": REVIEW,
    "NotHeld": REVIEW,
    "NotEnoughInventory": "holds are taken by a worker; the campaign then has no_inventory",
    "NameTaken": TEAM,
    "LastOwner": TEAM,
    "AlreadyMember": TEAM,
    "AlreadyInvited": TEAM,
    "TooManyInvitations": TEAM,
    "JustSent": TEAM,
    "InvitationOver": TEAM,
    "NotForYou": TEAM,
    "BadChange": CAPACITY,
    "NothingChanges": CAPACITY,
    "ChangeDecided": CAPACITY,
    "BreaksPromises": CAPACITY,
    "inventory.NotAllowed": CAPACITY,
}


def every(base):
    yield base
    for below in base.__subclasses__():
        yield from every(below)


def called(refusal):
    inventory = refusal.__module__.startswith("inventory") and refusal.__name__ == "NotAllowed"
    return "inventory.NotAllowed" if inventory else refusal.__name__


def test_every_refusal_of_the_domain_has_a_code_of_the_api_or_a_reason_to_have_none():
    assert decision.Undecided
    refusals = [one for base in (CampaignError, InventoryError, AreaError) for one in every(base)]
    assert len(refusals) > 30

    for refusal in refusals:
        code = errors.api_code(refusal.code)
        assert (code in CODES) != (called(refusal) in NOT_REACHABLE), refusal
    assert NOT_REACHABLE.keys() <= {called(refusal) for refusal in refusals}


def test_codes_are_said_once_and_tell_what_they_mean():
    for name, code in CODES.items():
        assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", name)
        assert 400 <= code.status < 600
        assert str(code.description).endswith(".")


def everything():
    """Count all rows but those that count or keep what was asked."""
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label in {"campaigns", "inventory", "core"}
    }


class Sent:
    """One bad request, and how it shall be refused."""

    def __init__(self, name, status, code, method="POST", path="/campaigns", body=b"{}", **more):
        self.name, self.status, self.code = name, status, code
        self.method, self.path, self.body = method, path, body
        self.kind = more.pop("kind", JSON)
        self.headers = {"authorization": BEARER, **more.pop("headers", {})}
        assert not more


def bodies():
    """Bodies of POST /campaigns that are not understood."""
    yield from {
        "broken JSON": b'{"name": "x"',
        "not UTF-8": b'{"name": "\xff\xfe"}',
        "nothing": b"",
        "deep nesting": b"[" * 100_000,
        "nesting deeper than we take": b'{"name": ' + b"[" * 40 + b"]" * 40 + b"}",
        "a lone surrogate as a choice": b'{"name": "x", "use": "\\ud83d"}',
        "deep nesting inside": b'{"name": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        "NaN": b'{"name": "x", "volume": NaN}',
        "Infinity": b'{"name": "x", "volume": Infinity}',
        "a huge number": b'{"name": "x", "volume": ' + b"9" * 5_000 + b"}",
        "a number past 64 bits": b'{"name": "x", "volume": 9223372036854775808}',
        "a fraction": b'{"name": "x", "volume": 1.5}',
        "1e400": b'{"name": "x", "volume": 1e400}',
        "a number as text": b'{"name": "x", "volume": "500000"}',
        "true for a number": b'{"name": "x", "volume": true}',
        "a number for a text": b'{"name": 7}',
        "null for a text": b'{"name": null}',
        "an object for a text": b'{"name": {"a": 1}}',
        "a blank name": b'{"name": "  "}',
        "a name too long": json.dumps({"name": "x" * 81}).encode(),
        "a list": b"[]",
        "a text": b'"name"',
        "a number": b"7",
        "null": b"null",
        "NUL in a text": b'{"name": "a\\u0000b"}',
        "NUL in the area": b'{"name": "x", "area": {"ladas": ["5\\u0000"]}}',
        "a lone surrogate": b'{"name": "\\ud83d"}',
        "a lone surrogate as a member": b'{"name": "x", "\\udc00": 1}',
        "an unknown member": b'{"name": "x", "tope": 1}',
        "a member that is only read": b'{"name": "x", "status": "live"}',
        "an unknown member of the area": b'{"name": "x", "area": {"cities": []}}',
        "a day in another form": b'{"name": "x", "startsOn": "31/12/2026"}',
        "a day that is none": b'{"name": "x", "startsOn": "2026-02-30"}',
        "a day without hyphens": b'{"name": "x", "startsOn": "20261231"}',
        "a day as a moment": b'{"name": "x", "startsOn": "2026-12-31T00:00:00"}',
        "a year of five digits": b'{"name": "x", "startsOn": "12026-12-31"}',
        "a day as a number": b'{"name": "x", "startsOn": 20261231}',
        "a choice that is none": b'{"name": "x", "use": "fiesta"}',
        "a list for a choice": b'{"name": "x", "use": ["broadcast"]}',
        "a text too long": json.dumps({"name": "x", "adText": "x" * 2_001}).encode(),
        "codes that are numbers": b'{"name": "x", "area": {"ladas": [55]}}',
        "codes of another form": b'{"name": "x", "area": {"ladas": ["5555"]}}',
        "too many codes": json.dumps({"name": "x", "area": {"ladas": ["55"] * 501}}).encode(),
    }.items()


BAD = [
    Sent("no token", 401, "UNAUTHENTICATED", headers={"authorization": ""}),
    Sent("bad token", 401, "UNAUTHENTICATED", headers={"authorization": "Bearer no"}),
    Sent("not a bearer", 401, "UNAUTHENTICATED", headers={"authorization": "Basic YTpi"}),
    Sent("odd header", 401, "UNAUTHENTICATED", headers={"authorization": "Bearer a b"}),
    Sent("NUL token", 401, "UNAUTHENTICATED", headers={"authorization": "Bearer \x00"}),
    Sent("wrong method", 405, "METHOD_NOT_ALLOWED", method="DELETE"),
    Sent("TRACE", 405, "METHOD_NOT_ALLOWED", method="TRACE"),
    Sent("unknown method", 405, "METHOD_NOT_ALLOWED", method="BREW"),
    Sent("Accept xml", 406, "NOT_ACCEPTABLE", headers={"accept": "application/xml"}),
    Sent("a form", 415, "UNSUPPORTED_MEDIA_TYPE", body=b"name=x", kind="application/x-www-form-urlencoded"),
    Sent("plain text", 415, "UNSUPPORTED_MEDIA_TYPE", body=b"{}", kind="text/plain"),
    Sent("multipart", 415, "UNSUPPORTED_MEDIA_TYPE", body=b"--x--", kind="multipart/form-data; boundary=x"),
    Sent("another charset", 400, "INVALID_ARGUMENT", body='{"name": "ñ"}'.encode("latin-1"), kind=f"{JSON}; charset=utf-8"),
    Sent("unknown charset", 400, "INVALID_ARGUMENT", body='{"name": "ñ"}'.encode("utf-16"), kind=f"{JSON}; charset=foo"),
    Sent("2 MiB", 413, "PAYLOAD_TOO_LARGE", body=b'{"name": "' + b"x" * 2_097_152 + b'"}'),
    Sent("2 MiB with a key", 413, "PAYLOAD_TOO_LARGE", body=b'{"name": "' + b"x" * 2_097_152 + b'"}', headers={"idempotency-key": "k"}),
    Sent("2 MiB of a form", 415, "UNSUPPORTED_MEDIA_TYPE", body=b"x" * 2_097_152, kind="text/plain"),
    Sent("bad key", 400, "INVALID_ARGUMENT", headers={"idempotency-key": "a b"}),
    Sent("long key", 400, "INVALID_ARGUMENT", headers={"idempotency-key": "x" * 256}),
    Sent("unknown address", 404, "NOT_FOUND", method="GET", path="/campañas"),
    Sent("unknown address, post", 404, "NOT_FOUND", path="/nothing/here"),
    Sent("no such campaign", 404, "NOT_FOUND", method="GET", path="/campaigns/LP-222222"),
    Sent("NUL in the address", 404, "NOT_FOUND", method="GET", path="/campaigns/%00"),
    Sent("not UTF-8 in the address", 404, "NOT_FOUND", method="GET", path="/campaigns/%ff"),
    Sent("a number too big", 404, "NOT_FOUND", path="/notices/99999999999999999999/read"),
    Sent("unknown parameter", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?x=1"),
    Sent("repeated parameter", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?q=a&q=b"),
    Sent("NUL in the query", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?q=%00"),
    Sent("not UTF-8 in the query", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?status=%ff"),
    Sent("bad day in the query", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?runsFrom=hoy"),
    Sent("too many a page", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?perPage=101"),
    Sent("digits of another script", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?perPage=%D9%A2"),
    Sent("bad cursor", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?cursor=x"),
    Sent("well-formed bad cursor", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?cursor=WyJ0"),
    Sent("another list's cursor", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?cursor=WyJjb2RlIiwgIjAxIiwgIjAxIl0"),
    Sent("a cursor of NUL", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?cursor=WyJuZXdlc3QiLCAiXHUwMDAwIiwgMV0"),
    Sent("no such brand", 422, "BAD_BRAND", body=b'{"name": "x", "brand": "otra"}'),
    Sent("a validity without promotion", 422, "NOT_A_PROMOTION", body=b'{"name": "x", "promotionEndsOn": "2026-12-31"}'),
    Sent("no such LADA", 422, "BAD_AREA", path="/saved-zones", body=b'{"name": "x", "area": {"ladas": ["000"]}}'),
    Sent("nowhere", 422, "BAD_AREA", path="/saved-zones", body=b'{"name": "x", "area": {}}'),
    Sent("days of long ago", 422, "DAYS_GONE", path="/availability", body=b'{"area": {"ladas": ["55"]}, "startsOn": "0001-01-01", "endsOn": "0001-01-02"}'),
    Sent("days in reverse", 422, "BAD_TERMS", path="/availability", body=b'{"area": {"ladas": ["55"]}, "startsOn": "9999-12-31", "endsOn": "9999-12-30"}'),
    Sent("the last of days", 422, "DAYS_NOT_OPEN", path="/availability", body=b'{"area": {"ladas": ["55"]}, "startsOn": "9999-12-31", "endsOn": "9999-12-31"}'),
    *(Sent(name, 400, "INVALID_ARGUMENT", body=body) for name, body in bodies()),
]  # fmt: skip


@pytest.mark.parametrize("sent", BAD, ids=lambda sent: sent.name)
def test_a_bad_request_is_refused_as_json_and_changes_nothing(sent, program, draft):
    before = everything()

    answer = ask(sent, program.token)

    told = answer.json()
    assert (answer.status_code, told["code"]) == (sent.status, sent.code), told
    assert answer["Content-Type"] == JSON
    assert answer["x-correlator"] == CORRELATOR
    assert told["status"] == sent.status
    assert told["message"]
    for detail in told.get("details", []):
        assert detail.keys() == {"field", "code", "message"}
    assert everything() == before


def ask(sent, token):
    headers = {name: value.format(token=token) for name, value in sent.headers.items() if value}
    headers["x-correlator"] = CORRELATOR
    client = Client(raise_request_exception=False)
    return client.generic(
        sent.method, V1 + sent.path, sent.body, content_type=sent.kind, headers=headers
    )


def test_the_table_is_refused_for_what_is_wrong_with_it_and_not_for_all_alike(program):
    answer = ask(Sent("good", 201, "", body=b'{"name": "x"}'), program.token)

    assert answer.status_code == 201, answer.content


def test_a_token_ends(program, draft):
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))

    answer = program.get("/campaigns")

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_program_is_nobody_at_once(brand, owner, program_of):
    program = program_of(brand, owner)
    assert program.get("/campaigns").status_code == 200

    api_clients.revoke(brand_client(brand).pk, by=owner)

    answer = program.post("/campaigns", {"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert not Campaign.objects.exists()


def brand_client(brand):
    return api_clients.ApiClient.objects.get(brand=brand)


def test_a_scope_that_a_token_lacks_is_named(brand, owner, program_of):
    answer = program_of(brand, owner, "campaigns:read").post("/campaigns", {"name": "x"})

    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    assert "campaigns:write" in answer.json()["message"]
    assert not Campaign.objects.exists()


def test_a_session_writes_only_with_its_csrf_token(editor):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(editor)

    read = client.get(f"{V1}/campaigns")
    refused = client.post(f"{V1}/campaigns", {"name": "x"}, content_type=JSON)

    assert read.status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (403, "PERMISSION_DENIED")
    assert not Campaign.objects.exists()


def test_what_breaks_inside_is_told_without_its_trace(program, draft, monkeypatch, settings):
    def broken(*args, **kwargs):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(lifecycle, "submit", broken)
    for settings.DEBUG in (False, True):
        for headers in ({}, {"idempotency-key": "k"}):
            sent = Sent(
                "x", 500, "INTERNAL", path=f"/campaigns/{draft.folio}/submit", headers=headers
            )
            answer = ask(sent, program.token)

            assert answer.status_code == 500
            assert answer["Content-Type"] == JSON
            assert answer["x-correlator"] == CORRELATOR
            assert answer.json().keys() == {"status", "code", "message"}
            assert b"secret" not in answer.content
            assert b"Traceback" not in answer.content
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_correlator_of_another_form_is_replaced(program):
    for odd in ("", "a b", "ñ", "x" * 257):
        answer = program.get("/campaigns", x_correlator=odd)

        assert re.fullmatch(r"[0-9a-f-]{36}", answer["x-correlator"])
