"""Verification of webhooks; the events are signed by the library of Standard Webhooks."""

import json
import runpy
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from llamada_perdida import BadSignature, verify_webhook
from tests.processes import ROOT

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = json.dumps({"type": "x.campaign-approved", "subject": "LP-2B3C4D", "ñ": "é"})


def signed(body=BODY, *, secret=SECRET, at=None):
    at = at or datetime.now(UTC)
    return {
        "Webhook-Id": "evt-1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("evt-1", at, body),
    }


def test_an_event_with_a_valid_signature_is_returned():
    assert verify_webhook(BODY, signed(), SECRET)["subject"] == "LP-2B3C4D"
    assert verify_webhook(BODY.encode(), signed(), SECRET)["ñ"] == "é"


def test_one_of_several_signatures_is_enough():
    """Two keys work for a while after a rotation."""
    headers = signed()
    headers["Webhook-Signature"] = f"v1,AAAA v1a,zzz {headers['Webhook-Signature']}"

    assert verify_webhook(BODY, headers, SECRET)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY + " ", signed()),
        (BODY, signed(secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAA")),
        (BODY, signed(at=datetime.now(UTC) - timedelta(hours=6))),
        (BODY, signed(at=datetime.now(UTC) + timedelta(hours=6))),
        (BODY, signed() | {"Webhook-Id": "evt-2"}),
        (BODY, signed() | {"Webhook-Timestamp": "x"}),
        (BODY, signed() | {"Webhook-Signature": ""}),
        (BODY, {}),
    ],
)
def test_a_forged_altered_or_old_event_is_refused(body, headers):
    with pytest.raises(BadSignature):
        verify_webhook(body, headers, SECRET)


def test_the_example_of_the_documentation_works(capsys):
    receive = runpy.run_path(str(ROOT / "docs" / "api" / "webhook.py"))["receive"]
    headers = {name.lower(): value for name, value in signed().items()}

    assert receive(BODY.encode(), headers, SECRET) == 204
    assert capsys.readouterr().out == "x.campaign-approved LP-2B3C4D\n"
    assert receive(BODY.encode() + b" ", headers, SECRET) == 400
