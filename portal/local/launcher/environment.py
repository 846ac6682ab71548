"""The environment variables of the portal's processes in an embedded run."""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote_plus

from portal.local.launcher import ports, state_files
from portal.local.launcher.data_folder import CHECKOUT, DataFolder
from portal.local.launcher.errors import EmbeddedError

GATEWAY_PATH = "/missed-call-ads/v0.1"
EVENTS_PATH = "/api/gateway/v0.1/events"  # of the portal
START_TIMEOUT = 300  # seconds without progress after which a start is given up


class SandboxPorts(NamedTuple):
    """The ports of the sandbox gateway: that of the contract, and that of its control."""

    contract: int
    control: int


def user_environment() -> dict[str, str]:
    """Return this process's environment, completed by the file `.env`."""
    return read_env_file(CHECKOUT / ".env") | os.environ


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables of a file of NAME=value lines, without quotes and `export`."""
    values = {}
    for line in path.read_text().splitlines() if path.is_file() else []:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            values[name.strip()] = value
    return values


def complete(
    environ: Mapping[str, str], data_folder: DataFolder, *, port: int, sandbox: SandboxPorts
) -> dict[str, str]:
    """Return `environ` with all that is missing. Secrets stay the same between runs."""
    gateway = f"http://127.0.0.1:{sandbox.contract}"
    values = {
        "EMBEDDED": "1",
        "HTTPS": "0",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "PORTAL_URL": f"http://127.0.0.1:{port}",
        "GATEWAY_URL": gateway + GATEWAY_PATH,
        "GATEWAY_TOKEN_URL": f"{gateway}/oauth2/token",
        "EMAIL_URL": f"filemail:///{quote_plus(str(data_folder.path / 'mail'), safe='/')}",
        "WEBHOOK_PRIVATE_SINKS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    if not environ.get("GATEWAY_URL"):
        values["SANDBOX_CONTROL_URL"] = f"http://127.0.0.1:{sandbox.control}"
    values |= _secrets(data_folder)
    return values | {name: value for name, value in environ.items() if value}


def start_timeout(environ: Mapping[str, str]) -> float:
    """Return START_TIMEOUT in seconds. Raise EmbeddedError if it is not a positive number."""
    value = environ.get("START_TIMEOUT") or str(START_TIMEOUT)
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise EmbeddedError(f"START_TIMEOUT must be a number of seconds, not {value!r}.")
    return seconds


def encryption_key() -> str:
    """Return a random key for ENCRYPTION_KEYS."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def event_secret() -> str:
    """Return a random secret for GATEWAY_EVENT_SECRETS, as Standard Webhooks defines it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _secrets(data_folder: DataFolder) -> dict[str, str]:
    path = data_folder.path / "secrets.json"
    known = state_files.read(path)
    generated = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": encryption_key(),
        "GATEWAY_CLIENT_ID": "portal",
        "GATEWAY_CLIENT_SECRET": secrets.token_urlsafe(24),
        "GATEWAY_EVENT_SECRETS": event_secret(),
        "DEMO_PASSWORD": secrets.token_hex(6),
    }
    if not generated.keys() <= known.keys():
        known = generated | known
        state_files.write(path, known)
    return known


def sandbox_ports(data_folder: DataFolder, *, choose: bool) -> SandboxPorts:
    """Return the ports of the last run; with `choose`, other ones for those that are taken."""
    path = data_folder.path / "ports.json"
    state = state_files.read(path)
    names = {"contract": "sandbox", "control": "sandbox_control"}
    for name in names.values():
        if name not in state or (choose and not ports.is_free(state[name])):
            state[name] = ports.find_free()
            state_files.write(path, state)
    return SandboxPorts(**{field: int(state[name]) for field, name in names.items()})
