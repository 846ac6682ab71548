"""Runs one command in the foreground, with the servers and environment of the portal."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from portal.local.launcher import environment
from portal.local.launcher.data_folder import CHECKOUT, DataFolder
from portal.local.launcher.lock import AlreadyRunsError, Lock
from portal.local.launcher.servers import Servers, report, throwaway
from portal.local.launcher.watchdog import PR_SET_PDEATHSIG, find_prctl

NO_GATEWAY = "http://127.0.0.1:9"  # the discard port: nothing listens
TEST_ENVIRONMENT = {
    "EMBEDDED": "1",
    "HTTPS": "0",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "PORTAL_URL": "http://127.0.0.1:8000",
    "GATEWAY_URL": NO_GATEWAY + environment.GATEWAY_PATH,
    "GATEWAY_TOKEN_URL": f"{NO_GATEWAY}/oauth2/token",
    "GATEWAY_CLIENT_ID": "portal",
    "GATEWAY_CLIENT_SECRET": "not-a-secret",
    "EMAIL_URL": "memorymail://",
    "DEMO_PASSWORD": "not-a-secret-either",
}


def manage(data_folder: DataFolder, arguments: Sequence[str]) -> int:
    """Run `manage.py` on the data of `make run`, whether that is running or not."""
    data_folder.make()
    user_env = environment.user_environment()
    servers = Servers(data_folder, user_env, report=report)
    lock = Lock(data_folder.path / "lock")
    try:
        lock.acquire(f"manage.py {' '.join(arguments)}")
    except AlreadyRunsError:
        owns_servers = False  # `make run` has started them
    else:
        owns_servers = True
    try:
        with _ignore_signals():
            if owns_servers:
                servers.start()
            env = environment.complete(
                user_env | servers.urls,
                data_folder,
                port=int(user_env.get("PORT") or 8000),
                sandbox=environment.sandbox_ports(data_folder, choose=False),
            )
            return run([sys.executable, str(CHECKOUT / "manage.py"), *arguments], env)
    finally:
        if owns_servers:
            servers.stop()
            lock.release()


def execute(command: Sequence[str], *, durable: bool) -> int:
    """Run any command with throw-away servers."""
    with _ignore_signals(), throwaway(os.environ, durable=durable) as urls:
        return run(command, test_environment(os.environ) | urls)


def test_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with all other variables that the portal reads, except the servers' URLs."""
    made = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": environment.encryption_key(),
        "GATEWAY_EVENT_SECRETS": environment.event_secret(),
    }
    return made | TEST_ENVIRONMENT | dict(environ)


def run(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run a command on this terminal; return its exit code, 128 + n if signal n ended it."""
    prctl = find_prctl()

    def restore_signals() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        if prctl:
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    try:
        process = subprocess.Popen(command, env=env, preexec_fn=restore_signals)
    except OSError as error:
        report(f"{command[0]} could not be started: {error}")
        return 127
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: process.send_signal(number))
    code = process.wait()
    return code if code >= 0 else 128 - code


@contextmanager
def _ignore_signals() -> Iterator[None]:
    """Leave Ctrl-C, which reaches both processes, to the command: the servers end after it."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)
