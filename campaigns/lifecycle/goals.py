"""Goals that are reached: whose ad was inserted in as many notifications as were contracted.

Counts are looked up by the ids of orders, which were read before: the tables of counts are joined
to no other.
"""

from campaigns.models import Campaign, OrderCount
from campaigns.models.campaign import CampaignQuerySet
from campaigns.moves import Status

AIRED = (Status.LIVE, Status.PAUSED)  # late counts may reach the goal of a paused campaign


def campaigns_at_goal(rows: CampaignQuerySet) -> list[int]:
    """Return the ids of those, live and paused, that have reached their goal. Two queries."""
    return _at_goal(rows.filter(status__in=AIRED))


def is_at_goal(campaign: Campaign) -> bool:
    """Return whether a live or paused campaign has reached its goal."""
    rows = Campaign.objects.filter(pk=campaign.pk)
    return campaign.status in AIRED and bool(_at_goal(rows))


def _at_goal(rows: CampaignQuerySet) -> list[int]:
    """Return the ids of those whose reserved quantity is inserted, at risk or not.

    The quantity and not the order's goal: what has no place for now may still get one.
    """
    found = rows.filter(ad_order__isnull=False).order_by("id")
    goals = {
        order_id: (pk, quantity)
        for order_id, pk, quantity in found.values_list(
            "ad_order__id", "pk", "reservation__quantity"
        )
    }
    counts = OrderCount.objects.filter(ad_order__in=goals).values_list("ad_order", "inserted")
    inserted = dict(counts)
    return [pk for order_id, (pk, goal) in goals.items() if inserted.get(order_id, 0) >= goal > 0]
