"""Descriptions that operations of campaigns share."""

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from drf_spectacular.utils import PolymorphicProxySerializer

from campaigns.api.serializers import CampaignSerializer, DryRunSerializer
from core.api.schema import IF_MATCH, operation

SubmitResultSerializer = PolymorphicProxySerializer(
    component_name="Submitted",
    serializers=[CampaignSerializer, DryRunSerializer],
    resource_type_field_name=None,
)


def move_operation(summary: str | Promise, *refusals: str, **options: Any) -> Callable[..., Any]:
    """Describe a move of a campaign, which its status may not allow."""
    return operation(
        summary,
        response=CampaignSerializer,
        headers=(IF_MATCH,),
        refusals=("WRONG_STATUS", *refusals),
        **options,
    )
