"""How each kind of process uses PostgreSQL: by a pool or one connection, and for how long.

The server ends what takes longer, so that a process that hangs, or is frozen while it holds a lock,
delays others for seconds. Source: PostgreSQL, "Client Connection Defaults" (20.11).
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Role:
    """Bounds in seconds; 0 means none."""

    statement: int
    lock: int  # above `idle`, so that a lock whose holder froze is waited for
    idle: int  # inside a transaction, while it sends no statement
    connection: Mapping[str, Any]


# Threads share a pool. It checks a connection before it lends it: after a restart of the server
# every one that it keeps is dead.
WEB = Role(
    statement=15,
    lock=8,
    idle=5,
    connection={
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}},
    },
)
# A pool would be closed at every task.
WORKER = Role(
    statement=60,
    lock=8,
    idle=5,
    connection={"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True},
)
COMMAND = Role(statement=0, lock=60, idle=60, connection={})


def role(is_web: bool) -> Role:
    """Return the role of this process. A worker is known by the script that started it."""
    if Path(sys.argv[0]).name == "celery":
        return WORKER
    return WEB if is_web else COMMAND


def options(database: Mapping[str, Any], role: Role) -> dict[str, Any]:
    """Return what a role adds to a database of Django's DATABASES."""
    bounds = {
        "statement_timeout": role.statement,
        "lock_timeout": role.lock,
        "idle_in_transaction_session_timeout": role.idle,
    }
    own = database.get("OPTIONS", {})
    parameters = [own.get("options", ""), *(f"-c {name}={s}s" for name, s in bounds.items())]
    return {
        **role.connection,
        "OPTIONS": {
            # a server or network that does not respond is noticed: connecting, reading, writing
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,  # milliseconds
            **own,
            **role.connection.get("OPTIONS", {}),
            "options": " ".join(filter(None, parameters)),
        },
    }
