"""What staff do to a campaign outside of a review: its form, and its execution by `lifecycle`."""

from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractUser as User
from django.http import QueryDict
from django.utils.translation import gettext as _

from campaigns import lifecycle, review
from campaigns.errors import CampaignError
from campaigns.models import Campaign
from campaigns.models.brand import MAX_REASON_LENGTH
from campaigns.moves import STAFF_MOVES, staff_moves


class UnknownMove(CampaignError):
    """The form was submitted without one of its buttons."""

    code = "unknown_move"

    def __init__(self) -> None:
        super().__init__(_("Elige qué hacer con ella: recarga la página."))


class StaffMove(NamedTuple):
    """The submitted form: which move, and its reason; displayed again if it is refused."""

    name: str = ""
    reason: str = ""


def from_form(data: QueryDict) -> StaffMove:
    """Return the submitted move. Never raises: `execute` refuses what is missing."""
    return StaffMove(data.get("move", ""), data.get("reason", "").replace("\0", ""))


def execute(campaign_id: int, entered: StaffMove, *, by: User) -> str:
    """Make a move and return a message in Spanish on what was done. Raises CampaignError."""
    move = next((each for each in STAFF_MOVES if each.name == entered.name), None)
    if move is None:
        raise UnknownMove
    campaign = getattr(lifecycle, move.name)(campaign_id, reason=entered.reason, by=by)
    return str(move.staff_done).format(
        campaign=_("{folio}, «{name}»").format(folio=campaign.folio, name=campaign.name)
    )


def context(campaign: Campaign, user: User, entered: StaffMove | None) -> dict[str, Any]:
    """Return the moves that the user may make of a campaign, with what was entered before."""
    may_act = review.may_review(user) and not campaign.brand.has_member(user)
    found = staff_moves(campaign.status, paused_by=campaign.paused_by) if may_act else []
    return {
        "staff_moves": [m for m in found if campaign.brand.active or not m.needs_active_brand],
        "entered_move": entered or StaffMove(),
        "longest_reason": MAX_REASON_LENGTH,
    }
