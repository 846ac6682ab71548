"""The sink: what it refuses, and that it refuses nothing else."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from django.test import Client

from campaigns.gateway.events import EVENTS_PATH, MAX_EVENT_BYTES, MEDIA_TYPE
from campaigns.models import InboxEvent
from campaigns.reports import inbox, outcomes, signature
from campaigns.webhooks import signing
from tests.campaigns.reports.events import event, hourly, post, receive, row, signed

pytestmark = pytest.mark.django_db
OTHER = signing.new_secret()
BODY = hourly([row("una-orden")])


def padded(size):
    """Return an event that is as long as is asked."""
    return BODY[:-1] + b" " * (size - len(BODY)) + b"}"


def after(**of_time):
    return datetime.now(UTC) + timedelta(**of_time)


def counted(outcome, before):
    return outcomes.totals()[outcome] - before[outcome]


REFUSED = {
    "too large": (413, "too_large", lambda: post(padded(MAX_EVENT_BYTES + 1), {})),
    "no JSON type": (415, "wrong_type", lambda: post(BODY, media_type="application/json")),
    "a form": (415, "wrong_type", lambda: post(BODY, media_type="text/plain")),
    "unsigned": (401, "unsigned", lambda: post(BODY, {})),
    "no time": (401, "unsigned", lambda: post(BODY, signed(BODY) | {"webhook-timestamp": ""})),
    "another secret": (401, "bad_signature", lambda: post(BODY, signed(BODY, secret=OTHER))),
    "another id": (401, "bad_signature", lambda: post(BODY, signed(BODY) | {"webhook-id": "x"})),
    "changed": (401, "bad_signature", lambda: post(BODY + b" ", signed(BODY))),
    "truncated": (401, "bad_signature", lambda: post(BODY[:-9], signed(BODY))),
    "no text": (401, "bad_signature", lambda: post(b"\xff\xfe", signed(BODY))),
    "no base64": (
        401,
        "bad_signature",
        lambda: post(BODY, signed(BODY) | {"webhook-signature": "v1,ñ v1 ,,"}),
    ),
    "stale": (401, "stale", lambda: post(BODY, signed(BODY, at=after(seconds=-310)))),
    "too early": (401, "stale", lambda: post(BODY, signed(BODY, at=after(seconds=310)))),
    "no number": (
        401,
        "bad_signature",
        lambda: post(BODY, signed(BODY) | {"webhook-timestamp": "ayer"}),
    ),
    "no JSON": (400, "not_an_envelope", lambda: post(b"hola")),
    "a list": (400, "not_an_envelope", lambda: post(b"[]")),
    "no source": (400, "not_an_envelope", lambda: post(event(None, {}, source=""))),
    "a long id": (400, "not_an_envelope", lambda: post(event(None, {}, id="x" * 65))),
    "sequence 0": (400, "not_an_envelope", lambda: post(hourly([], sequence=0))),
    "a large sequence": (400, "not_an_envelope", lambda: post(hourly([], sequence=2**31))),
    "CloudEvents 0.3": (400, "not_an_envelope", lambda: post(event(None, {}, specversion="0.3"))),
    "a NUL": (400, "not_an_envelope", lambda: post(event(None, {}, source="a\0b"))),
    "half a character": (400, "not_an_envelope", lambda: post(event(None, {}, source="\ud800"))),
    "another id is signed": (
        400,
        "not_an_envelope",
        lambda: post(
            BODY,
            signing.headers("x", after(), BODY.decode(), [signing_key()]),
        ),
    ),
}


def signing_key():
    from django.conf import settings

    return settings.GATEWAY_EVENT_SECRETS[0]


def test_what_is_refused_leaves_nothing_and_is_counted(trial):
    for name, (status, outcome, send) in REFUSED.items():
        with trial(name):
            before = outcomes.totals()

            response = send()

            assert response.status_code == status, response.content
            error = response.json()
            assert error.keys() == {"status", "code", "message"}
            assert error["status"] == status
            assert not InboxEvent.objects.exists()
            assert counted(outcome, before) == 1


def test_the_largest_event_and_the_limits_of_the_time_are_accepted():
    headers = signed(BODY, at=after(seconds=-290))
    assert post(padded(MAX_EVENT_BYTES)).status_code == 204
    assert post(hourly([], 2), signed(hourly([], 2), at=after(seconds=290))).status_code == 204
    assert post(BODY, headers, f"{MEDIA_TYPE}; charset=utf-8").status_code == 204
    assert InboxEvent.objects.count() == 2  # the first and the third have one id


def test_both_secrets_are_accepted_while_the_gateway_changes_over(settings):
    settings.GATEWAY_EVENT_SECRETS = [*settings.GATEWAY_EVENT_SECRETS, OTHER]

    assert post(BODY, signed(BODY, secret=OTHER)).status_code == 204
    assert post(hourly([], 2)).status_code == 204


def test_a_repeat_is_answered_alike_and_stored_once():
    before = outcomes.totals()
    statuses = [post(BODY).status_code for _ in range(3)]

    assert statuses == [204] * 3
    assert bytes(InboxEvent.objects.get().body) == BODY
    assert counted("accepted", before) == 1
    assert counted("duplicate", before) == 2


def test_another_body_under_a_known_id_replaces_nothing():
    receive(BODY)

    assert post(hourly([row("otra-orden")])).status_code == 204
    assert bytes(InboxEvent.objects.get().body) == BODY


def test_another_source_may_use_the_same_ids():
    receive(BODY)

    assert post(hourly([], source="urn:otra")).status_code == 204
    assert InboxEvent.objects.count() == 2


def test_what_the_contract_does_not_know_is_accepted():
    """A newer gateway may send more. What may not be applied is set aside later, by its reason."""
    assert post(event(None, {}, type="mx.movistar.missed-call-ads.v1.raro")).status_code == 204
    assert post(event(None, {"a": 1}, extra={"b": [2]}, id="dos")).status_code == 204


def test_only_posts_are_taken_and_no_cookie_or_csrf_token_is_needed():
    client = Client(enforce_csrf_checks=True)
    sent = client.post(EVENTS_PATH, BODY, content_type=MEDIA_TYPE, headers=signed(BODY))

    assert sent.status_code == 204
    assert not sent.cookies
    assert client.get(EVENTS_PATH).status_code == 405


def test_while_the_database_is_away_the_gateway_is_asked_to_try_later(monkeypatch):
    def away(*_args):
        raise OperationalError

    monkeypatch.setattr(inbox, "store", away)
    response = post(BODY)

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert json.loads(response.content)["code"] == "UNAVAILABLE"
    assert not InboxEvent.objects.exists()


def test_without_the_check_of_signatures_an_unsigned_event_would_be_stored(monkeypatch):
    monkeypatch.setattr(signature, "check", lambda *_: None)

    assert post(BODY, {"webhook-id": "hourly-counts-1"}).status_code == 204
    assert InboxEvent.objects.exists()


@pytest.mark.parametrize(
    "secrets",
    [[], ["whsec_"], ["whsec_AAAA"], ["x" * 50], ["whsec_" + "A" * 44], [OTHER, OTHER, OTHER]],
)
def test_weak_secrets_do_not_pass_the_check(secrets):
    assert not signature.are_strong(secrets)
    assert signature.are_strong([OTHER])
