"""The versions of a campaign, and what is different between any two."""

from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from campaigns import differences
from campaigns.models import Campaign, Version
from campaigns.models.campaign import OrderTerms
from campaigns.moves import MOVES

DRAFT = "borrador"
CLOSING_MOVES = [move.name for move in MOVES.values() if move.closes_version]


class Choice(NamedTuple):
    """A version, or the draft that stands now, as one of two to compare."""

    key: str
    label: str
    terms: OrderTerms


class Sent(NamedTuple):
    """A version and what became of it."""

    version: Version
    verdict: str | Promise


def of(campaign: Campaign, asked: QueryDict) -> dict[str, Any]:
    """Give the versions, and the two that `de` and `a` name; the last two unless they do."""
    sent = list(campaign.versions.select_related("sent_by"))
    choices = _choices(campaign, sent)
    context: dict[str, Any] = {"sent": _with_verdicts(campaign, sent), "choices": choices}
    if len(choices) < 2:
        return context
    known = {choice.key: choice for choice in choices}
    before = known.get(asked.get("de", ""), choices[1])
    after = known.get(asked.get("a", ""), choices[0])
    return context | {
        "before": before,
        "after": after,
        "compared": "de" in asked or "a" in asked,
        "differences": differences.between(before.terms, after.terms),
    }


def _choices(campaign: Campaign, sent: list[Version]) -> list[Choice]:
    """Give what can be compared, newest first: the draft too while it is not what was sent."""
    choices = [
        Choice(
            str(version.number),
            _("Versión {n}, del {at}").format(
                n=version.number, at=date_format(localtime(version.sent_at), "j b, H:i")
            ),
            version,
        )
        for version in sent
    ]
    if sent and campaign.editable and differences.between(sent[0], campaign):
        choices.insert(0, Choice(DRAFT, _("Borrador de ahora"), campaign))
    return choices


def _with_verdicts(campaign: Campaign, sent: list[Version]) -> list[Sent]:
    events = campaign.events.filter(move__in=CLOSING_MOVES).order_by("id")
    verdicts = dict(events.values_list("version_number", "move"))
    return [
        Sent(version, MOVES[move].label if (move := verdicts.get(version.number)) else "")
        for version in sent
    ]
