"""Small JSON files that keep values between runs: ports, passwords, secrets."""

import json
import os
from pathlib import Path
from typing import Any


def read(path: Path) -> dict[str, Any]:
    """Return the values of a state file; an empty dictionary if it is missing or unreadable."""
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def write(path: Path, values: dict[str, Any]) -> None:
    """Replace a state file atomically. Only its owner may read it (mode 0600)."""
    draft = path.with_name(path.name + ".new")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(values, file)
    draft.replace(path)
