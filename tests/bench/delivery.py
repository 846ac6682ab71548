"""Bench of delivery: from an approval to the gateway's acceptance, with real processes."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import perf_counter
from typing import NamedTuple
from uuid import uuid4

import httpx
from django.db import connection

from campaigns import lifecycle
from campaigns.gateway.contract import BASE_PATH, TOKEN_PATH, canonical_json
from campaigns.models import AdOrder, Campaign
from portal.accounts.models import User
from portal.celery import app
from portal.local.launcher import ports, programs
from portal.local.launcher.data_folder import DataFolder, ThrowawayDataFolder
from tests.bench.brands import in_review, reviewer, teams
from tests.bench.environment import BenchEnvironment
from tests.bench.rounds import percentile
from tests.bench.rows import Row
from tests.processes import wait_until

CAMPAIGNS = 30
WARM_UP = 3  # campaigns more, not counted: the worker fetches its token and meets its code
BRANDS = 3
PATIENCE = 30  # seconds for one order
PAUSE = 0.002  # seconds between two looks at the order


class Gateway(NamedTuple):
    """A running sandbox: the environment of the portal's processes, and a client with a token."""

    env: dict[str, str]
    http: httpx.Client


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    """Approve campaigns one by one; after each, PUT its document to the sandbox directly."""
    environment.reset()
    waiting = in_review(teams(BRANDS), WARM_UP + CAMPAIGNS)
    by = reviewer()
    app.control.purge()  # the nudges of what is already done
    with _running_processes() as gateway:
        times = [
            (_ms_to_acknowledged(campaign, by), _ms_of_put(gateway, campaign))
            for campaign in waiting
        ]
    for percent in (50, 95):
        own, floor = (
            percentile([pair[side] for pair in times[WARM_UP:]], percent) for side in (0, 1)
        )
        name, reference = "approval to accepted", "bare PUT of the document"
        yield Row(f"{name}, p{percent}", own, "ms", f"{reference}, p{percent}", floor, CAMPAIGNS)


@contextmanager
def _running_processes() -> Iterator[Gateway]:
    """Run sandbox, worker and beat as the product does, but without the sandbox's rate limit."""
    with ExitStack() as stack:
        data_folder = ThrowawayDataFolder()
        stack.callback(data_folder.remove)
        gateway = stack.enter_context(_sandbox(data_folder))
        celery = [
            programs.worker(data_folder, gateway.env),
            programs.beat(data_folder, gateway.env),
        ]
        for program in celery:
            stack.callback(program.stop)
            program.start()
        for program in celery:
            program.wait_until_ready()
        yield gateway


@contextmanager
def _sandbox(data_folder: DataFolder) -> Iterator[Gateway]:
    url = f"http://127.0.0.1:{ports.find_free()}"
    env = os.environ | {"GATEWAY_URL": url + BASE_PATH, "GATEWAY_TOKEN_URL": url + TOKEN_PATH}
    command = ["-m", "campaigns.gateway.sandbox", "--port", url.rpartition(":")[2]]
    command += ["--data", str(data_folder.path / "sandbox")]
    command += ["--requests-per-second", "100000", "--burst", "100000"]
    program = programs.Program("sandbox", command, data_folder, env, ready_url=f"{url}/healthz")
    with ExitStack() as stack:
        stack.callback(program.stop)
        program.start()
        program.wait_until_ready()
        http = stack.enter_context(
            httpx.Client(base_url=env["GATEWAY_URL"], trust_env=False, timeout=10)
        )
        response = http.post(
            env["GATEWAY_TOKEN_URL"],
            data={"grant_type": "client_credentials"},
            auth=httpx.BasicAuth(env["GATEWAY_CLIENT_ID"], env["GATEWAY_CLIENT_SECRET"]),
        )
        http.headers["authorization"] = (
            f"Bearer {response.raise_for_status().json()['access_token']}"
        )
        http.headers["content-type"] = "application/json"
        yield Gateway(env, http)


def _ms_to_acknowledged(campaign: Campaign, by: User) -> float:
    """Return the milliseconds from `approve` returning to its order being acknowledged."""
    lifecycle.approve(campaign.pk, version=campaign.version_number, by=by)
    began = perf_counter()
    wait_until(lambda: _acknowledged(campaign), timeout=PATIENCE, interval=PAUSE)
    return (perf_counter() - began) * 1_000


def _acknowledged(campaign: Campaign) -> bool:
    with connection.cursor() as cursor:  # as light as it can be: the worker has work to do
        cursor.execute(
            "SELECT acknowledged_generation = generation FROM campaigns_adorder "
            "WHERE campaign_id = %s",
            [campaign.pk],
        )
        row = cursor.fetchone()
    return row is not None and bool(row[0])


def _ms_of_put(gateway: Gateway, campaign: Campaign) -> float:
    """Return the milliseconds of a PUT of a campaign's document as another, new order."""
    content = canonical_json(AdOrder.objects.get(campaign=campaign).document)
    began = perf_counter()
    response = gateway.http.put(f"/ad-orders/{uuid4()}", content=content)
    passed = (perf_counter() - began) * 1_000
    response.raise_for_status()
    return passed
