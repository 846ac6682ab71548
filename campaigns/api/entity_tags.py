"""The entity tags of campaigns."""

import hashlib
from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer

from campaigns.models import Campaign


def write(campaign: Campaign, data: Mapping[str, Any]) -> str:
    """Return the strong entity tag of a representation: the draft's revision, and two hashes.

    The first is there for what changes without an edit: status, reservation, permissions. The
    second is of the gateway's counts.
    """
    rest = {name: value for name, value in data.items() if name != "delivery"}
    return f'"{campaign.revision}-{_hash(rest)}-{_hash(data["delivery"])}"'


def _hash(data: Any) -> str:
    return hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:20]


def without_counts(etag: str) -> str:
    """Return an entity tag without its part of the counts: these forbid nobody to make a change."""
    return etag.rpartition("-")[0]
