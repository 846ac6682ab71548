"""A test of your program: the programs of a sandbox brand sell nothing and wait for nobody."""

import os
from datetime import datetime, timedelta

from llamada_perdida import Client


def test_a_campaign_from_draft_to_report():
    with Client(os.environ["LP_URL"], os.environ["LP_ID"], os.environ["LP_SECRET"]) as lp:
        brand = lp.reset_sandbox({})
        today = datetime.fromisoformat(brand["sandboxClock"]).date()
        terms = {
            "name": "Café de diciembre",
            "adText": "Hoy 2 por 1 en cafe de grano, hasta las 8 pm",
            "area": {"ladas": ["33", "55"]},
            "startsOn": (today + timedelta(days=5)).isoformat(),
            "endsOn": (today + timedelta(days=7)).isoformat(),
            "volume": 60_000,
        }
        folio = lp.create_campaign(terms)["id"]
        lp.submit_campaign(folio)

        approved = lp.decide_in_sandbox({"campaign": folio, "decision": "approve"})
        assert approved["status"] == "scheduled"

        lp.move_sandbox_clock({"advanceHours": 6 * 24})
        campaign = lp.get_campaign(folio)
        assert campaign["status"] == "live"
        assert 0 < campaign["delivery"]["inserted"] < 60_000

        lp.move_sandbox_clock({"advanceHours": 6 * 24})  # the last counts are final after 72 hours
        campaign = lp.get_campaign(folio)
        assert campaign["status"] == "finished"
        assert campaign["delivery"]["inserted"] == 60_000
        assert campaign["delivery"]["isFinal"]
