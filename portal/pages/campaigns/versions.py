"""The versions of a campaign, and the differences between any two."""

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


class ComparedTerms(NamedTuple):
    """A version, or the current draft, that can be compared with another."""

    key: str
    label: str
    terms: OrderTerms


class VersionOutcome(NamedTuple):
    """A version and the label of the move that closed it; empty while none has."""

    version: Version
    verdict: str | Promise


def context(campaign: Campaign, query: QueryDict) -> dict[str, Any]:
    """Return the versions, and the comparison of those that `de` and `a` name, or the last two."""
    versions = list(campaign.versions.select_related("sent_by"))
    choices = _choices(campaign, versions)
    found: dict[str, Any] = {"versions": _outcomes(campaign, versions), "choices": choices}
    if len(choices) < 2:
        return found
    by_key = {choice.key: choice for choice in choices}
    before = by_key.get(query.get("de", ""), choices[1])
    after = by_key.get(query.get("a", ""), choices[0])
    return found | {
        "before": before,
        "after": after,
        "compared": "de" in query or "a" in query,
        "differences": differences.between(before.terms, after.terms),
    }


def _choices(campaign: Campaign, versions: list[Version]) -> list[ComparedTerms]:
    """Return what can be compared, newest first: the draft too, if it differs from the latest."""
    choices = [
        ComparedTerms(
            str(version.number),
            _("Versión {n}, del {at}").format(
                n=version.number, at=date_format(localtime(version.sent_at), _("j b, H:i"))
            ),
            version,
        )
        for version in versions
    ]
    if versions and campaign.editable and differences.between(versions[0], campaign):
        choices.insert(0, ComparedTerms(DRAFT, _("Borrador de ahora"), campaign))
    return choices


def _outcomes(campaign: Campaign, versions: list[Version]) -> list[VersionOutcome]:
    events = campaign.events.filter(move__in=CLOSING_MOVES).order_by("id")
    closed_by = dict(events.values_list("version_number", "move"))
    labels = {number: MOVES[move].label for number, move in closed_by.items()}
    return [VersionOutcome(version, labels.get(version.number, "")) for version in versions]
