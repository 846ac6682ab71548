"""A draft from what a program sends, as one campaign or as one of many."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction

from campaigns import lifecycle, references
from campaigns.api.brands import choose_brand
from campaigns.api.terms import NewCampaignSerializer
from campaigns.models import Brand, Campaign


@transaction.atomic
def create(data: Any, *, editable: Iterable[Brand], by: User, **context: Any) -> Campaign:
    """Create a draft, whole or not at all; `editable` are the brands that the caller may edit.

    Raises ValidationError, ApiError, or as `lifecycle.draft` and `references.change` do.
    """
    serializer = NewCampaignSerializer(data=data, context=context)
    serializer.is_valid(raise_exception=True)
    brand = choose_brand(serializer.validated_data.get("brand"), editable, by=by)
    campaign = lifecycle.draft(brand.pk, serializer.terms(), by=by)
    if noted := serializer.references():
        references.change(campaign.pk, **noted, by=by)
    return campaign
