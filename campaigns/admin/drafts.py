"""Decisions that a reviewer has begun to write, kept in the session while something else is sent.

The page has one form: a message takes what is ticked and written for the decision along,
so that neither is lost, with a script or without.
"""

from django.http import HttpRequest

from campaigns.admin.decision import Decision
from campaigns.models import Campaign

KEY = "decisions"
MOST = 20  # campaigns at a time: the oldest gives way


def keep(request: HttpRequest, campaign: Campaign, begun: Decision) -> None:
    """Remember what was ticked and written; nothing where nothing was."""
    drafts = request.session.get(KEY, {})
    drafts.pop(str(campaign.pk), None)
    if begun.reasons or begun.comment:
        drafts[str(campaign.pk)] = {"reasons": begun.reasons, "comment": begun.comment}
    if drafts or KEY in request.session:
        request.session[KEY] = dict(list(drafts.items())[-MOST:])


def kept(request: HttpRequest, campaign: Campaign) -> Decision | None:
    """Give what was begun of a campaign, if there is something."""
    draft = request.session.get(KEY, {}).get(str(campaign.pk))
    return Decision(reasons=tuple(draft["reasons"]), comment=draft["comment"]) if draft else None


def forget(request: HttpRequest, campaign: Campaign) -> None:
    """Drop what was begun: it was decided, or shown once after somebody else decided."""
    keep(request, campaign, Decision())
