"""The clock of a sandbox brand: it stands still, and is moved forward by its programs."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.errors import BadClock
from campaigns.models import Brand, Campaign
from campaigns.moves import ENDED, ORDERED, Status
from campaigns.reports.delivery import DAY, HOUR, midnight
from campaigns.results import final_days
from campaigns.sandbox_brands import brand as sandbox
from campaigns.sandbox_brands import counts

MAX_STEP = timedelta(days=180)
MAX_AHEAD = timedelta(days=400)  # of the real time
MAX_COUNTS = 100_000  # hours × LADAs that one step plays: some ten days of a national campaign


@transaction.atomic
def move(brand_id: int, to: datetime | timedelta, *, by: User) -> Brand:
    """Move the clock of a sandbox brand to a moment, or by a time, and play what is due until then.

    Campaigns start and finish, hours are counted and webhooks queued, all or nothing. Raises
    NotAllowed, SandboxOnly, or BadClock for the past and for what is too far.
    """
    sandbox.require(Brand.objects.get(pk=brand_id), by)
    brand = sandbox.lock(brand_id)
    target = brand.now() + to if isinstance(to, timedelta) else to
    _require_in_reach(brand, target)
    _require_few_counts(brand, target)
    hold_submitted(brand)
    for moment in _moments(brand, target):
        _play(brand, moment)
    return brand


def hold_submitted(brand: Brand) -> None:
    """Hold the inventory of what was submitted, in case no worker has yet."""
    rows = Campaign.objects.filter(brand=brand, sandbox=True, status=Status.RESERVING)
    for pk in rows.order_by("status_at", "id").values_list("pk", flat=True):
        lifecycle.hold_one(lifecycle.lock(pk))


def _require_in_reach(brand: Brand, target: datetime) -> None:
    now = brand.now()
    if target < now:
        message = _(
            "El reloj de pruebas solo avanza: va en {now}. Vacía la marca para volver a hoy."
        )
        raise BadClock(message.format(now=_format(now)))
    last = min(now + MAX_STEP, timezone.now() + MAX_AHEAD)
    if target > last:
        message = _("De una vez puedes llegar al {last}: son {days} días, o {ahead} desde hoy.")
        raise BadClock(message.format(last=_format(last), days=MAX_STEP.days, ahead=MAX_AHEAD.days))


def _require_few_counts(brand: Brand, target: datetime) -> None:
    rows = Campaign.objects.filter(brand=brand, sandbox=True, status__in=ORDERED)
    cells = 0
    for campaign in rows.select_related("reservation"):
        assert (
            campaign.starts_on and campaign.ends_on and campaign.reservation
        )  # the database keeps it
        begin = max(brand.now(), midnight(campaign.starts_on))
        end = min(target, midnight(campaign.ends_on + DAY))
        cells += max((end - begin) // HOUR, 0) * len(campaign.reservation.ladas)
    if cells > MAX_COUNTS:
        message = _("De una vez son demasiadas cuentas por hora y LADA: avanza menos horas.")
        raise BadClock(message)


def _format(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def _moments(brand: Brand, target: datetime) -> Iterator[datetime]:
    """Yield the moments at which something is due, in order, and the target."""
    while True:
        due = [moment for moment in _due(brand) if brand.now() < moment < target]
        if not due:
            break
        yield min(due)
    yield target


def _due(brand: Brand) -> Iterator[datetime]:
    """Yield when its campaigns begin, end, have to be decided, and lose what they hold."""
    rows = Campaign.objects.filter(brand=brand, sandbox=True, version_number__gt=0)
    for campaign in rows.exclude(status__in=ENDED).select_related("reservation"):
        if campaign.starts_on and campaign.ends_on and campaign.decide_by:
            yield campaign.decide_by
            yield midnight(campaign.starts_on)
            yield midnight(campaign.ends_on + DAY)
        if campaign.reservation and campaign.reservation.expires_at:
            yield campaign.reservation.expires_at


def _play(brand: Brand, moment: datetime) -> None:
    """Set the clock, count what has passed, and make the moves that are due then."""
    since, brand.clock = brand.now(), moment
    counts.write(brand, since, moment)
    final_days.settle_sandbox(brand)
    brand.save(update_fields=["clock"])
    lifecycle.advance_sandbox(brand)
