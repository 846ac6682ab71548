"""Unsent decisions of a reviewer, kept in the session while they do something else.

The page has one form: sending a message, and going to the next campaign, also submit what is
entered for the decision, so that it is not lost, with a script or without.
"""

from django.http import HttpRequest

from campaigns.admin.decision import Decision
from campaigns.models import Campaign

SESSION_KEY = "decisions"
FIELDS = ("reasons", "comment", "message", "agreed")
MAX_DRAFTS = 20  # campaigns; the oldest is dropped


def save(request: HttpRequest, campaign: Campaign, entered: Decision) -> None:
    """Save what is entered; delete the draft where nothing is."""
    drafts = request.session.get(SESSION_KEY, {})
    drafts.pop(str(campaign.pk), None)
    if draft := {field: value for field in FIELDS if (value := getattr(entered, field))}:
        drafts[str(campaign.pk)] = draft
    if drafts or SESSION_KEY in request.session:
        request.session[SESSION_KEY] = dict(list(drafts.items())[-MAX_DRAFTS:])


def load(request: HttpRequest, campaign: Campaign) -> Decision | None:
    """Return the draft for a campaign, or None."""
    draft = request.session.get(SESSION_KEY, {}).get(str(campaign.pk))
    return Decision(**draft | {"reasons": tuple(draft.get("reasons", ()))}) if draft else None


def delete(request: HttpRequest, campaign: Campaign) -> None:
    """Delete the draft: it was decided, or displayed once after another reviewer decided."""
    save(request, campaign, Decision())
