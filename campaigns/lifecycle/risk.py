"""What a brand is told when a cut of capacity takes the place of a part of its campaign."""

from campaigns import notices
from campaigns.lifecycle.transitions import process_each, record
from campaigns.models import Campaign
from campaigns.moves import MOVES


def report_risk() -> int:
    """Notify brands of each worsening of a campaign under way; return how many campaigns changed.

    The number that the brand has read of is kept beside the campaign, so a worsening is reported
    once, and less at risk is not reported at all. Safe to repeat.
    """
    rows = Campaign.objects.with_unreported_risk().order_by("id")
    return process_each(rows.values_list("id", flat=True), _report)


def _report(campaign: Campaign) -> bool:
    now, before = campaign.at_risk, campaign.reported_risk
    if campaign.status not in MOVES["lose_place"].sources or now == before:
        return False
    campaign.reported_risk = now
    campaign.save(update_fields=["reported_risk"])
    if now > before:
        note = notices.risk_note(campaign)
        record(campaign, "lose_place", by=None, from_status=campaign.status, comment=note)
    return True
