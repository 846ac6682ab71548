"""What the portal's processes read from their environment in an embedded run."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote_plus

from portal.local.launcher.home import CHECKOUT, Home, free_port, is_free, read_notes, write_notes

GATEWAY_PATH = "/missed-call-ads/v0.1"


def of_user() -> dict[str, str]:
    """Give the environment, and below it what the file `.env` adds."""
    return read_env_file(CHECKOUT / ".env") | os.environ


def read_env_file(path: Path) -> dict[str, str]:
    """Read lines of NAME=value; quotes around a value and `export` are dropped."""
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
    environ: Mapping[str, str], home: Home, *, port: int, sandbox_port: int
) -> dict[str, str]:
    """Add what is missing; what the user set wins. Secrets stay the same between runs."""
    gateway = f"http://127.0.0.1:{sandbox_port}"
    values = {
        "EMBEDDED": "1",
        "HTTPS": "0",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "PORTAL_URL": f"http://127.0.0.1:{port}",
        "GATEWAY_URL": gateway + GATEWAY_PATH,
        "GATEWAY_TOKEN_URL": f"{gateway}/oauth2/token",
        "EMAIL_URL": f"filemail:///{quote_plus(str(home.path / 'mail'), safe='/')}",
        "WEBHOOK_PRIVATE_SINKS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    values |= _secrets(home)
    return values | {name: value for name, value in environ.items() if value}


def _secrets(home: Home) -> dict[str, str]:
    path = home.path / "secrets.json"
    known = read_notes(path)
    fresh = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "GATEWAY_CLIENT_ID": "portal",
        "GATEWAY_CLIENT_SECRET": secrets.token_urlsafe(24),
        "DEMO_PASSWORD": secrets.token_hex(6),
    }
    if not fresh.keys() <= known.keys():
        known = fresh | known
        write_notes(path, known)
    return known


def sandbox_port(home: Home, *, choose: bool) -> int:
    """Give the remembered port; with `choose`, another one if that is taken."""
    path = home.path / "ports.json"
    notes = read_notes(path)
    if "sandbox" not in notes or (choose and not is_free(notes["sandbox"])):
        notes["sandbox"] = free_port()
        write_notes(path, notes)
    return int(notes["sandbox"])
