"""Metrics for Prometheus, read from the database at each scrape.

Every process exports the same values, and none counts anything by itself; those of the sink are in
Redis.
"""

from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from campaigns import breaker, capabilities
from campaigns.models import ReconciliationRun
from campaigns.reconciliation import drifts
from campaigns.reports import figures, outcomes
from inventory import audit
from inventory.models import Reservation


class InventoryCollector(Collector):
    """Metrics of the last audit, and the number of open holds."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        open_holds = Reservation.objects.of_channel().filter(status=Reservation.Status.HELD).count()
        yield GaugeMetricFamily("inventory_holds_open", "Holds not decided on yet.", open_holds)
        newest = audit.latest()
        if newest is None:
            return
        age = (timezone.now() - newest.at).total_seconds()
        for name, documentation, value in (
            ("audit_breaches", "What did not agree in the last recount.", newest.breaches),
            ("audit_age_seconds", "Time since the last recount.", age),
            ("audit_duration_seconds", "Time that the last recount took.", newest.seconds),
            ("capacity_notifications", "On sale, from today on.", newest.capacity),
            ("held_notifications", "Planned for holds, from today on.", newest.held),
            ("booked_notifications", "Planned for bookings, from today on.", newest.booked),
            ("at_risk_notifications", "Promised, and not carried by any cell.", newest.at_risk),
        ):
            yield GaugeMetricFamily(f"inventory_{name}", documentation, value)


class ReportCollector(Collector):
    """Metrics of the gateway's events: received, waiting, set aside, missing."""

    def collect(self) -> Iterator[Metric]:
        received = CounterMetricFamily(
            "gateway_events", "Requests to the sink of events.", labels=["outcome"]
        )
        for outcome, count in outcomes.totals().items():
            received.add_metric([outcome], count)
        yield received
        backlog = figures.backlog()
        yield GaugeMetricFamily("gateway_events_due", "Events not applied yet.", backlog.due)
        yield GaugeMetricFamily(
            "gateway_events_due_age_seconds", "Time that the oldest has waited.", backlog.seconds
        )
        aside = GaugeMetricFamily(
            "gateway_events_set_aside", "Events that were not applied.", labels=["reason"]
        )
        for reason, count in figures.set_aside().items():
            aside.add_metric([reason], count)
        yield aside
        missing = GaugeMetricFamily(
            "gateway_events_missing", "Events not received of a stream.", labels=["stream"]
        )
        lost = CounterMetricFamily(
            "gateway_events_lost", "Events that the gateway does not have.", labels=["stream"]
        )
        for stream in figures.streams():
            missing.add_metric([stream.name], stream.missing)
            lost.add_metric([stream.name], stream.lost)
        yield missing
        yield lost


class ReconciliationCollector(Collector):
    """The differences with the gateway by class, and the last comparison that concluded."""

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        found = CounterMetricFamily(
            "reconciliation_drifts_found", "Differences ever found.", labels=["kind"]
        )
        still_open = GaugeMetricFamily(
            "reconciliation_drifts_open", "Differences not resolved yet.", labels=["kind"]
        )
        for kind, total, open_now in drifts.totals():
            found.add_metric([kind], total)
            still_open.add_metric([kind], open_now)
        yield from (found, still_open)
        last = ReconciliationRun.objects.filter(error="", ended_at__isnull=False).first()
        if last is not None and last.ended_at is not None:
            age = (timezone.now() - last.ended_at).total_seconds()
            for name, documentation, value in (
                ("age_seconds", "Time since the last comparison that concluded.", age),
                ("orders", "Ad orders compared by it.", last.orders),
                ("duration_seconds", "Time that it took.", last.seconds),
            ):
                yield GaugeMetricFamily(f"reconciliation_{name}", documentation, value)


class GatewayCollector(Collector):
    """Metrics of the breaker, and of what the gateway said that it can carry."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        report = capabilities.report()
        yield GaugeMetricFamily(
            "gateway_breaker_open", "Whether workers leave it alone.", breaker.state().is_open
        )
        unknown = len(report.unknown_there) + len(report.unknown_here)
        yield GaugeMetricFamily(
            "gateway_ladas_unknown", "LADAs of the catalogue or the gateway alone.", unknown
        )
        if report.read_at:
            age = (timezone.now() - report.read_at).total_seconds()
            yield GaugeMetricFamily(
                "gateway_capabilities_age_seconds", "Time since they were read.", age
            )


registry = CollectorRegistry()
registry.register(InventoryCollector())
registry.register(ReportCollector())
registry.register(ReconciliationCollector())
registry.register(GatewayCollector())


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics for METRICS_TOKEN or for staff who may view audits; 404 for others."""
    if not may_read(request):
        raise Http404
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def may_read(request: HttpRequest) -> bool:
    """Return whether a request has METRICS_TOKEN or is of staff who may view audits."""
    return _has_token(request) or _is_staff(request)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    known = settings.METRICS_TOKEN
    return bool(known) and scheme.lower() == "bearer" and constant_time_compare(token, known)


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_staff and request.user.has_perm("inventory.view_audit")
