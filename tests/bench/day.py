"""Bench of a whole day of the channel, as `make rehearse` plays it, and of pushing its orders."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from time import perf_counter

import numpy as np
from django.conf import settings
from django.utils import timezone

from campaigns import outbox
from campaigns.gateway.contract import BASE_PATH, TOKEN_PATH, Scope
from campaigns.models import AdOrder
from portal.local import rehearsal
from portal.local.launcher import ports, programs
from portal.local.launcher.data_folder import ThrowawayDataFolder
from portal.local.sandbox_control import SandboxControl
from tests.bench.environment import BenchEnvironment
from tests.bench.rows import Row

ORDERS = 200
PER_DAY = 10_000_000
DAYS_AGO = 5  # whose receipts are final
DRAWS = 1_000_000  # at a time, in the reference of decisions
UNLIMITED = ("--requests-per-second", "100000", "--burst", "100000")


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    environment.reset()
    day = timezone.localdate() - timedelta(days=DAYS_AGO)
    with ExitStack() as stack:
        gateway = _portal(stack)
        result = rehearsal.play(
            day, orders=ORDERS, per_day=PER_DAY, seed=1, gateway=gateway, report=lambda line: None
        )
        assert not result.differences, result.differences[0]
        pushed, plain = _orders_pushed()
    decisions = result.notifications / result.simulating
    draws = _draws()
    yield Row("orders pushed", pushed, "/s", "PUT of the documents", plain, 1)
    yield Row("decisions of the sandbox", decisions, "/s", "draws and searches", draws, 1)
    seconds = result.notifications / draws
    name = f"day of {result.notifications / 1e6:.1f} million, applied"
    yield Row(name, result.playing, "s", "the draws alone", seconds, 1)
    share = 100 * result.reached / result.orders
    yield Row("orders at 99 % of their goal", share, "%", "all", 100.0, 1)
    inserted = 100 * result.inserted / result.booked
    yield Row("inserted of booked", inserted, "%", "all", 100.0, 1)


def _portal(stack: ExitStack) -> SandboxControl:
    """Run sandbox, web and worker as the product does; return the control of the sandbox."""
    data_folder = ThrowawayDataFolder()
    stack.callback(data_folder.remove)
    port, control, web_port = (ports.find_free() for _ in range(3))
    settings.GATEWAY_URL = f"http://127.0.0.1:{port}{BASE_PATH}"
    settings.GATEWAY_TOKEN_URL = f"http://127.0.0.1:{port}{TOKEN_PATH}"
    env = os.environ | {
        "GATEWAY_URL": settings.GATEWAY_URL,
        "GATEWAY_TOKEN_URL": settings.GATEWAY_TOKEN_URL,
        "SANDBOX_CONTROL_URL": f"http://127.0.0.1:{control}",
    }
    running = [
        programs.sandbox(data_folder, env, port, portal_port=web_port, options=UNLIMITED),
        programs.web(data_folder, env, web_port),
        programs.worker(data_folder, env),
    ]
    for program in running:
        stack.callback(program.stop)
        program.start()
    for program in running:
        program.wait_until_ready()
    outbox.gateway_client.cache_clear()
    stack.callback(outbox.gateway_client.cache_clear)
    return stack.enter_context(SandboxControl(env["SANDBOX_CONTROL_URL"]))


def _orders_pushed() -> tuple[float, float]:
    """Return orders a second that one sender pushes, and PUTs a second of the same documents."""
    AdOrder.objects.update(acknowledged_generation=0, next_attempt_at=timezone.now())
    orders = list(AdOrder.objects.all())
    began = perf_counter()
    while claimed := outbox.claim():
        outbox.send(claimed)
    own = len(orders) / (perf_counter() - began)
    assert not AdOrder.objects.pending().exists()
    client = outbox.gateway_client(Scope.WRITE_ORDERS)
    began = perf_counter()
    for order in orders:
        client.put_ad_order(str(order.pk), order.document)
    return own, len(orders) / (perf_counter() - began)


def _draws() -> float:
    """Return how often a second numpy draws a number and searches it among 200."""
    rng, rates = np.random.default_rng(1), np.linspace(0, 1, ORDERS)
    began = perf_counter()
    for _ in range(10):
        np.searchsorted(rates, rng.random(DRAWS))
    return 10 * DRAWS / (perf_counter() - began)
