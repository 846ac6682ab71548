"""Operations are methods of the client, with correct types, against the real portal."""

import runpy
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

import llamada_perdida
from campaigns import lifecycle
from campaigns.models import Campaign
from campaigns.results.counts import Counts
from llamada_perdida import Client, Stale, Unprocessable, etag_of
from portal.api_docs.description import document
from portal.local.client import generator, wheel
from tests.built_client import site_packages
from tests.counts import at
from tests.processes import ROOT
from tests.results import put_counts

pytestmark = pytest.mark.django_db


def test_every_operation_that_the_portal_describes_is_a_method():
    names = generator.method_names(document())

    assert len(names) > 40
    assert {name for name in names if not callable(getattr(Client, name, None))} == set()


def test_the_client_under_test_is_the_installed_one():
    assert Path(llamada_perdida.__file__).is_relative_to(site_packages())
    assert not (ROOT / "client" / "llamada_perdida" / "operations.py").exists()


@pytest.mark.flow
def test_the_same_sources_make_the_same_wheel_and_an_older_one_is_removed(tmp_path):
    older = tmp_path / "llamada_perdida-0.9.0-py3-none-any.whl"
    older.touch()

    first = wheel.build(tmp_path).read_bytes()
    second = wheel.build(tmp_path)

    assert second.read_bytes() == first
    assert list(tmp_path.iterdir()) == [second]


USE = """
from llamada_perdida import Client

lp = Client("", "", "")
made = lp.create_campaign({"name": "a", "area": {"ladas": ["33"]}})
name: str = made["name"]
for row in lp.iter_campaigns(status="live"):
    free: int | None = row["volume"]
"""
WRONG = """
lp.create_campaign({"nombre": "a"})
made["nothing"]
lp.iter_campaigns(status="alive")
"""


def test_the_client_is_typed_strictly_and_finds_what_is_wrong(tmp_path):
    script = tmp_path / "use.py"
    script.write_text(USE)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", ""]
    command += ["--cache-dir", str(tmp_path / "cache"), "--python-version", "3.10"]

    right = subprocess.run(
        [*command, str(site_packages() / "llamada_perdida"), str(script)],
        cwd=site_packages(),
        capture_output=True,
        text=True,
        check=False,
    )
    script.write_text(USE + WRONG)
    wrong = subprocess.run(
        [*command, str(script)], cwd=site_packages(), capture_output=True, text=True, check=False
    )

    assert right.returncode == 0, right.stdout
    assert wrong.stdout.count("error:") >= 3, wrong.stdout


def test_the_version_is_that_of_the_package_and_of_the_user_agent(lp):
    text = (ROOT / "client" / "pyproject.toml").read_text()

    assert f'version = "{llamada_perdida.__version__}"' in text
    assert lp._http.headers["User-Agent"].endswith(f"/{llamada_perdida.__version__}")


def test_a_campaign_from_idea_to_review(lp, terms):
    text = "Hoy 2 por 1 en cafe de grano"
    assert lp.check_ad_text({"adText": text})["valid"]
    campaign = lp.create_campaign({"name": "Idea"})
    read = lp.get_campaign(campaign["id"])
    changed = lp.update_campaign(
        campaign["id"],
        {
            "adText": text,
            "area": {"ladas": ["33"]},
            "startsOn": terms["starts_on"].isoformat(),
            "endsOn": terms["ends_on"].isoformat(),
            "volume": 9_000,
        },
        if_match=etag_of(read),
    )
    with pytest.raises(Stale):
        lp.update_campaign(campaign["id"], {"volume": 1}, if_match=etag_of(read))

    rehearsed = lp.submit_campaign(campaign["id"], dry_run=True)
    assert rehearsed["dryRun"] is True
    lp.submit_campaign(campaign["id"], if_match=etag_of(changed))
    lifecycle.hold_submitted()

    assert lp.get_campaign(campaign["id"])["status"] == "in_review"
    assert [line["action"] for line in lp.iter_campaign_history(campaign["id"], per_page=1)] == [
        "hold",
        "submit",
        "draft",
    ]


def test_lists_end_and_a_refusal_has_its_reason(lp):
    made = lp.create_campaigns({"campaigns": [{"name": f"C{n}"} for n in range(5)]})
    assert made["created"] == 5
    assert [row["name"] for row in lp.iter_campaigns(order="name", per_page=2)] == [
        f"C{n}" for n in range(5)
    ]

    with pytest.raises(Unprocessable) as caught:
        lp.submit_campaign(Campaign.objects.earliest("id").folio)

    assert caught.value.code == "NOT_READY"
    assert {"adText", "area"} <= {detail["field"] for detail in caught.value.details}


def test_a_zone_is_kept_renamed_and_deleted(lp):
    zone = lp.create_saved_zone({"name": "Norte", "area": {"ladas": ["33"]}})
    assert lp.update_saved_zone(zone["id"], {"name": "Sur"})["name"] == "Sur"
    assert lp.delete_saved_zone(zone["id"]) is None
    assert list(lp.iter_saved_zones()) == []


def test_availability_is_returned(lp, on_sale):
    day = timezone.localdate() + timedelta(days=4)

    found = lp.check_availability(
        {"area": {"nationwide": True}, "startsOn": day.isoformat(), "endsOn": day.isoformat()}
    )

    assert found["free"] > 0


def test_lists_and_dictionaries_are_sent_as_the_api_reads_them(lp, terms):
    noted = {"externalReference": "OS 2231", "metadata": {"cliente": "0419"}}
    made = [lp.create_campaign({"name": f"C{number}", **noted}) for number in range(2)]
    lp.update_campaign(made[1]["id"], {"metadata": {"cliente": "0420"}})

    found = list(lp.iter_campaigns(external_reference="OS 2231", metadata={"cliente": "0419"}))

    assert [campaign["id"] for campaign in found] == [made[0]["id"]]
    both = [campaign["id"] for campaign in made]
    assert lp.list_results(campaign=both, metadata={"cliente": "0419"})["items"] == []
    assert lp.submit_campaigns({"campaigns": both})["submitted"] == 0


def test_the_example_of_results_follows_what_changes(lp, approved):
    follow = runpy.run_path(str(ROOT / "docs" / "api" / "results.py"))["follow"]
    hour = at(approved.starts_on, 10)
    put_counts(approved, {(hour, lada): Counts(40, 30, 5, 1) for lada in ("55", "33")})
    put_counts(approved, {(hour + timedelta(1), "55"): Counts(20, 15, 0, 0)})
    kept: dict = {}

    moment = follow(lp, kept)
    put_counts(approved, {(hour, "55"): Counts(50, 40, 5, 1)}, revision=2)
    newest = follow(lp, kept, moment)

    first, second = (approved.starts_on + timedelta(day) for day in range(2))
    assert {key: [row["inserted"] for row in rows] for key, rows in kept.items()} == {
        (approved.folio, first.isoformat()): [50, 40],
        (approved.folio, second.isoformat()): [20],
    }
    assert newest > moment
    assert follow(lp, {}, newest) == newest
