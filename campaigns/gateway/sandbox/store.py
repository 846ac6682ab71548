"""The sandbox's state in SQLite: ad orders, channel, test deliveries, settings and ledger.

One connection and one lock. A write is one transaction that is on disk (WAL, synchronous FULL)
before the response, so that SIGKILL at any moment leaves all of it or nothing.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from campaigns.gateway.contract import OrderState
from campaigns.gateway.sandbox.schema import SCHEMA

STATE = """CASE
    WHEN desired_state = 'CANCELLED' THEN 'CANCELLED'
    WHEN rejected THEN 'REJECTED'
    WHEN coalesce(order_count.inserted, 0) >= goal_total THEN 'COMPLETED'
    WHEN ends_on < :today THEN 'EXPIRED'
    WHEN desired_state = 'PAUSED' THEN 'PAUSED'
    WHEN starts_on > :today THEN 'SCHEDULED'
    ELSE 'ACTIVE'
END"""
"""The state of an order. Days are compared as text: all are `YYYY-MM-DD`."""

LOST_WITH_THE_ORDERS = ("ad_order", "channel", "test_delivery", "reported_state")
KEPT_WITHOUT_THE_ORDERS = (
    *("ledger", "setting", "order_count", "inserted_version", "insertion_hour", "traffic_hour"),
    *("stream", "event"),
)
COUNTS = ("inserted", "delivered", "failed", "no_receipt")
_FROM = "FROM ad_order LEFT JOIN order_count ON order_count.order_id = ad_order.id"
_ORDER = (
    "SELECT id, document, content_hash, reason,"
    + "".join(f" coalesce(order_count.{name}, 0) AS {name}," for name in COUNTS)
    + f" {STATE} AS state {_FROM}"
)


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
        self.orders_version = 0
        """Grows with each change of an order or the channel."""
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
            self.fetch_all("BEGIN IMMEDIATE", {})
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def active_orders(self, today: date) -> list[StoredAdOrder]:
        rows = self.fetch_all(f"{_ORDER} WHERE {STATE} = 'ACTIVE'", {"today": today.isoformat()})
        return [StoredAdOrder.from_row(row) for row in rows]

    def changed_states(self, today: date) -> list[StoredAdOrder]:
        """Return the orders whose state is not the one that was last reported."""
        rows = self.fetch_all(
            f"{_ORDER} LEFT JOIN reported_state ON reported_state.order_id = ad_order.id"
            f" WHERE reported_state.state IS NOT {STATE} ORDER BY ad_order.seq",
            {"today": today.isoformat()},
        )
        return [StoredAdOrder.from_row(row) for row in rows]

    def order(self, order_id: str, today: date) -> StoredAdOrder | None:
        rows = self.fetch_all(
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
            rows = self.fetch_all(
                f"{_ORDER} {where} ORDER BY seq LIMIT :limit OFFSET :offset", values
            )
            total = self.fetch_all(f"SELECT count(*) AS n {_FROM} {where}", values)
        return [StoredAdOrder.from_row(row) for row in rows], int(total[0]["n"])

    def count_active(self, today: date) -> int:
        rows = self.fetch_all(
            f"SELECT count(*) AS n {_FROM} WHERE {STATE} IN ('SCHEDULED', 'ACTIVE', 'PAUSED')",
            {"today": today.isoformat()},
        )
        return int(rows[0]["n"])

    def write_order(
        self, order_id: str, document: dict[str, Any], content_hash: str, reason: str
    ) -> None:
        self.orders_version += 1
        self.fetch_all(
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
        self.orders_version += 1
        change = "id = id" if rejected is None else "rejected = 1, reason = :rejected"
        sql = f"UPDATE ad_order SET {change} WHERE id = :id RETURNING id"  # noqa: S608
        if not self.fetch_all(sql, {"id": order_id, "rejected": rejected}):
            return False
        if counts:
            names = [name for name in COUNTS if name in counts]
            self.fetch_all(
                f"INSERT INTO order_count (order_id, {', '.join(names)})"  # noqa: S608
                f" VALUES (:id, {', '.join(f':{name}' for name in names)})"
                " ON CONFLICT (order_id) DO UPDATE SET changed = 1, "
                + ", ".join(f"{name} = excluded.{name}" for name in names),
                counts | {"id": order_id},
            )
        return True

    def channel(self) -> dict[str, str] | None:
        rows = self.fetch_all("SELECT state, reason, changed_at FROM channel", {})
        return dict(rows[0]) if rows else None

    def write_channel(self, state: str, reason: str, changed_at: str) -> None:
        self.orders_version += 1
        self.fetch_all(
            "INSERT INTO channel VALUES (1, :state, :reason, :at) ON CONFLICT (one) DO UPDATE SET"
            " state = excluded.state, reason = excluded.reason, changed_at = excluded.changed_at",
            {"state": state, "reason": reason, "at": changed_at},
        )

    def test_delivery(self, key: str) -> tuple[str, dict[str, Any]] | None:
        """Return the request and the response stored under an idempotency key."""
        rows = self.fetch_all(
            "SELECT * FROM test_delivery WHERE idempotency_key = :key", {"key": key}
        )
        return (rows[0]["request"], json.loads(rows[0]["response"])) if rows else None

    def write_test_delivery(self, key: str, request: str, response: dict[str, Any]) -> None:
        self.fetch_all(
            "INSERT INTO test_delivery VALUES (:key, :request, :response)",
            {"key": key, "request": request, "response": json.dumps(response)},
        )

    def setting(self, name: str, default: str) -> str:
        rows = self.fetch_all("SELECT value FROM setting WHERE name = :name", {"name": name})
        return str(rows[0]["value"]) if rows else default

    def write_setting(self, name: str, value: str) -> None:
        self.fetch_all(
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
        self.fetch_all(
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
        rows = self.fetch_all(
            "SELECT * FROM ledger WHERE :id IS NULL OR order_id = :id ORDER BY seq",
            {"id": order_id},
        )
        return [dict(row) | {"first": bool(row["first"])} for row in rows]

    def delete_state(self, *, everything: bool, began_at: str) -> None:
        """Delete orders, channel and test deliveries, with `everything` also all else."""
        tables = LOST_WITH_THE_ORDERS + (KEPT_WITHOUT_THE_ORDERS if everything else ())
        self.orders_version += 1
        with self.transaction():
            epoch = int(self.setting("epoch", "1")) + 1
            for table in tables:
                self.fetch_all(f"DELETE FROM {table}", {})  # noqa: S608  constants only
            if not everything:
                self.write_setting("epoch", str(epoch))
            self.write_setting("began_at", began_at)

    def write_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each row of values. Call it in a transaction."""
        with self._lock:
            self._db.executemany(sql, rows)

    def fetch_all(self, sql: str, values: dict[str, Any]) -> list[sqlite3.Row]:
        with self._lock:
            if self._closed:
                raise sqlite3.OperationalError("closed")
            return self._db.execute(sql, values).fetchall()
