"""The hourly reports: an hour when it has ended, again as late receipts come, and at last final."""

from datetime import UTC, datetime

from campaigns.gateway.events import HourlyCounts, HourlyRow, LadaTraffic, Stream, TrafficRow
from campaigns.gateway.sandbox import receipts
from campaigns.gateway.sandbox.event_queue import EventQueue, split
from campaigns.gateway.sandbox.insertions import HOUR, Cells, InsertionLedger
from campaigns.gateway.sandbox.store import COUNTS, GatewayStore
from campaigns.gateway.sandbox.traffic import generator

_SHARES = (*(share for _age, share in receipts.LATE), None)
_AGES = (*(age for age, _share in receipts.LATE), receipts.FINAL_AGE)
FIRST, FINAL = 0, len(_SHARES)
"""Stages of an hour: its end, each age at which late receipts come, and the last of them."""


class HourlyReports:
    """Queue the reports of hours that are due. The hours are those of the traffic's ledger."""

    def __init__(self, store: GatewayStore, ledger: InsertionLedger, queue: EventQueue) -> None:
        self._store = store
        self._ledger = ledger
        self._queue = queue

    def publish(self, now: datetime, *, seed: int) -> None:
        """Queue what is due by now, in the order of time. Call it in a transaction."""
        while rows := self._store.fetch_all(
            "SELECT hour, stage, revision FROM traffic_hour WHERE due <= :now"
            " ORDER BY due, hour LIMIT 1",
            {"now": int(now.timestamp())},
        ):
            hour, stage, revision = (rows[0][name] for name in ("hour", "stage", "revision"))
            revision += self._publish(hour, stage, revision + 1, now, seed=seed)
            due = None if stage == FINAL else hour + HOUR + int(_AGES[stage].total_seconds())
            self._store.fetch_all(
                "UPDATE traffic_hour SET stage = :stage, revision = :revision, due = :due"
                " WHERE hour = :hour",
                {"hour": hour, "stage": stage + 1, "revision": revision, "due": due},
            )

    def _publish(self, hour: int, stage: int, revision: int, now: datetime, *, seed: int) -> int:
        """Queue one revision of an hour, if there is anything to say; return whether there is."""
        if stage == FIRST:
            changed = list(self._ledger.hour(hour))
        else:
            share = _SHARES[stage - 1]
            changed = self._ledger.settle(hour, generator(seed, hour, stage), share)
        if not changed and stage not in (FIRST, FINAL):
            return 0
        start, final = datetime.fromtimestamp(hour, UTC), stage == FINAL
        parts = list(split(self._hourly_rows(changed))) or [()]
        for number, part in enumerate(parts, start=1):
            counts = HourlyCounts(
                hour_start=start,
                revision=revision,
                final=final,
                part=number,
                parts=len(parts),
                rows=part,
            )
            self._queue.append(Stream.HOURLY_COUNTS, counts, now)
        if stage in (FIRST, FINAL):
            self._publish_traffic(hour, now, final=final)
        return 1

    def _publish_traffic(self, hour: int, now: datetime, *, final: bool) -> None:
        """Queue the traffic of an hour. It does not change, so its final revision has no rows."""
        parts = list(split([] if final else self._traffic_rows(hour))) or [()]
        for number, part in enumerate(parts, start=1):
            traffic = LadaTraffic(
                hour_start=datetime.fromtimestamp(hour, UTC),
                revision=2 if final else 1,
                final=final,
                part=number,
                parts=len(parts),
                rows=part,
            )
            self._queue.append(Stream.LADA_TRAFFIC, traffic, now)

    def _hourly_rows(self, changed: list[tuple[str, Cells]]) -> list[HourlyRow]:
        ladas = self._ledger.ladas
        return [
            HourlyRow(
                ad_order_id=order_id, lada=ladas[place], **dict(zip(COUNTS, counts, strict=True))
            )
            for order_id, cells in changed
            for place, *counts in cells.tolist()
        ]

    def _traffic_rows(self, hour: int) -> list[TrafficRow]:
        columns = self._ledger.traffic(hour).T.tolist()
        return [
            TrafficRow(
                lada=lada,
                notifications=notifications,
                eligible=notifications - consent - length,
                with_ad=with_ad,
                suppressed_consent=consent,
                suppressed_length=length,
                unsold=notifications - consent - length - with_ad,
            )
            for lada, (notifications, consent, length, with_ad) in zip(
                self._ledger.ladas, columns, strict=True
            )
        ]
