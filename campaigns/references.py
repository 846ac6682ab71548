"""What an agency notes on a campaign to find it in its own systems; no term of the order.

It may change at any time, without a review and without a revision of the draft.
"""

import re
from collections.abc import Mapping

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns import lifecycle, rights
from campaigns.errors import CampaignError
from campaigns.models import Campaign

MAX_REFERENCE = 80  # characters
MAX_KEYS = 20
MAX_VALUE = 500  # characters
KEY = re.compile(r"[A-Za-z0-9_.-]{1,40}")


class BadMetadata(CampaignError):
    """The metadata has too many keys, or one that cannot be used."""

    code = "bad_metadata"


@transaction.atomic
def change(
    campaign_id: int,
    *,
    external_reference: str | None = None,
    metadata: Mapping[str, str] | None = None,
    by: User,
) -> Campaign:
    """Replace the reference or the metadata of a campaign; None leaves them as they are.

    Raises NotAllowed, BrandSuspended or BadMetadata.
    """
    campaign = lifecycle.lock(campaign_id)
    rights.require_editor(campaign.brand, by)
    if external_reference is not None:
        campaign.external_reference = external_reference.strip()
    if metadata is not None:
        _check(metadata)
        campaign.metadata = dict(metadata)
    campaign.save(update_fields=["external_reference", "metadata"])
    return campaign


def having(
    rows: QuerySet[Campaign], external_reference: str, metadata: Mapping[str, str]
) -> QuerySet[Campaign]:
    """Return the campaigns with a reference, and with some keys of metadata; empty: any."""
    if external_reference:
        rows = rows.filter(external_reference=external_reference)
    if not all(KEY.fullmatch(key) for key in metadata):
        return rows.none()
    return rows.filter(metadata__contains=dict(metadata)) if metadata else rows


def _check(metadata: Mapping[str, str]) -> None:
    """Raise BadMetadata unless all keys can be used."""
    if len(metadata) > MAX_KEYS:
        raise BadMetadata(_("Caben hasta {most} claves en metadata.").format(most=MAX_KEYS))
    if wrong := [key for key in metadata if not KEY.fullmatch(key)]:
        raise BadMetadata(
            _(
                "«{key}» no es una clave de metadata: usa de 1 a 40 letras sin acento, cifras, "
                "punto, guion o guion bajo."
            ).format(key=wrong[0][:40])
        )
