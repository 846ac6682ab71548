"""Metrics for Prometheus, read from the database at each scrape.

Every process exports the same values, and none counts anything by itself.
"""

from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from campaigns import breaker, capabilities
from inventory import audit
from inventory.models import Reservation


class InventoryCollector(Collector):
    """Metrics of the last audit, and the number of open holds."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        open_holds = Reservation.objects.filter(status=Reservation.Status.HELD).count()
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
