"""The main job with real processes: form, worker, reviewer, worker, sandbox and back."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import lifecycle, readiness
from campaigns.models import AdOrder, Campaign
from inventory.models import Reservation
from portal.local.launcher.data_folder import ThrowawayDataFolder
from portal.local.launcher.readiness import Patience
from portal.local.launcher.valkey import Valkey
from tests.conftest import PASSWORD, TEXT
from tests.processes import Celery, Sandbox, wait_until
from tests.servers import child_environment

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

PATIENCE = 150  # seconds: the pauses between attempts to reach a lost Redis grow


@pytest.fixture
def gateway(tmp_path):
    with Sandbox(tmp_path / "gateway") as sandbox:
        yield sandbox


@pytest.fixture
def celery(gateway):
    """Start workers and beat by name, against this test's database and sandbox."""
    started = []

    def start(program, **environment):
        process = Celery(program, gateway, **environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()


@pytest.fixture
def sign_in(client):
    def sign(user):
        client.logout()
        data = {"login": user.email, "password": PASSWORD}
        response = client.post(reverse("account_login"), data)
        assert response.status_code == 302, response.content.decode()
        return client

    return sign


def write(client, brand):
    """Complete the wizard and submit the campaign; return the last response."""
    first = readiness.first_possible_day()
    days = {
        "starts_on": first.isoformat(),
        "ends_on": (first + timedelta(days=6)).isoformat(),
        "volume": "500,000",
    }
    response = client.post(
        reverse("portal:new_campaign", args=[brand.slug]),
        {"name": "Recarga de diciembre", "use": "broadcast"},
    )
    for fields in (
        {"text": TEXT},
        {"scope": "zones", "ladas": ["33", "55", "81"]},
        days,
        {"action": "submit"},
    ):
        assert response.status_code == 302, response.content.decode()
        revision = client.get(response["Location"]).context["form"]["revision"].value()
        response = client.post(response["Location"], fields | {"revision": revision})
    return response


def status():
    return Campaign.objects.get().status


def decide(client, campaign, decision):
    """Decide as the admin's form does, with the version of its page."""
    url = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    page = client.get(url)
    assert page.status_code == 200
    return client.post(
        url, {"version": campaign.version_number, "decision": decision, "comment": ""}
    )


def test_from_the_form_to_the_sandbox_and_back(
    on_sale, brand, editor, reviewer, sign_in, celery, gateway
):
    celery("worker")
    celery("beat")

    response = write(sign_in(editor), brand)
    assert response.status_code == 302, response.content.decode()
    wait_until(lambda: status() == "in_review", timeout=PATIENCE)
    campaign = Campaign.objects.get()
    assert campaign.reservation.quantity == 500_000

    decide(sign_in(reviewer), campaign, "aprobar")
    wait_until(lambda: status() == "scheduled", timeout=PATIENCE)

    order = AdOrder.objects.get()
    with gateway.client() as gateway_client:
        held = gateway_client.get_ad_order(str(order.pk))
    assert held.document.ad_text == TEXT
    assert held.document.target.ladas == {"33", "55", "81"}
    assert held.document.goal.total == 500_000
    assert len(gateway.ledger(str(order.pk))) == 1
    campaign.reservation.refresh_from_db()
    assert campaign.reservation.status == Reservation.Status.BOOKED
    page = sign_in(editor).get(reverse("portal:campaign", args=[campaign.folio]))
    assert "Programada" in page.content.decode()
    page = sign_in(reviewer).get(reverse("admin:campaigns_campaign_change", args=[campaign.pk]))
    assert "Programada" in page.content.decode()


def test_a_worker_killed_between_claim_and_response_leaves_exactly_one_order(
    approved, celery, gateway
):
    """The sandbox responds slowly; the worker is killed before the response arrives."""
    gateway.inject_fault("latency", milliseconds=1_500, times=1, operation="putAdOrder")
    short = {"GATEWAY_TIMEOUT": "2", "GATEWAY_LEASE": "8"}
    doomed = celery("worker", **short)
    celery("beat", **short)
    order = AdOrder.objects.get()
    wait_until(lambda: not gateway.control_request("GET", "/faults"), timeout=PATIENCE)

    doomed.kill()

    order.refresh_from_db()
    assert (order.acknowledged_generation, order.attempts) == (0, 1)
    celery("worker", **short)
    wait_until(lambda: status() == "scheduled", timeout=PATIENCE)
    order.refresh_from_db()
    assert order.attempts == 2
    assert order.confirmed
    assert [entry["generation"] for entry in gateway.ledger()] == [1]


def test_a_campaign_submitted_while_redis_is_unreachable_is_delayed_and_not_lost(
    draft, editor, celery
):
    """The web process has no broker; the row is committed, and beat's next sweep finds it."""
    script = (
        "import django; django.setup()\n"
        "from campaigns import lifecycle\n"
        "from portal.accounts.models import User\n"
        f"lifecycle.submit({draft.pk}, by=User.objects.get(pk={editor.pk}))\n"
    )
    web = subprocess.run(
        [sys.executable, "-c", script],
        env=child_environment()
        | {"REDIS_URL": "redis://127.0.0.1:1/0", "DJANGO_SETTINGS_MODULE": "portal.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert web.returncode == 0, web.stderr
    assert "wake_skipped" in web.stderr
    assert status() == "reserving"

    celery("worker")
    celery("beat")

    wait_until(lambda: status() == "in_review", timeout=PATIENCE)


def test_redis_stopped_and_started_under_a_running_worker_loses_nothing(draft, editor, celery):
    """Worker and beat run; Redis is stopped, a campaign is submitted, Redis starts again, empty."""
    data_folder = ThrowawayDataFolder()
    redis = Valkey(data_folder, patience=Patience(60, str))
    redis.start()
    try:
        worker = celery("worker", REDIS_URL=redis.url)
        beat = celery("beat", REDIS_URL=redis.url)
        wait_until(lambda: "beat: Starting" in beat.output, timeout=PATIENCE)
        wait_until(lambda: " ready." in worker.output, timeout=PATIENCE)
        redis.stop()

        lifecycle.submit(draft.pk, by=editor)
        assert status() == "reserving"
        redis.restart()

        wait_until(lambda: status() == "in_review", timeout=PATIENCE)
    finally:
        redis.stop()
        data_folder.remove()


def test_a_campaign_goes_live_and_finishes_by_its_dates(approved, celery, gateway):
    celery("worker")
    celery("beat")
    wait_until(lambda: status() == "scheduled", timeout=PATIENCE)
    today = timezone.localdate()

    Campaign.objects.update(starts_on=today)
    wait_until(lambda: status() == "live", timeout=PATIENCE)
    Campaign.objects.update(starts_on=today - timedelta(days=2), ends_on=today - timedelta(days=1))
    wait_until(lambda: status() == "finished", timeout=PATIENCE)
