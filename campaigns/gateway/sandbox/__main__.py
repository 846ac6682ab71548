"""Run the sandbox gateway: `python -m campaigns.gateway.sandbox --port 8800 --data var/gateway`."""

import argparse
import csv
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
    LEAST_MAX_AD_SEPTETS,
    MAX_ACTIVE_ORDERS,
    MOST_MAX_AD_SEPTETS,
    NOTIFICATION_SEPTETS,
    REQUEST_BURST,
    REQUESTS_PER_SECOND,
    TOKEN_PATH,
)
from campaigns.gateway.sandbox import control as control_port
from campaigns.gateway.sandbox import server as gateway_port
from campaigns.gateway.sandbox.clock import Clock, instant
from campaigns.gateway.sandbox.faults import Faults
from campaigns.gateway.sandbox.limits import TokenBucket
from campaigns.gateway.sandbox.operations import Operations
from campaigns.gateway.sandbox.orders import Offer
from campaigns.gateway.sandbox.schemas import Schemas
from campaigns.gateway.sandbox.store import Store
from campaigns.gateway.sandbox.tokens import Tokens
from campaigns.gateway.sandbox.wire import Handler, Server

EXIT_USAGE = 2
EXIT_PORT_TAKEN = 3
CATALOGUE = Path(__file__).resolve().parents[3] / "segments" / "data" / "lada.csv"
CLIENT_ID = "GATEWAY_CLIENT_ID"
CLIENT_SECRET = "GATEWAY_CLIENT_SECRET"  # noqa: S105  the name of a variable
FEATURES = ("DAYPARTS", "FREQUENCY_CAP", "PACING_ASAP", "PACING_EVEN")
BASE_TEXT_SEPTETS = NOTIFICATION_SEPTETS - 1 - MOST_MAX_AD_SEPTETS


class CannotStart(Exception):
    """Why the sandbox does not start, for whoever started it."""

    def __init__(self, message: str, exit_code: int = EXIT_USAGE) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Give the exit code."""
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
    offer = _offer(options)
    with ExitStack() as stack:
        store = stack.enter_context(closing(_open_store(options.data)))
        clock = Clock(float(store.setting("clock_offset", "0")))
        faults = Faults()
        bucket = TokenBucket(options.requests_per_second, options.burst)
        tokens = Tokens(client_id, client_secret, seconds=options.token_seconds)
        operations = Operations(store, clock, offer, Schemas(), bucket)
        gateway = gateway_port.Gateway(operations, tokens, faults, bucket)
        handler = gateway_port.handler_for(gateway, patience=options.patience)
        url = _listen(stack, options.host, options.port, handler)
        said = f"url={url}{BASE_PATH} token_url={url}{TOKEN_PATH}"
        if options.control_port is not None:
            control = control_port.Control(store, clock, faults, tokens, bucket)
            control_url = _listen(
                stack,
                control_port.CONTROL_HOST,
                options.control_port,
                control_port.handler_for(control),
            )
            said += f" control={control_url}"
        sys.stdout.write(f"gateway sandbox ready: {said}\n")
        sys.stdout.flush()
        stop.wait()


def _listen(stack: ExitStack, host: str, port: int, handler: type[Handler]) -> str:
    """Serve in a thread until the stack unwinds. Give the address."""
    try:
        server = Server((host, port), handler)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(f"port {port} of {host} is taken", EXIT_PORT_TAKEN) from error
        raise CannotStart(f"cannot listen on {host}, port {port}: {error.strerror}") from error
    stack.callback(server.server_close)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    stack.callback(server.shutdown)
    return f"http://{host}:{server.server_port}"


def _open_store(folder: Path) -> Store:
    try:
        store = Store(folder)
    except (OSError, sqlite3.Error) as error:
        raise CannotStart(f"cannot keep state in {folder}: {error}") from error
    if not store.setting("began_at", ""):
        store.write_setting("began_at", instant(datetime.now(UTC)))
    return store


def _credentials() -> tuple[str, str]:
    values = {name: os.environ.get(name, "") for name in (CLIENT_ID, CLIENT_SECRET)}
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise CannotStart(f"set {' and '.join(missing)} in the environment")
    return values[CLIENT_ID], values[CLIENT_SECRET]


def _offer(options: argparse.Namespace) -> Offer:
    return Offer(
        ladas=_ladas(options.catalogue),
        max_ad_septets=options.max_ad_septets,
        base_text_septets=BASE_TEXT_SEPTETS,
        max_active_orders=options.max_active_orders,
        features=frozenset(FEATURES) - frozenset(options.without),
        audience_restrictions=frozenset({"ADULTS_ONLY"}),
        blocked_categories=frozenset(options.block_category),
        test_handsets=("equipo-1", "equipo-2"),
    )


def _ladas(catalogue: Path) -> frozenset[str]:
    try:
        with catalogue.open(encoding="utf-8", newline="") as file:
            ladas = frozenset(row["lada"] for row in csv.DictReader(file))
    except (OSError, KeyError, UnicodeDecodeError) as error:
        raise CannotStart(f"cannot read the LADAs of {catalogue}: {error}") from error
    if not ladas:
        raise CannotStart(f"there are no LADAs in {catalogue}")
    return ladas


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m campaigns.gateway.sandbox",
        description="A delivery gateway of our own, with the whole contract and a disk.",
        epilog="GATEWAY_CLIENT_ID and GATEWAY_CLIENT_SECRET come from the environment.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, required=True, help="0 is any that is free")
    parser.add_argument("--control-port", type=_port, help="faults, clock, ledger; none by default")
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the state")
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE, help="CSV with a column lada")
    parser.add_argument("--requests-per-second", type=_positive, default=REQUESTS_PER_SECOND)
    parser.add_argument("--burst", type=_positive, default=REQUEST_BURST)
    parser.add_argument("--max-active-orders", type=_positive, default=MAX_ACTIVE_ORDERS)
    parser.add_argument(
        "--max-ad-septets",
        type=int,
        choices=range(LEAST_MAX_AD_SEPTETS, MOST_MAX_AD_SEPTETS + 1),
        metavar=f"{LEAST_MAX_AD_SEPTETS}..{MOST_MAX_AD_SEPTETS}",
        default=MOST_MAX_AD_SEPTETS,
    )
    parser.add_argument("--without", action="append", choices=FEATURES, default=[])
    parser.add_argument("--block-category", action="append", default=["TOBACCO", "WEAPONS"])
    parser.add_argument("--token-seconds", type=_positive, default=900)
    parser.add_argument("--patience", type=float, default=10.0, help="seconds for a slow client")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise ValueError
    return port


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
