"""The review queue, and what a reviewer reads of one campaign."""

from django.contrib.auth.models import AbstractUser as User
from django.db.models import Q, QuerySet

from campaigns import ad_text, differences
from campaigns.differences import Difference
from campaigns.models import Campaign, Reason, Version


def waiting() -> QuerySet[Campaign]:
    """Return the campaigns in review, the one that airs first at the top."""
    return (
        Campaign.objects.of_channel()
        .filter(status=Campaign.Status.IN_REVIEW)
        .select_related("brand", "reservation")
        .order_by("starts_on", "status_at", "id")
    )


def next_after(campaign: Campaign, user: User) -> Campaign | None:
    """Return the next campaign of the queue for a reviewer, or its first after the last.

    Campaigns of their own brands are left out, as others have to decide on them.
    """
    queue = waiting().exclude(pk=campaign.pk).exclude(brand__memberships__user_id=user.pk)
    if campaign.starts_on is None:
        return queue.first()
    rest = queue.filter(
        Q(starts_on__gt=campaign.starts_on)
        | Q(starts_on=campaign.starts_on, status_at__gt=campaign.status_at)
        | Q(starts_on=campaign.starts_on, status_at=campaign.status_at, id__gt=campaign.pk)
    )
    return rest.first() or queue.first()


def may_review(user: User) -> bool:
    """Return whether a person may review campaigns of brands that are not theirs."""
    return user.has_perm("campaigns.review_campaign")


def reason_labels(keys: list[str]) -> list[str]:
    """Return the labels of active reasons in their order; unknown keys are left out."""
    numbers = [int(key) for key in keys if key.isdecimal()]
    return list(Reason.objects.filter(pk__in=numbers, active=True).values_list("label", flat=True))


def changes(version: Version) -> list[Difference]:
    """Return what a version changed of the one before it; nothing for the first."""
    before = version.campaign.versions.filter(number=version.number - 1).first()
    return differences.between(before, version) if before else []


def advice(version: Version) -> list[str]:
    """Return messages about what the channel accepts but a reviewer should look at."""
    return [advised.message for advised in ad_text.advice(version.text)]
