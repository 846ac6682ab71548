"""The suspension of a brand: what runs stops with it, and goes on when it is lifted (ADR 29).

Held inventory and places in the waiting list stay for their time, and nothing new is held or
offered meanwhile.
"""

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import brands, notices, reasons
from campaigns.errors import NotAllowed
from campaigns.lifecycle import running
from campaigns.models import Brand, Campaign
from campaigns.moves import MOVES, ORDERED, UNDECIDED, PausedBy, Status
from core.wake import wake

PERMISSION = "campaigns.suspend_brand"


@transaction.atomic
def suspend(brand_id: int, *, reason: str, by: User) -> bool:
    """Suspend an active brand and pause what runs of it; return whether it was active.

    Its people are notified of the reason. Raises NotAllowed or BadReason.
    """
    _require_permission(by)
    reason = reasons.clean(reason, readers=_("lo leen todas las personas de la marca"))
    _lock_campaigns(brand_id, ORDERED | UNDECIDED)  # before the brand, as everywhere
    brand = _lock_brand(brand_id)
    if not brand.active:
        return False
    brand.active = False
    brand.suspended_at, brand.suspension_reason = timezone.now(), reason
    brand.save(update_fields=["active", "suspended_at", "suspension_reason"])
    # Read again: an approval that held a lock has ended, and none can begin.
    for campaign in _lock_campaigns(brand_id, MOVES["suspend"].sources):
        running.pause(campaign, "suspend", by=by, comment=reason)
    notices.notify_suspended(brand)
    return True


@transaction.atomic
def reinstate(brand_id: int, *, by: User) -> bool:
    """Lift a suspension and resume what it paused, and nothing else; return whether there was one.

    Raises NotAllowed, or NameTaken where another active brand has its name now.
    """
    _require_permission(by)
    paused = _lock_campaigns(brand_id, MOVES["reinstate"].sources)
    brand = _lock_brand(brand_id)
    if not brand.is_suspended:
        return False
    brands.require_unique(brand, brand.name)
    brand.active = True
    brand.suspended_at, brand.suspension_reason = None, ""
    brand.save(update_fields=["active", "suspended_at", "suspension_reason"])
    for campaign in (each for each in paused if each.paused_by == PausedBy.SUSPENSION):
        running.resume(campaign, "reinstate", by=by)
    notices.notify_reinstated(brand)
    wake("campaigns.tasks.hold_submitted")
    wake("campaigns.tasks.offer_freed")
    return True


def _lock_campaigns(brand_id: int, statuses: frozenset[Status]) -> list[Campaign]:
    """Return the brand's campaigns in some statuses, locked in one order."""
    rows = Campaign.objects.filter(brand_id=brand_id, status__in=statuses)
    return list(rows.select_for_update(no_key=True).order_by("id"))


def _lock_brand(brand_id: int) -> Brand:
    return Brand.objects.select_for_update(no_key=True).get(pk=brand_id)


def _require_permission(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise NotAllowed
