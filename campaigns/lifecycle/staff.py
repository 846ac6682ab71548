"""What staff do to a campaign outside of a review, with a reason that its brand reads."""

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import reasons
from campaigns.lifecycle import running
from campaigns.lifecycle.transitions import lock_for_move
from campaigns.models import Campaign


@transaction.atomic
def staff_pause(campaign_id: int, *, reason: str, by: User) -> Campaign:
    """Stop appending the text, or take over the brand's pause; only staff can resume it.

    Raises NotAllowed, OwnBrand, WrongStatus or BadReason, as the moves below do.
    """
    campaign, reason = _lock(campaign_id, "staff_pause", reason, by)
    return running.pause(campaign, "staff_pause", by=by, comment=reason)


@transaction.atomic
def staff_resume(campaign_id: int, *, reason: str, by: User) -> Campaign:
    """Resume a campaign that staff or its brand paused. Raises BrandSuspended too."""
    campaign, reason = _lock(campaign_id, "staff_resume", reason, by)
    return running.resume(campaign, "staff_resume", by=by, comment=reason)


@transaction.atomic
def staff_cancel(campaign_id: int, *, reason: str, by: User) -> Campaign:
    """End a campaign before its time and release what is not yet frozen at the gateway."""
    campaign, reason = _lock(campaign_id, "staff_cancel", reason, by)
    return running.cancel(campaign, "staff_cancel", by=by, comment=reason)


def _lock(campaign_id: int, name: str, reason: str, by: User) -> tuple[Campaign, str]:
    reason = reasons.clean(reason, readers=_("lo lee la marca"))
    return lock_for_move(campaign_id, name, by=by), reason
