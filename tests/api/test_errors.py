"""Errors of the API have one structure, and a request with an error changes nothing."""

# ruff: noqa: E501 (one bad request a line)
import json
import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken

from campaigns import lifecycle
from campaigns.admin import decision  # it has an error of its own
from campaigns.errors import CampaignError
from campaigns.exports.errors import ExportError
from campaigns.models import Campaign
from core.api import errors
from core.api.errors import CODES
from inventory.errors import InventoryError
from portal.accounts import api_clients
from segments.areas import AreaError
from tests.api.conftest import V1, everything

BEARER = "Bearer {token}"
CORRELATOR = "prueba-7"
JSON = "application/json"

# Errors of the domain that no operation of the API can raise, with the reason.
MAILS = "to whom results are mailed is chosen on a page"
REVIEW = "decided by Telefónica's people in the admin"
TEAM = "teams and sign-up are pages"
RATES = "rate cards are written in the admin"
EXPORTS = "files of results are pages; the API has results by cursor"
CERTIFICATES = "certificates are issued and answered on pages"
CAPACITY = "what can be sold is changed in the admin"
NOT_REACHABLE = {
    "CampaignError": "the base of the others",
    "InventoryError": "the base of the others",
    "BadClient": "programs are made on a page",
    "BadComment": "staff write comments in the admin",
    "BadReason": "staff write reasons in the admin",
    "BadTestDelivery": "staff send tests in the admin",
    "BadMessage": "conversations are pages",
    "BadEventTypes": "refused by the serializer",
    "AlreadyRecipient": MAILS,
    "AskedToday": MAILS,
    "NothingToReport": MAILS,
    "StoppedByRecipient": MAILS,
    "TooManyRecipients": MAILS,
    "ExportError": "the base of the others",
    "NothingToExport": EXPORTS,
    "HoursNotKept": EXPORTS,
    "TooManyRows": EXPORTS,
    "TooManyExports": EXPORTS,
    "StaleVersion": REVIEW,
    "OwnBrand": REVIEW,
    "Undecided": REVIEW,
    "UnknownMove": REVIEW,
    "ChannelUnchanged": "the channel is stopped in the admin",
    "DriftResolved": "differences with the gateway are resolved in the admin",
    "Unsent": REVIEW,
    "NotHeld": REVIEW,
    "NotAllPlaced": REVIEW,
    "UnreadArea": "words of files; the API takes codes",
    "ExpiryGone": "the expiry of a hold is computed by a worker",
    "NotEnoughInventory": "holds are taken by a worker; the campaign then has no_inventory",
    "NameTaken": TEAM,
    "LastOwner": TEAM,
    "AlreadyMember": TEAM,
    "AlreadyInvited": TEAM,
    "TooManyInvitations": TEAM,
    "JustSent": TEAM,
    "InvitationOver": TEAM,
    "NotForYou": TEAM,
    "Unpriced": "told by readiness, as a problem of the area",
    "BadRateCard": RATES,
    "RateCardFixed": RATES,
    "CertificateNotReady": CERTIFICATES,
    "CertificateReplaced": CERTIFICATES,
    "AlreadyAnswered": CERTIFICATES,
    "BadClaim": CERTIFICATES,
    "NothingToCorrect": CERTIFICATES,
    "BadChange": CAPACITY,
    "NothingChanges": CAPACITY,
    "ChangeDecided": CAPACITY,
    "ReservationsAtRisk": CAPACITY,
    "inventory.NotAllowed": CAPACITY,
}


def subclasses(base):
    """Yield a class and all its subclasses."""
    yield base
    for subclass in base.__subclasses__():
        yield from subclasses(subclass)


def name_of(error):
    is_of_inventory = error.__module__.startswith("inventory") and error.__name__ == "NotAllowed"
    return "inventory.NotAllowed" if is_of_inventory else error.__name__


def test_every_error_of_the_domain_has_a_code_of_the_api_or_a_reason_to_have_none():
    assert decision.Undecided
    assert ExportError
    bases = (CampaignError, InventoryError, AreaError)
    domain_errors = [error for base in bases for error in subclasses(base)]
    assert len(domain_errors) > 30

    for error in domain_errors:
        code = errors.api_code(error.code)
        assert (code in CODES) != (name_of(error) in NOT_REACHABLE), error
    assert NOT_REACHABLE.keys() <= {name_of(error) for error in domain_errors}


def test_codes_have_a_status_and_a_description():
    for name, code in CODES.items():
        assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", name)
        assert 400 <= code.status < 600
        assert str(code.description).endswith(".")


class BadRequest:
    """A request with an error, and the expected status and code."""

    def __init__(self, name, status, code, method="POST", path="/campaigns", body=b"{}", **more):
        self.name, self.status, self.code = name, status, code
        self.method, self.path, self.body = method, path, body
        self.content_type = more.pop("content_type", JSON)
        self.headers = {"authorization": BEARER, **more.pop("headers", {})}
        assert not more


def bodies():
    """Yield invalid bodies of POST /campaigns."""
    yield from {
        "broken JSON": b'{"name": "x"',
        "not UTF-8": b'{"name": "\xff\xfe"}',
        "nothing": b"",
        "deep nesting": b"[" * 60_000,
        "nesting deeper than we take": b'{"name": ' + b"[" * 40 + b"]" * 40 + b"}",
        "a lone surrogate as a choice": b'{"name": "x", "use": "\\ud83d"}',
        "deep nesting inside": b'{"name": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
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
    BadRequest("no token", 401, "UNAUTHENTICATED", headers={"authorization": ""}),
    BadRequest("bad token", 401, "UNAUTHENTICATED", headers={"authorization": "Bearer no"}),
    BadRequest("not a bearer", 401, "UNAUTHENTICATED", headers={"authorization": "Basic YTpi"}),
    BadRequest("odd header", 401, "UNAUTHENTICATED", headers={"authorization": "Bearer a b"}),
    BadRequest("NUL token", 401, "UNAUTHENTICATED", headers={"authorization": "Bearer \x00"}),
    BadRequest("wrong method", 405, "METHOD_NOT_ALLOWED", method="DELETE"),
    BadRequest("TRACE", 405, "METHOD_NOT_ALLOWED", method="TRACE"),
    BadRequest("unknown method", 405, "METHOD_NOT_ALLOWED", method="BREW"),
    BadRequest("Accept xml", 406, "NOT_ACCEPTABLE", headers={"accept": "application/xml"}),
    BadRequest("a form", 415, "UNSUPPORTED_MEDIA_TYPE", body=b"name=x", content_type="application/x-www-form-urlencoded"),
    BadRequest("plain text", 415, "UNSUPPORTED_MEDIA_TYPE", body=b"{}", content_type="text/plain"),
    BadRequest("multipart", 415, "UNSUPPORTED_MEDIA_TYPE", body=b"--x--", content_type="multipart/form-data; boundary=x"),
    BadRequest("another charset", 400, "INVALID_ARGUMENT", body='{"name": "ñ"}'.encode("latin-1"), content_type=f"{JSON}; charset=utf-8"),
    BadRequest("unknown charset", 400, "INVALID_ARGUMENT", body='{"name": "ñ"}'.encode("utf-16"), content_type=f"{JSON}; charset=foo"),
    BadRequest("2 MiB", 413, "PAYLOAD_TOO_LARGE", body=b'{"name": "' + b"x" * 2_097_152 + b'"}'),
    BadRequest("2 MiB with a key", 413, "PAYLOAD_TOO_LARGE", body=b'{"name": "' + b"x" * 2_097_152 + b'"}', headers={"idempotency-key": "k"}),
    BadRequest("2 MiB of a form", 413, "PAYLOAD_TOO_LARGE", body=b"x" * 2_097_152, content_type="text/plain"),
    BadRequest("bad key", 400, "INVALID_ARGUMENT", headers={"idempotency-key": "a b"}),
    BadRequest("long key", 400, "INVALID_ARGUMENT", headers={"idempotency-key": "x" * 256}),
    BadRequest("unknown address", 404, "NOT_FOUND", method="GET", path="/campañas"),
    BadRequest("unknown address, post", 404, "NOT_FOUND", path="/nothing/here"),
    BadRequest("no such campaign", 404, "NOT_FOUND", method="GET", path="/campaigns/LP-222222"),
    BadRequest("NUL in the address", 404, "NOT_FOUND", method="GET", path="/campaigns/%00"),
    BadRequest("not UTF-8 in the address", 404, "NOT_FOUND", method="GET", path="/campaigns/%ff"),
    BadRequest("a number too big", 404, "NOT_FOUND", path="/notices/99999999999999999999/read"),
    BadRequest("unknown parameter", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?x=1"),
    BadRequest("repeated parameter", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?q=a&q=b"),
    BadRequest("NUL in the query", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?q=%00"),
    BadRequest("not UTF-8 in the query", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?status=%ff"),
    BadRequest("bad day in the query", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?runsFrom=hoy"),
    BadRequest("too many a page", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?perPage=101"),
    BadRequest("digits of another script", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?perPage=%D9%A2"),
    BadRequest("bad cursor", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?cursor=x"),
    BadRequest("well-formed bad cursor", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?cursor=WyJ0"),
    BadRequest("another list's cursor", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?cursor=WyJjb2RlIiwgIjAxIiwgIjAxIl0"),
    BadRequest("a cursor of NUL", 400, "INVALID_ARGUMENT", method="GET", path="/campaigns?cursor=WyJuZXdlc3QiLCAiXHUwMDAwIiwgMV0"),
    BadRequest("no such brand", 422, "BAD_BRAND", body=b'{"name": "x", "brand": "otra"}'),
    BadRequest("a validity without promotion", 422, "NOT_A_PROMOTION", body=b'{"name": "x", "promotionEndsOn": "2026-12-31"}'),
    BadRequest("no such LADA", 422, "BAD_AREA", path="/saved-zones", body=b'{"name": "x", "area": {"ladas": ["000"]}}'),
    BadRequest("nowhere", 422, "BAD_AREA", path="/saved-zones", body=b'{"name": "x", "area": {}}'),
    BadRequest("days of long ago", 422, "DAYS_GONE", path="/availability", body=b'{"area": {"ladas": ["55"]}, "startsOn": "0001-01-01", "endsOn": "0001-01-02"}'),
    BadRequest("days in reverse", 422, "BAD_TERMS", path="/availability", body=b'{"area": {"ladas": ["55"]}, "startsOn": "9999-12-31", "endsOn": "9999-12-30"}'),
    BadRequest("the last of days", 422, "DAYS_NOT_OPEN", path="/availability", body=b'{"area": {"ladas": ["55"]}, "startsOn": "9999-12-31", "endsOn": "9999-12-31"}'),
    *(BadRequest(name, 400, "INVALID_ARGUMENT", body=body) for name, body in bodies()),
]  # fmt: skip


def test_a_bad_request_gets_a_json_error_and_changes_nothing(program, draft, trial):
    apps = ("campaigns", "inventory", "core")  # all but those that only record requests
    before = everything(*apps)

    for bad in BAD:
        with trial(bad.name):
            response = send(bad, program.token)

            error = response.json()
            assert (response.status_code, error["code"]) == (bad.status, bad.code), error
            assert response["Content-Type"] == JSON
            assert response["x-correlator"] == CORRELATOR
            assert error["status"] == bad.status
            assert error["message"]
            for detail in error.get("details", []):
                assert detail.keys() == {"field", "code", "message"}
            assert everything(*apps) == before


def send(bad, token):
    headers = {name: value.format(token=token) for name, value in bad.headers.items() if value}
    headers["x-correlator"] = CORRELATOR
    client = Client(raise_request_exception=False)
    return client.generic(
        bad.method, V1 + bad.path, bad.body, content_type=bad.content_type, headers=headers
    )


def test_a_good_request_of_the_same_form_succeeds(program):
    response = send(BadRequest("good", 201, "", body=b'{"name": "x"}'), program.token)

    assert response.status_code == 201, response.content


def test_an_expired_token_is_refused(program, draft):
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))

    response = program.get("/campaigns")

    assert (response.status_code, response.json()["code"]) == (401, "UNAUTHENTICATED")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_program_is_refused_at_once(brand, owner, program_of):
    program = program_of(brand, owner)
    assert program.get("/campaigns").status_code == 200

    api_clients.revoke(brand_client(brand).pk, by=owner)

    response = program.post("/campaigns", {"name": "x"})
    assert (response.status_code, response.json()["code"]) == (401, "UNAUTHENTICATED")
    assert not Campaign.objects.exists()


def brand_client(brand):
    return api_clients.ApiClient.objects.get(brand=brand)


def test_a_missing_scope_is_named(brand, owner, program_of):
    response = program_of(brand, owner, "campaigns:read").post("/campaigns", {"name": "x"})

    assert (response.status_code, response.json()["code"]) == (403, "PERMISSION_DENIED")
    assert "campaigns:write" in response.json()["message"]
    assert not Campaign.objects.exists()


def test_a_session_writes_only_with_its_csrf_token(editor):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(editor)

    read = client.get(f"{V1}/campaigns")
    refused = client.post(f"{V1}/campaigns", {"name": "x"}, content_type=JSON)

    assert read.status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (403, "PERMISSION_DENIED")
    assert not Campaign.objects.exists()


def test_an_internal_error_shows_no_traceback(program, draft, monkeypatch, settings):
    def broken(*args, **kwargs):
        raise RuntimeError("an internal secret")

    monkeypatch.setattr(lifecycle, "submit", broken)
    for settings.DEBUG in (False, True):
        for headers in ({}, {"idempotency-key": "k"}):
            bad = BadRequest(
                "x", 500, "INTERNAL", path=f"/campaigns/{draft.folio}/submit", headers=headers
            )
            response = send(bad, program.token)

            assert response.status_code == 500
            assert response["Content-Type"] == JSON
            assert response["x-correlator"] == CORRELATOR
            assert response.json().keys() == {"status", "code", "message"}
            assert b"secret" not in response.content
            assert b"Traceback" not in response.content
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_correlator_of_another_form_is_replaced(program):
    for odd in ("", "a b", "ñ", "x" * 257):
        response = program.get("/campaigns", x_correlator=odd)

        assert re.fullmatch(r"[0-9a-f-]{36}", response["x-correlator"])


def test_a_question_mark_inside_an_address_is_no_query(client, db):
    """The library that checks tokens would parse what follows, and fail on it."""
    headers = {"authorization": "Bearer nada"}
    for name in ("%3F%C3%B8%24", "%3Fa%25", "%23%3F%5D"):
        assert client.get(f"/api/v1/campaigns/{name}", headers=headers).status_code == 401
