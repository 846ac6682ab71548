"""What a reviewer reads: the queue, and what stands behind one decision."""

from django.contrib.auth.models import AbstractUser as User
from django.db.models import Q, QuerySet

from campaigns import ad_text, differences
from campaigns.differences import Difference
from campaigns.models import Campaign, Reason, Version


def waiting() -> QuerySet[Campaign]:
    """The campaigns to decide on, the one that airs first at the top."""
    return (
        Campaign.objects.filter(status=Campaign.Status.IN_REVIEW)
        .select_related("brand", "reservation")
        .order_by("starts_on", "status_at", "id")
    )


def next_after(campaign: Campaign, user: User) -> Campaign | None:
    """Give the one that a person decides after this one: the next in the queue, else its first.

    Campaigns of their own brands are left to others.
    """
    queue = waiting().exclude(pk=campaign.pk).exclude(brand__memberships__user_id=user.pk)
    if campaign.starts_on is None:
        return queue.first()
    later = queue.filter(
        Q(starts_on__gt=campaign.starts_on)
        | Q(starts_on=campaign.starts_on, status_at__gt=campaign.status_at)
        | Q(starts_on=campaign.starts_on, status_at=campaign.status_at, id__gt=campaign.pk)
    )
    return later.first() or queue.first()


def may_review(user: User) -> bool:
    return user.has_perm("campaigns.review_campaign")


def reason_labels(keys: list[str]) -> list[str]:
    """Give the words of chosen reasons, in their order; unknown keys are left out."""
    numbers = [int(key) for key in keys if key.isdecimal()]
    return list(Reason.objects.filter(pk__in=numbers, active=True).values_list("label", flat=True))


def changes(version: Version) -> list[Difference]:
    """Say what a version changed of the one before it; nothing for the first."""
    before = version.campaign.versions.filter(number=version.number - 1).first()
    return differences.between(before, version) if before else []


def advice(version: Version) -> list[str]:
    """Say what the channel carries but a careful reader would ask about."""
    return [line.message for line in ad_text.advice(version.text)]
