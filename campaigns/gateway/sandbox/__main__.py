"""Run the sandbox gateway: `python -m campaigns.gateway.sandbox --port 8800 --data var/gateway`."""

import argparse
import errno
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from campaigns.gateway.contract import (
    BASE_PATH,
    MAX_ACTIVE_ORDERS,
    MAX_MAX_AD_SEPTETS,
    MIN_MAX_AD_SEPTETS,
    NOTIFICATION_SEPTETS,
    REQUEST_BURST,
    REQUESTS_PER_SECOND,
    TOKEN_PATH,
)
from campaigns.gateway.events import MAX_COUNT
from campaigns.gateway.sandbox.ad_orders import GatewayCapabilities
from campaigns.gateway.sandbox.clock import MAX_SPEED, Clock, format_instant
from campaigns.gateway.sandbox.control import CONTROL_HOST, ControlApi, control_handler
from campaigns.gateway.sandbox.engine import Engine
from campaigns.gateway.sandbox.event_push import EventPusher
from campaigns.gateway.sandbox.event_queue import EventQueue
from campaigns.gateway.sandbox.faults import FaultInjector
from campaigns.gateway.sandbox.gateway_api import GatewayApi, gateway_handler
from campaigns.gateway.sandbox.http_server import JsonHttpServer, JsonRequestHandler
from campaigns.gateway.sandbox.operations import Operations
from campaigns.gateway.sandbox.rate_limit import TokenBucket
from campaigns.gateway.sandbox.schemas import SchemaValidator
from campaigns.gateway.sandbox.simulation import Simulation
from campaigns.gateway.sandbox.store import GatewayStore
from campaigns.gateway.sandbox.tokens import TokenIssuer
from campaigns.gateway.sandbox.traffic import (
    Catalogue,
    CatalogueError,
    TrafficSettings,
    read_catalogue,
)

EXIT_USAGE = 2
EXIT_PORT_IN_USE = 3
CATALOGUE = Path(__file__).resolve().parents[3] / "segments" / "data" / "lada.csv"
CLIENT_ID_VARIABLE = "GATEWAY_CLIENT_ID"
EVENT_SECRET_VARIABLE = "GATEWAY_EVENT_SECRET"  # noqa: S105  not a secret
CLIENT_SECRET_VARIABLE = "GATEWAY_CLIENT_SECRET"  # noqa: S105  not a secret
FEATURES = ("DAYPARTS", "FREQUENCY_CAP", "PACING_ASAP", "PACING_EVEN")
BASE_TEXT_SEPTETS = NOTIFICATION_SEPTETS - 1 - MAX_MAX_AD_SEPTETS


class CannotStart(Exception):
    """The sandbox cannot start; the message goes to stderr."""

    def __init__(self, message: str, exit_code: int = EXIT_USAGE) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    options = _parser().parse_args(arguments)
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    try:
        _serve(options, stop)
    except CannotStart as error:
        sys.stderr.write(f"gateway sandbox: {error}\n")
        return error.exit_code
    return 0


def _serve(options: argparse.Namespace, stop: threading.Event) -> None:
    client_id, client_secret = _credentials()
    secret = _event_secret(options)
    catalogue = _read_catalogue(options.catalogue)
    capabilities = _capabilities(options, catalogue)
    with ExitStack() as stack:
        store = stack.enter_context(closing(_open_store(options.data, catalogue)))
        clock = Clock.stored(store, speed=options.speed)
        faults = FaultInjector()
        bucket = TokenBucket(options.requests_per_second, options.burst)
        tokens = TokenIssuer(client_id, client_secret, lifetime=options.token_seconds)
        queue = EventQueue(store, clock, faults)
        simulation = Simulation(store, catalogue, capabilities, queue)
        defaults = TrafficSettings(options.traffic, options.seed, on=options.traffic > 0)
        pushes = options.events_url is not None
        engine = Engine(store, clock, simulation, queue, defaults, pushes=pushes)
        pusher = None
        if pushes:
            pusher = EventPusher(
                store,
                queue,
                faults,
                url=options.events_url,
                secret=secret,
                threads=options.event_threads,
            )
            engine.on_events, engine.on_advanced = pusher.wake, pusher.heartbeat
            pusher.start()
            stack.callback(pusher.stop)
        threading.Thread(target=engine.run, daemon=True).start()
        stack.callback(engine.stop)
        operations = Operations(store, clock, capabilities, SchemaValidator(), bucket, queue)
        gateway = GatewayApi(operations, tokens, faults, bucket)
        handler = gateway_handler(gateway, client_timeout=options.client_timeout)
        url = _listen(stack, options.host, options.port, handler)
        addresses = f"url={url}{BASE_PATH} token_url={url}{TOKEN_PATH}"
        if options.control_port is not None:
            control = ControlApi(
                store, clock, faults, tokens, bucket, engine, queue, simulation.ledger, pusher
            )
            handler = control_handler(control)
            control_url = _listen(stack, CONTROL_HOST, options.control_port, handler)
            addresses += f" control={control_url}"
        sys.stdout.write(f"gateway sandbox ready: {addresses}\n")
        sys.stdout.flush()
        stop.wait()


def _listen(stack: ExitStack, host: str, port: int, handler: type[JsonRequestHandler]) -> str:
    """Serve in a thread until the stack unwinds; return the address."""
    try:
        server = JsonHttpServer((host, port), handler)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(f"port {port} of {host} is taken", EXIT_PORT_IN_USE) from error
        raise CannotStart(f"cannot listen on {host}, port {port}: {error.strerror}") from error
    stack.callback(server.server_close)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    stack.callback(server.shutdown)
    return f"http://{host}:{server.server_port}"


def _open_store(folder: Path, catalogue: Catalogue) -> GatewayStore:
    try:
        store = GatewayStore(folder)
    except (OSError, sqlite3.Error) as error:
        raise CannotStart(f"cannot keep state in {folder}: {error}") from error
    if not store.setting("began_at", ""):
        store.write_setting("began_at", format_instant(datetime.now(UTC)))
    ladas = ",".join(catalogue.codes)
    has_counts = store.fetch_all("SELECT 1 FROM traffic_hour LIMIT 1", {})
    if has_counts and store.setting("ladas", ladas) != ladas:
        store.close()
        raise CannotStart(f"the counts in {folder} are of a catalogue with other LADAs")
    store.write_setting("ladas", ladas)
    return store


def _credentials() -> tuple[str, str]:
    values = {
        name: os.environ.get(name, "") for name in (CLIENT_ID_VARIABLE, CLIENT_SECRET_VARIABLE)
    }
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise CannotStart(f"set {' and '.join(missing)} in the environment")
    return values[CLIENT_ID_VARIABLE], values[CLIENT_SECRET_VARIABLE]


def _event_secret(options: argparse.Namespace) -> str:
    secret = os.environ.get(EVENT_SECRET_VARIABLE, "")
    if options.events_url is not None and not secret:
        raise CannotStart(f"set {EVENT_SECRET_VARIABLE} in the environment to push events")
    return secret


def _read_catalogue(path: Path) -> Catalogue:
    try:
        return read_catalogue(path)
    except CatalogueError as error:
        raise CannotStart(str(error)) from error


def _capabilities(options: argparse.Namespace, catalogue: Catalogue) -> GatewayCapabilities:
    return GatewayCapabilities(
        ladas=frozenset(catalogue.codes),
        max_ad_septets=options.max_ad_septets,
        base_text_septets=BASE_TEXT_SEPTETS,
        max_active_orders=options.max_active_orders,
        features=frozenset(FEATURES) - frozenset(options.without),
        audience_restrictions=frozenset({"ADULTS_ONLY"}),
        blocked_categories=frozenset(options.block_category),
        test_handsets=("equipo-1", "equipo-2"),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m campaigns.gateway.sandbox",
        description="A delivery gateway that implements the whole contract and keeps its state.",
        epilog="GATEWAY_CLIENT_ID, GATEWAY_CLIENT_SECRET and GATEWAY_EVENT_SECRET come from the"
        " environment.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, required=True, help="0 for any free port")
    parser.add_argument("--control-port", type=_port, help="for tests; none by default")
    parser.add_argument("--data", type=Path, required=True, help="folder of the state")
    parser.add_argument(
        "--catalogue", type=Path, default=CATALOGUE, help="CSV with lada and peso_ppm"
    )
    parser.add_argument("--events-url", help="where events are pushed; nowhere by default")
    parser.add_argument("--event-threads", type=_positive, default=4, help="pushes at a time")
    parser.add_argument(
        "--traffic", type=_count, default=0, metavar="PER_DAY", help="notifications; 0 is none"
    )
    parser.add_argument("--seed", type=_count, default=1, help="of all that is drawn")
    parser.add_argument("--speed", type=_speed, default=1.0, help="of the clock")
    parser.add_argument("--requests-per-second", type=_positive, default=REQUESTS_PER_SECOND)
    parser.add_argument("--burst", type=_positive, default=REQUEST_BURST)
    parser.add_argument("--max-active-orders", type=_positive, default=MAX_ACTIVE_ORDERS)
    parser.add_argument(
        "--max-ad-septets",
        type=int,
        choices=range(MIN_MAX_AD_SEPTETS, MAX_MAX_AD_SEPTETS + 1),
        metavar=f"{MIN_MAX_AD_SEPTETS}..{MAX_MAX_AD_SEPTETS}",
        default=MAX_MAX_AD_SEPTETS,
    )
    parser.add_argument("--without", action="append", choices=FEATURES, default=[])
    parser.add_argument("--block-category", action="append", default=["TOBACCO", "WEAPONS"])
    parser.add_argument("--token-seconds", type=_positive, default=900)
    parser.add_argument(
        "--client-timeout", type=float, default=10.0, help="seconds for a slow client"
    )
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise ValueError
    return port


def _count(text: str) -> int:
    number = int(text)
    if not 0 <= number <= MAX_COUNT:
        raise ValueError
    return number


def _speed(text: str) -> float:
    number = float(text)
    if not 0 <= number <= MAX_SPEED:
        raise ValueError
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
