"""Unsent decisions of a reviewer, kept in the session while a message is sent.

The page has one form: sending a message also submits what is entered for the decision, so that
it is not lost, with a script or without.
"""

from django.http import HttpRequest

from campaigns.admin.decision import Decision
from campaigns.models import Campaign

SESSION_KEY = "decisions"
MAX_DRAFTS = 20  # campaigns; the oldest is dropped


def save(request: HttpRequest, campaign: Campaign, entered: Decision) -> None:
    """Save the entered reasons and comment; delete the draft where there are none."""
    drafts = request.session.get(SESSION_KEY, {})
    drafts.pop(str(campaign.pk), None)
    if entered.reasons or entered.comment:
        drafts[str(campaign.pk)] = {"reasons": entered.reasons, "comment": entered.comment}
    if drafts or SESSION_KEY in request.session:
        request.session[SESSION_KEY] = dict(list(drafts.items())[-MAX_DRAFTS:])


def load(request: HttpRequest, campaign: Campaign) -> Decision | None:
    """Return the draft for a campaign, or None."""
    draft = request.session.get(SESSION_KEY, {}).get(str(campaign.pk))
    return Decision(reasons=tuple(draft["reasons"]), comment=draft["comment"]) if draft else None


def delete(request: HttpRequest, campaign: Campaign) -> None:
    """Delete the draft: it was decided, or displayed once after another reviewer decided."""
    save(request, campaign, Decision())
