"""Brands, their people and their campaigns, made as the product makes them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import Permission

from campaigns import lifecycle, readiness
from campaigns.models import Brand, Campaign, Membership
from portal.accounts.models import User
from tests.bench.ad_texts import CARRIED

PASSWORD = "una-clave-larga-para-medir"
AREAS: tuple[dict[str, Any], ...] = (
    {"ladas": ["33", "55", "81"]},
    {"states": ["14", "09"]},
    {"nationwide": True},
    {"ladas": ["222", "664", "998", "999"]},
)


class NotInReview(Exception):
    """Campaigns of the bench were not held."""


class Team(NamedTuple):
    """A brand, and an editor of it."""

    brand: Brand
    editor: User


def teams(count: int) -> list[Team]:
    return [_team(number) for number in range(1, count + 1)]


def _team(number: int) -> Team:
    brand = Brand.objects.create(name=f"Tienda {number}", slug=f"tienda-{number}")
    editor = User.objects.create_user(f"edicion@tienda-{number}.mx", PASSWORD)
    Membership.objects.create(brand=brand, user=editor, role=Membership.Role.EDITOR)
    return Team(brand, editor)


def reviewer() -> User:
    user = User.objects.create_user("revision@telefonica.mx", PASSWORD, is_staff=True)
    codes = ["review_campaign", "view_campaign", "view_adorder", "change_adorder"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


def terms(number: int) -> dict[str, Any]:
    """Return the terms of the n-th campaign: a week, from day to day and from area to area."""
    first = readiness.first_possible_day() + timedelta(number % 60)
    return {
        "name": f"Campaña {number + 1}",
        "text": CARRIED[number % len(CARRIED)],
        "area": AREAS[number % len(AREAS)],
        "starts_on": first,
        "ends_on": first + timedelta(6),
        "volume": 50_000 + 1_000 * (number % 50),
    }


def drafts(team: Team, numbers: Iterable[int]) -> list[Campaign]:
    return [lifecycle.draft(team.brand.pk, terms(number), by=team.editor) for number in numbers]


def in_review(all_teams: Sequence[Team], count: int) -> list[Campaign]:
    """Create campaigns in review, with their inventory held, for the brands in turn.

    Raises NotInReview where inventory is short."""
    ids = []
    for number in range(count):
        team = all_teams[number % len(all_teams)]
        [draft] = drafts(team, [number])
        ids.append(lifecycle.submit(draft.pk, by=team.editor).pk)
    lifecycle.hold_submitted()
    waiting = Campaign.objects.filter(pk__in=ids, status=Campaign.Status.IN_REVIEW)
    if waiting.count() < count:
        raise NotInReview(f"only {waiting.count()} of {count} campaigns were held")
    return list(waiting.order_by("id"))
