"""The ledger of insertions: what was inserted in each hour, by order and LADA, and its receipts.

Rows of an hour are kept together, as one array an order: a day at full volume has 0.3 million
of them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from campaigns.gateway.sandbox import receipts
from campaigns.gateway.sandbox.order_book import LiveOrder
from campaigns.gateway.sandbox.store import COUNTS, GatewayStore
from campaigns.gateway.sandbox.traffic import Counts

CELL = np.dtype([("lada", "<u2"), *((name, "<i4") for name in COUNTS)])
Cells = NDArray[Any]
"""Rows of CELL: the counts of one order and hour by LADA, given by its place in the catalogue."""
TRAFFIC = ("notifications", "suppressed_consent", "suppressed_length", "with_ad")
HOUR = 3_600


class InsertionLedger:
    """The ledger. Its writing methods are called in a transaction; after a failure, `forget`."""

    def __init__(self, store: GatewayStore, ladas: tuple[str, ...]) -> None:
        self._store = store
        self.ladas = ladas
        self._hour = -1  # the hour that is kept in memory
        self._dense: dict[str, NDArray[np.int32]] = {}  # by order: (4, L)
        self._traffic = np.zeros((len(TRAFFIC), len(ladas)), dtype=np.int64)

    def forget(self) -> None:
        """Read again from the store what is kept in memory."""
        self._hour = -1

    def add(
        self,
        hour: int,
        orders: list[LiveOrder],
        picks: Counts,
        traffic: tuple[Counts, Counts, Counts],
        *,
        between: tuple[str, str],
        rng: np.random.Generator,
    ) -> None:
        """Add the insertions (O, L) of an interval of an hour, and the receipts that came at once.

        `traffic` has notifications and the two kinds of suppressed ones, each (L,), and `between`
        the start and the end of the interval.
        """
        self._load(hour)
        self._traffic += np.stack([*traffic, picks.sum(axis=0)])
        self._store.fetch_all(
            "INSERT INTO traffic_hour (hour, cells, due) VALUES (:hour, :cells, :due)"
            " ON CONFLICT (hour) DO UPDATE SET cells = excluded.cells",
            {"hour": hour, "cells": self._traffic.tobytes(), "due": hour + HOUR},
        )
        delivered, failed = receipts.draw(rng, picks, receipts.AT_ONCE)
        hours, versions, counts = [], [], []
        for number in np.flatnonzero(picks.sum(axis=1)):
            order, added = orders[number], (picks[number], delivered[number], failed[number])
            dense = self._dense.setdefault(
                order.order_id, np.zeros((len(COUNTS), len(self.ladas)), dtype=np.int32)
            )
            dense[:3] += np.stack(added).astype(np.int32)
            inserted, *received = (int(part.sum()) for part in added)
            hours.append((hour, order.order_id, int(dense[0].sum()), _sparse(dense).tobytes()))
            versions.append(
                (order.order_id, order.generation, order.content_hash, *between, inserted)
            )
            counts.append((order.order_id, inserted, *received, 0))
        self._store.write_many("INSERT OR REPLACE INTO insertion_hour VALUES (?, ?, ?, ?)", hours)
        self._store.write_many(
            "INSERT INTO inserted_version VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (order_id, generation, content_hash) DO UPDATE SET"
            " last_at = excluded.last_at, inserted = inserted + excluded.inserted",
            versions,
        )
        self._add_to_orders(counts)

    def settle(
        self, hour: int, rng: np.random.Generator, share: float | None
    ) -> list[tuple[str, Cells]]:
        """Draw late receipts of an hour; return the rows that have changed.

        A share of None is for the end: what has no receipt will have none.
        """
        changed, written, counts = [], [], []
        for order_id, cells in self.hour(hour):
            missing = cells["inserted"] - cells["delivered"] - cells["failed"] - cells["no_receipt"]
            before = cells.copy()
            if share is None:
                cells["no_receipt"] += missing
            else:
                delivered, failed = receipts.draw(rng, missing, share)
                cells["delivered"] += delivered.astype(np.int32)
                cells["failed"] += failed.astype(np.int32)
            differs = cells != before
            if differs.any():
                changed.append((order_id, cells[differs]))
                written.append((cells.tobytes(), hour, order_id))
                gained = [int(cells[name].sum() - before[name].sum()) for name in COUNTS]
                counts.append((order_id, *gained))
        self._store.write_many(
            "UPDATE insertion_hour SET cells = ? WHERE hour = ? AND order_id = ?", written
        )
        self._add_to_orders(counts)
        if hour == self._hour:
            self.forget()
        return changed

    def hour(self, hour: int, order_id: str | None = None) -> Iterator[tuple[str, Cells]]:
        """Yield the rows of each order in an hour."""
        for row in self._store.fetch_all(
            "SELECT order_id, cells FROM insertion_hour"
            " WHERE hour = :hour AND (:id IS NULL OR order_id = :id) ORDER BY order_id",
            {"hour": hour, "id": order_id},
        ):
            yield row["order_id"], np.frombuffer(row["cells"], dtype=CELL).copy()

    def traffic(self, hour: int) -> Counts:
        """Return the counts (4, L) of an hour's notifications, in the order of TRAFFIC."""
        rows = self._store.fetch_all("SELECT cells FROM traffic_hour WHERE hour = :h", {"h": hour})
        if not rows:
            return np.zeros((len(TRAFFIC), len(self.ladas)), dtype=np.int64)
        cells = np.frombuffer(rows[0]["cells"], dtype=np.int64)
        return cells.reshape(len(TRAFFIC), len(self.ladas)).copy()

    def inserted_since(self, hour: int) -> dict[str, Counts]:
        """Return the insertions (L,) of each order in an hour and those that follow."""
        found: dict[str, Counts] = {}
        for row in self._store.fetch_all(
            "SELECT order_id, cells FROM insertion_hour WHERE hour >= :hour", {"hour": hour}
        ):
            cells = np.frombuffer(row["cells"], dtype=CELL)
            counts = found.setdefault(row["order_id"], np.zeros(len(self.ladas), dtype=np.int64))
            counts[cells["lada"]] += cells["inserted"]
        return found

    def _load(self, hour: int) -> None:
        if hour == self._hour:
            return
        self._traffic = self.traffic(hour)
        self._dense = {}
        for order_id, cells in self.hour(hour):
            dense = np.zeros((len(COUNTS), len(self.ladas)), dtype=np.int32)
            for number, name in enumerate(COUNTS):
                dense[number, cells["lada"]] = cells[name]
            self._dense[order_id] = dense
        self._hour = hour

    def _add_to_orders(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._store.write_many(
            "INSERT INTO order_count (order_id, inserted, delivered, failed, no_receipt)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET changed = 1,"
            " inserted = inserted + excluded.inserted, delivered = delivered + excluded.delivered,"
            " failed = failed + excluded.failed, no_receipt = no_receipt + excluded.no_receipt",
            rows,
        )


def _sparse(dense: NDArray[np.int32]) -> Cells:
    ladas = np.flatnonzero(dense[0])
    cells = np.zeros(len(ladas), dtype=CELL)
    cells["lada"] = ladas
    for number, name in enumerate(COUNTS):
        cells[name] = dense[number, ladas]
    return cells
