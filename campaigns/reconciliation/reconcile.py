"""A comparison with the gateway: every 15 minutes of what runs, at night of everything.

One at a time. Nothing is concluded from a list that is not whole: such a run has an error, and
leaves every difference as it was.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import outbox, silence
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import DesiredState, Scope
from campaigns.gateway.errors import GatewayError
from campaigns.models import AdOrder, ChannelSwitch, Drift, GatewaySource, ReconciliationRun
from campaigns.reconciliation import drifts, listing, our_orders
from campaigns.reconciliation.actions import act
from campaigns.reconciliation.compare import Difference, OurOrder, compare, is_extra
from core import advisory_locks
from core.advisory_locks import Key
from core.wake import wake

log = structlog.get_logger(__name__)

MANY = 20  # orders that are missing, or not ours, at once: more than an accident of single orders
SHARE = 0.2  # of all
KEPT = timedelta(days=90)  # runs
Kind = Drift.Kind


@dataclass(frozen=True, slots=True)
class Clients:
    """The gateway by what a comparison needs of it."""

    reads: GatewayClient
    writes: GatewayClient

    @classmethod
    def of_process(cls) -> "Clients":
        return cls(
            outbox.gateway_client(Scope.READ_ORDERS), outbox.gateway_client(Scope.WRITE_ORDERS)
        )


@dataclass(frozen=True, slots=True)
class _Both:
    """Our orders and the gateway's, which were read after ours."""

    ours: dict[str, OurOrder]
    theirs: listing.Statuses
    wanted: set[str]  # those that were asked for
    known: set[str]  # of theirs, those that are ours
    whole: bool

    def was_compared(self, drift: Drift) -> bool:
        """Return whether an open difference would have been found if it were still there."""
        if drift.kind == Kind.EXTRA:
            return drift.order_id in self.wanted
        was_listed = self.whole or drift.order_id in self.theirs or drift.order_id in self.wanted
        return drift.kind != Kind.SILENT and drift.order_id in self.ours and was_listed


def run(kind: ReconciliationRun.Kind, clients: Clients | None = None) -> ReconciliationRun | None:
    """Compare, act, and write the log; return the run, or None while another one is under way."""
    with advisory_locks.session_lock(Key.RECONCILIATION) as acquired:
        if not acquired:
            return None
        ReconciliationRun.objects.filter(ended_at__isnull=True).update(
            ended_at=timezone.now(), error=ReconciliationRun.INTERRUPTED
        )
        current = ReconciliationRun.objects.create(kind=kind)
        try:
            _compare(current, clients or Clients.of_process())
        except GatewayError as error:
            current.error = str(error)[:500]
            log.warning("reconciliation_failed", run=current.pk, error=error)
        if kind == ReconciliationRun.Kind.WHOLE:
            send_channel_again(lost=True)
        current.ended_at = timezone.now()
        current.save()
        ReconciliationRun.objects.filter(began_at__lt=current.ended_at - KEPT).delete()
    if current.mail_due_at:
        wake("campaigns.tasks.mail_drifts")
    return current


def _compare(current: ReconciliationRun, clients: Clients) -> None:
    both = _read(clients.reads, whole=current.kind == ReconciliationRun.Kind.WHOLE)
    now = timezone.now()
    differences = compare(both.ours, both.theirs, known=both.known, now=now)
    missing = [each for each in differences if each.kind is Kind.MISSING]
    extra = [each for each in differences if each.kind is Kind.EXTRA]
    current.lost_state = _are_many(missing, both.wanted)
    if missing:
        send_channel_again(lost=True)
    running = [their for their in both.theirs.values() if is_extra(their)]
    outcome = act(
        differences,
        drifts.open_drifts(),
        clients.writes,
        pauses_extra=not _are_many(extra, running),
    )
    called = drifts.write(
        outcome.findings,
        was_compared=lambda drift: (
            drift.order_id not in outcome.untouched and both.was_compared(drift)
        ),
        now=now,
    )
    called += drifts.call_for_refused()
    current.orders = len(both.ours)
    current.differences = len(outcome.findings)
    if called or current.lost_state:
        current.mail_due_at = now
    log.info("reconciled", run=current.pk, orders=current.orders, found=current.differences)


def _read(client: GatewayClient, *, whole: bool) -> _Both:
    """Read our orders, then the gateway's, then which of those are ours. Raises GatewayError."""
    ours = our_orders.read(whole=whole, now=timezone.now())
    of_log = {
        order_id
        for kind, order_id in drifts.open_drifts()
        if kind == Kind.EXTRA or order_id in ours
    }
    due = {
        order_id
        for order_id, our in ours.items()
        if our.expected and our.desired_state is not DesiredState.CANCELLED
    }
    read = listing.read_whole if whole else listing.read_running
    wanted = due | of_log
    theirs = read(client, sorted(wanted))
    known = _known(theirs.keys() - ours.keys())
    return _Both(ours, theirs, wanted, known, whole)


def _known(order_ids: Collection[str]) -> set[str]:
    """Return those that are ours by now, in whatever state."""
    found = AdOrder.objects.filter(pk__in=drifts.our_ids(order_ids))
    return {str(key) for key in found.values_list("pk", flat=True)}


def _are_many(some: Collection[Difference], of_all: Collection[object]) -> bool:
    return len(some) > MANY and len(some) > SHARE * len(of_all)


def send_channel_again(*, lost: bool = False) -> None:
    """Send the channel's state again to a gateway that may have lost it: by what it lacks, or
    because events come from a source that is newer than its confirmation.

    The contract can set that state and not list it.
    """
    newest = GatewaySource.objects.aggregate(at=Max("first_seen_at"))["at"]
    before = timezone.now() if lost else newest
    if before and ChannelSwitch.objects.send_again(confirmed_before=before):
        wake("campaigns.tasks.send_channel_state")


@transaction.atomic
def record_silence(now: datetime | None = None) -> None:
    """Log that the gateway sends nothing, and the end of that. `gateway_trouble` mails it."""
    advisory_locks.acquire(Key.GATEWAY_TROUBLE)
    now = now or timezone.now()
    found = silence.current(now)
    finding = found and drifts.Finding(
        kind=Kind.SILENT,
        order_id="",
        expected=_("Un latido por minuto y las cuentas de cada hora"),
        found=found.what,
        action=_("Se avisó por correo al equipo"),
        needs_person=True,
    )
    drifts.write(
        [finding] if finding else [], was_compared=lambda drift: drift.kind == Kind.SILENT, now=now
    )
