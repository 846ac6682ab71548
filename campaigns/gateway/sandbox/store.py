"""The sandbox's state in SQLite: ad orders, channel, test deliveries, settings and ledger.

One connection and one lock. A write is one transaction that is on disk (WAL, synchronous FULL)
before the response, so that SIGKILL at any moment leaves all of it or nothing.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from campaigns.gateway.contract import OrderState

SCHEMA = """
CREATE TABLE IF NOT EXISTS ad_order (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL CHECK (generation > 0),
    document TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    desired_state TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL CHECK (ends_on >= starts_on),
    goal_total INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    rejected INTEGER NOT NULL DEFAULT 0,
    inserted INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    no_receipt INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS channel (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS test_delivery (
    idempotency_key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    response TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch INTEGER NOT NULL,
    operation TEXT NOT NULL,
    order_id TEXT,
    subject TEXT NOT NULL,
    generation INTEGER,
    desired_state TEXT,
    content_hash TEXT,
    first INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS ledger_of_subject ON ledger (subject, epoch);
CREATE TRIGGER IF NOT EXISTS ledger_is_append_only BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""

STATE = """CASE
    WHEN desired_state = 'CANCELLED' THEN 'CANCELLED'
    WHEN rejected THEN 'REJECTED'
    WHEN delivered >= goal_total THEN 'COMPLETED'
    WHEN ends_on < :today THEN 'EXPIRED'
    WHEN desired_state = 'PAUSED' THEN 'PAUSED'
    WHEN starts_on > :today THEN 'SCHEDULED'
    ELSE 'ACTIVE'
END"""
"""The state of an order. Days are compared as text: all are `YYYY-MM-DD`."""

_ORDER = f"SELECT *, {STATE} AS state FROM ad_order"  # noqa: S608  constants only
COUNTS = ("inserted", "delivered", "failed", "no_receipt")


@dataclass(frozen=True, slots=True)
class StoredAdOrder:
    """An ad order with its state on the day of the query."""

    order_id: str
    document: dict[str, Any]
    content_hash: str
    reason: str
    state: OrderState
    inserted: int
    delivered: int
    failed: int
    no_receipt: int

    @property
    def generation(self) -> int:
        return int(self.document["generation"])

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "StoredAdOrder":
        counts = {name: row[name] for name in COUNTS}
        return cls(
            order_id=row["id"],
            document=json.loads(row["document"]),
            content_hash=row["content_hash"],
            reason=row["reason"],
            state=OrderState(row["state"]),
            **counts,
        )


class GatewayStore:
    """The database file, with one transaction at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._closed = False
        self._db = sqlite3.connect(
            folder / "gateway.sqlite3", check_same_thread=False, isolation_level=None, timeout=5
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        # One transaction: otherwise each statement waits for the disk, seconds if that is busy.
        self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all changes inside the block to disk, or none if it raises."""
        with self._lock:
            self._fetch_all("BEGIN IMMEDIATE", {})
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def order(self, order_id: str, today: date) -> StoredAdOrder | None:
        rows = self._fetch_all(
            f"{_ORDER} WHERE id = :id", {"id": order_id, "today": today.isoformat()}
        )
        return StoredAdOrder.from_row(rows[0]) if rows else None

    def page(
        self, state: str | None, today: date, *, page: int, per_page: int
    ) -> tuple[list[StoredAdOrder], int]:
        """Return one page in the order of creation, and the number of all matching orders."""
        values = {
            "today": today.isoformat(),
            "state": state,
            "limit": per_page,
            "offset": (page - 1) * per_page,
        }
        where = f"WHERE :state IS NULL OR {STATE} = :state"
        with self._lock:
            rows = self._fetch_all(
                f"{_ORDER} {where} ORDER BY seq LIMIT :limit OFFSET :offset", values
            )
            total = self._fetch_all(f"SELECT count(*) AS n FROM ad_order {where}", values)  # noqa: S608
        return [StoredAdOrder.from_row(row) for row in rows], int(total[0]["n"])

    def count_active(self, today: date) -> int:
        rows = self._fetch_all(
            f"SELECT count(*) AS n FROM ad_order "  # noqa: S608  constants only
            f"WHERE {STATE} IN ('SCHEDULED', 'ACTIVE', 'PAUSED')",
            {"today": today.isoformat()},
        )
        return int(rows[0]["n"])

    def write_order(
        self, order_id: str, document: dict[str, Any], content_hash: str, reason: str
    ) -> None:
        self._fetch_all(
            "INSERT INTO ad_order (id, generation, document, content_hash, desired_state,"
            " starts_on, ends_on, goal_total, reason)"
            " VALUES (:id, :generation, :document, :hash, :desired, :starts, :ends, :total, :why)"
            " ON CONFLICT (id) DO UPDATE SET generation = excluded.generation,"
            " document = excluded.document, content_hash = excluded.content_hash,"
            " desired_state = excluded.desired_state, starts_on = excluded.starts_on,"
            " ends_on = excluded.ends_on, goal_total = excluded.goal_total,"
            " reason = excluded.reason",
            {
                "id": order_id,
                "generation": document["generation"],
                "document": json.dumps(document, ensure_ascii=False),
                "hash": content_hash,
                "desired": document["desiredState"],
                "starts": document["deliveryPeriod"]["startDate"],
                "ends": document["deliveryPeriod"]["endDate"],
                "total": document["goal"]["total"],
                "why": reason,
            },
        )

    def set_counts(self, order_id: str, counts: dict[str, int], rejected: str | None) -> bool:
        """Set counts, and reject the order if a reason is given; return whether it exists."""
        assignments = [f"{name} = :{name}" for name in COUNTS if name in counts]
        if rejected is not None:
            assignments.append("rejected = 1, reason = :rejected")
        values = counts | {"id": order_id, "rejected": rejected}
        changes = ", ".join(assignments) or "id = id"
        return bool(
            self._fetch_all(f"UPDATE ad_order SET {changes} WHERE id = :id RETURNING id", values)  # noqa: S608
        )

    def channel(self) -> dict[str, str] | None:
        rows = self._fetch_all("SELECT state, reason, changed_at FROM channel", {})
        return dict(rows[0]) if rows else None

    def write_channel(self, state: str, reason: str, changed_at: str) -> None:
        self._fetch_all(
            "INSERT INTO channel VALUES (1, :state, :reason, :at) ON CONFLICT (one) DO UPDATE SET"
            " state = excluded.state, reason = excluded.reason, changed_at = excluded.changed_at",
            {"state": state, "reason": reason, "at": changed_at},
        )

    def test_delivery(self, key: str) -> tuple[str, dict[str, Any]] | None:
        """Return the request and the response stored under an idempotency key."""
        rows = self._fetch_all(
            "SELECT * FROM test_delivery WHERE idempotency_key = :key", {"key": key}
        )
        return (rows[0]["request"], json.loads(rows[0]["response"])) if rows else None

    def write_test_delivery(self, key: str, request: str, response: dict[str, Any]) -> None:
        self._fetch_all(
            "INSERT INTO test_delivery VALUES (:key, :request, :response)",
            {"key": key, "request": request, "response": json.dumps(response)},
        )

    def setting(self, name: str, default: str) -> str:
        rows = self._fetch_all("SELECT value FROM setting WHERE name = :name", {"name": name})
        return str(rows[0]["value"]) if rows else default

    def write_setting(self, name: str, value: str) -> None:
        self._fetch_all(
            "INSERT OR REPLACE INTO setting VALUES (:name, :value)", {"name": name, "value": value}
        )

    def append(
        self,
        operation: str,
        subject: str,
        *,
        at: str,
        order_id: str | None = None,
        generation: int | None = None,
        desired_state: str | None = None,
        content_hash: str | None = None,
    ) -> None:
        """Record a change in the ledger. Call it in the transaction of the change."""
        self._fetch_all(
            "INSERT INTO ledger (epoch, operation, order_id, subject, generation, desired_state,"
            " content_hash, at, first) SELECT :epoch, :operation, :order_id, :subject, :generation,"
            " :desired, :hash, :at, NOT EXISTS"
            " (SELECT 1 FROM ledger WHERE subject = :subject AND epoch = :epoch)",
            {
                "epoch": int(self.setting("epoch", "1")),
                "operation": operation,
                "order_id": order_id,
                "subject": subject,
                "generation": generation,
                "desired": desired_state,
                "hash": content_hash,
                "at": at,
            },
        )

    def ledger(self, order_id: str | None) -> list[dict[str, Any]]:
        rows = self._fetch_all(
            "SELECT * FROM ledger WHERE :id IS NULL OR order_id = :id ORDER BY seq",
            {"id": order_id},
        )
        return [dict(row) | {"first": bool(row["first"])} for row in rows]

    def delete_state(self, *, ledger: bool, began_at: str) -> None:
        """Delete orders, channel and test deliveries, with `ledger` also ledger and settings."""
        with self.transaction():
            for table in ("ad_order", "channel", "test_delivery"):
                self._fetch_all(f"DELETE FROM {table}", {})  # noqa: S608  constants only
            self.write_setting("epoch", str(int(self.setting("epoch", "1")) + 1))
            if ledger:
                self._fetch_all("DELETE FROM ledger", {})
                self._fetch_all("DELETE FROM setting", {})
            self.write_setting("began_at", began_at)

    def _fetch_all(self, sql: str, values: dict[str, Any]) -> list[sqlite3.Row]:
        with self._lock:
            if self._closed:
                raise sqlite3.OperationalError("closed")
            return self._db.execute(sql, values).fetchall()
