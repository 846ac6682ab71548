"""The simulated channel: notifications come, ads are chosen and inserted, counts are reported."""

from datetime import date, datetime, timedelta

import numpy as np

from campaigns.gateway.contract import ChannelState
from campaigns.gateway.sandbox import selection, traffic
from campaigns.gateway.sandbox.ad_orders import GatewayCapabilities
from campaigns.gateway.sandbox.clock import ZONE, channel_day, format_instant
from campaigns.gateway.sandbox.event_queue import EventQueue
from campaigns.gateway.sandbox.insertions import HOUR, InsertionLedger
from campaigns.gateway.sandbox.order_book import LiveOrder, live_order, next_edge
from campaigns.gateway.sandbox.revisions import HourlyReports
from campaigns.gateway.sandbox.store import GatewayStore
from campaigns.gateway.sandbox.traffic import Catalogue, Counts, Reals, TrafficSettings

PLAN_SECONDS = 300
"""How often shares are computed anew; an interval of the simulation never crosses that."""


class Simulation:
    """Simulate the channel, one interval a transaction."""

    def __init__(
        self,
        store: GatewayStore,
        catalogue: Catalogue,
        capabilities: GatewayCapabilities,
        queue: EventQueue,
    ) -> None:
        self.ledger = InsertionLedger(store, catalogue.codes)
        self._store = store
        self._catalogue = catalogue
        self._capabilities = capabilities
        self._queue = queue
        self._reports = HourlyReports(store, self.ledger, queue)
        self._book: list[LiveOrder] = []
        self._book_key: tuple[int, date] | None = None
        self._plan: Reals = np.zeros((0, len(catalogue.codes)))
        self._plan_ends = 0.0  # second of the day

    def forget(self) -> None:
        """Read again from the store what is kept in memory, because a transaction failed."""
        self.ledger.forget()
        self._book_key = None

    def next_end(self, start: datetime, until: datetime) -> datetime:
        """Return the end of the interval that begins at a moment: `until`, or before that."""
        self._load(channel_day(start))
        second = _second(start)
        slot_end = (int(second) // PLAN_SECONDS + 1) * PLAN_SECONDS
        end = min(slot_end, next_edge(self._book, second))
        return min(until, start + timedelta(seconds=end - second))

    def deliver(self, start: datetime, end: datetime, settings: TrafficSettings) -> tuple[int, int]:
        """Simulate the notifications of an interval; return their number and that of insertions.

        Call it in a transaction, with an end that `next_end` returned.
        """
        day, second = channel_day(start), _second(start)
        last = second + (end - start).total_seconds()
        self._load(day)
        rng = traffic.generator(settings.seed, int(start.timestamp() * 1_000))
        daily = settings.per_day * traffic.day_factor(day) * self._catalogue.shares
        expected = daily * (traffic.day_share(last) - traffic.day_share(second))
        notifications, consent = traffic.arrivals(rng, expected)
        picks = self._choose(rng, daily, notifications - consent, second, last)
        fits = np.array([order.fits for order in self._book], dtype=bool)
        too_long = picks[~fits].sum(axis=0)
        picks[~fits] = 0
        hour = int(start.timestamp()) // HOUR * HOUR
        self.ledger.add(
            hour,
            self._book,
            picks,
            (notifications, consent, too_long),
            between=(format_instant(start), format_instant(end)),
            rng=rng,
        )
        for order, inserted in zip(self._book, picks, strict=True):
            order.add(inserted)
        return int(notifications.sum()), int(picks.sum())

    def report(self, now: datetime, *, seed: int) -> None:
        """Queue all reports that are due by now. Call it in a transaction."""
        self._reports.publish(now, seed=seed)
        self._queue.report_progress(now)
        self._queue.report_states(now)

    def _choose(
        self, rng: np.random.Generator, daily: Reals, eligible: Counts, second: float, last: float
    ) -> Counts:
        channel = self._store.channel()
        if channel is not None and channel["state"] == ChannelState.OFF:
            return np.zeros((len(self._book), len(daily)), dtype=np.int64)
        if not self._plan_ends > second:
            self._make_plan(daily, second)
        most = np.array([order.most(last) for order in self._book], dtype=np.int64)
        return selection.limit(rng, selection.pick(rng, self._plan, eligible), most)

    def _make_plan(self, daily: Reals, second: float) -> None:
        """Compute the shares until the next five minutes or edge of a daypart.

        The first orders are those of the highest priority, and of these the ones with the
        scarcest supply.
        """
        slot_end = (int(second) // PLAN_SECONDS + 1) * PLAN_SECONDS
        end = min(float(slot_end), next_edge(self._book, second))
        supply = daily * (traffic.day_share(end) - traffic.day_share(second))
        place = {
            order.order_id: (
                order.priority,
                daily[order.ladas].sum() * order.remaining_share(second),
            )
            for order in self._book
        }
        self._book.sort(key=lambda order: (*place[order.order_id], order.order_id))
        demands = [order.demand(second, end) for order in self._book]
        self._plan = selection.shares(supply, demands)
        self._plan_ends = end

    def _load(self, day: date) -> None:
        """Read the orders of a day, if they or the day have changed."""
        key = (self._store.orders_version, day)
        if key == self._book_key:
            return
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        today = self.ledger.inserted_since(int(midnight.timestamp()))
        none = np.zeros(len(self._catalogue.codes), dtype=np.int64)
        self._book = [
            live_order(
                stored,
                day=day,
                catalogue=self._catalogue,
                base_septets=self._capabilities.base_text_septets,
                max_ad_septets=self._capabilities.max_ad_septets,
                inserted_today=today.get(stored.order_id, none),
            )
            for stored in self._store.active_orders(day)
        ]
        self._book_key, self._plan_ends = key, 0.0


def _second(moment: datetime) -> float:
    """Return the seconds since the channel day began."""
    local = moment.astimezone(ZONE)
    return local.hour * 3_600 + local.minute * 60 + local.second + local.microsecond / 1e6
