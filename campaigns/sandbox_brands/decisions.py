"""The reviewer of a sandbox brand: its own program decides, as staff would."""

from collections.abc import Sequence

from django.contrib.auth.models import AbstractUser as User
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from campaigns import lifecycle
from campaigns.models import Campaign
from campaigns.sandbox_brands import brand as sandbox
from campaigns.sandbox_brands import clock


class Decision(models.TextChoices):
    """The values are part of the public API."""

    APPROVE = "approve", _("Aprobar")
    REQUEST_CHANGES = "request_changes", _("Pedir cambios")
    REJECT = "reject", _("Rechazar")


@transaction.atomic
def decide(
    campaign_id: int,
    decision: Decision,
    *,
    by: User,
    reasons: Sequence[str] = (),
    comment: str = "",
) -> Campaign:
    """Decide on the latest version of a sandbox's campaign; what is approved is scheduled at once.

    Raises NotAllowed, SandboxOnly, WrongStatus, ReasonNeeded, BadComment or HoldExpired.
    """
    campaign = Campaign.objects.select_related("brand").get(pk=campaign_id)
    sandbox.require(campaign.brand, by)
    clock.hold_submitted(sandbox.lock(campaign.brand_id))
    version = campaign.version_number
    if decision == Decision.APPROVE:
        lifecycle.approve(campaign_id, version=version, by=by, comment=comment)
        lifecycle.schedule(campaign_id)
    else:
        move = {
            Decision.REQUEST_CHANGES: lifecycle.request_changes,
            Decision.REJECT: lifecycle.reject,
        }[decision]
        move(campaign_id, version=version, reasons=list(reasons), by=by, comment=comment)
    return Campaign.objects.get(pk=campaign_id)
