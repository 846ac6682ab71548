"""Where a person begins: what their brand has to do, what runs, what the next days bring."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from campaigns import ad_text, conversation
from campaigns.models import Campaign, Event
from core import charts
from inventory import occupancy
from inventory.occupancy import Promised
from portal.accounts import access
from portal.pages import channel_state
from portal.pages.campaigns import timeline
from portal.pages.wizard import planned_days

Status = Campaign.Status

DAYS = 14  # ahead
SHOWN = 5  # of each kind of thing to do
RUNNING_SHOWN = 12


class Task(NamedTuple):
    """Something that waits for the brand, and what it reads there."""

    kind: str
    campaign: Campaign
    word: Event | None = None  # the reviewer's
    unread: bool = False


class Running(NamedTuple):
    """A campaign under way: what of it has a place, is for today, and has none (notifications)."""

    campaign: Campaign
    planned: int
    today: int
    at_risk: int


class Step(NamedTuple):
    """One of a new brand's first steps."""

    told: str | Promise
    done: bool


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Go where the person works: their brand, the reviewers' desk, or a word of explanation."""
    brand = access.home_brand(request)
    if brand:
        return redirect("portal:brand_home", slug=brand.slug)
    if request.user.is_staff:
        return redirect("admin:index")
    if waiting := access.waiting_brand(request):
        return render(request, "brands/application_waiting.html", {"waiting": waiting})
    if discarded := access.discarded_brand(request):
        return redirect("portal:application", pk=discarded.pk)
    return render(request, "home/no_brand.html")


@login_required
@require_safe
def brand_home(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a brand has to do, what runs and what comes."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    rows = Campaign.objects.filter(brand=brand).select_related("reservation", "brand")
    promised = _promised(rows)
    context = {
        "brand": brand,
        "nav": "start",
        "limit": settings.AD_TEXT_LIMIT,
        "may_edit": brand.may_edit(request.user),
        **_tasks(rows),
        **_running(rows, promised),
        "next_days": _next_days(promised) | {"count": DAYS},
        "steps": _first_steps(rows),
        "channel": channel_state.state(),
    }
    return render(request, "home/brand_home.html", context)


def _tasks(rows: Any) -> dict[str, Any]:
    """Give what waits for the brand, the most urgent first, and how many more there are."""
    waits = list(
        rows.filter(status__in=[Status.CHANGES_REQUESTED, Status.NO_INVENTORY])
        .prefetch_related(timeline.OPEN_PLACES)
        .order_by("status_at")
    )
    offers = [c for c in waits if c.open_places and c.open_places[0].offered_at and c.standing_hold]
    in_line = [c for c in waits if c.open_places and not c.open_places[0].offered_at]
    changes = [c for c in waits if c.status == Status.CHANGES_REQUESTED]
    short = [c for c in waits if c not in offers and c not in in_line and c not in changes]
    sent = rows.filter(version_number__gt=0)
    unread = conversation.with_unread(sent.values("pk"), conversation.Side.BRAND)
    told = {campaign.pk for campaign in [*offers, *changes, *short]}
    letters = sent.filter(pk__in=unread - told)
    words = _last_words(changes[:SHOWN])
    tasks = [
        *(Task("offer", c, None, c.pk in unread) for c in offers[:SHOWN]),
        *(Task("changes", c, words.get(c.pk), c.pk in unread) for c in changes[:SHOWN]),
        *(Task("message", c) for c in letters[:SHOWN]),
        *(Task("short", c, None, c.pk in unread) for c in short[:SHOWN]),
    ]
    drafts = rows.filter(status=Status.DRAFT).order_by("-saved_at")
    return {
        "tasks": tasks,
        "more_tasks": len(told | unread) - len(tasks),
        "in_line": len(in_line),
        "drafts": drafts[:SHOWN],
        "draft_count": drafts.count(),
    }


def _last_words(campaigns: Sequence[Campaign]) -> dict[int, Event]:
    """Give the last request for changes of each campaign."""
    events = Event.objects.filter(
        campaign__in=[campaign.pk for campaign in campaigns], move="request_changes"
    )
    return {event.campaign_id: event for event in events.order_by("id")}


def _promised(rows: Any) -> Promised:
    """Give what the brand's campaigns have planned for the days to come."""
    today = timezone.localdate()
    folios = rows.filter(reservation__isnull=False).exclude(status__in=Campaign.ENDED)
    return occupancy.promised(
        folios.values_list("folio", flat=True), today, today + timedelta(DAYS - 1)
    )


def _running(rows: Any, promised: Promised) -> dict[str, Any]:
    under_way = rows.filter(status__in=Campaign.ORDERED).order_by("starts_on", "id")
    shown = under_way.select_related("reservation__allocation", "ad_order")
    shown = shown.defer("reservation__allocation__quantities", "reservation__daily_ceilings")
    today = timezone.localdate()
    lines = []
    for campaign in shown[:RUNNING_SHOWN]:
        at_risk = campaign.reservation.allocation.at_risk
        _held, for_today = promised.get(campaign.folio, {}).get(today, (0, 0))
        lines.append(Running(campaign, campaign.reservation.quantity - at_risk, for_today, at_risk))
    return {"running": lines, "more_running": under_way.count() - len(lines)}


def _next_days(promised: Promised) -> dict[str, Any]:
    """Add up what is planned for the days to come: chart, sentence, sums."""
    today = timezone.localdate()
    held, booked = (
        {
            day: sum(of.get(day, (0, 0))[kind] for of in promised.values())
            for day in (today + timedelta(number) for number in range(DAYS))
        }
        for kind in (0, 1)
    )
    totals = {day: held[day] + booked[day] for day in held}
    if not any(totals.values()):
        return {}
    return {
        "chart": charts.by_day(
            {day: [("planned", booked[day]), ("held", held[day])] for day in totals}
        ),
        "told": planned_days.in_words({day: total for day, total in totals.items() if total}),
        "days": totals,
        "total": sum(totals.values()),
        "both": any(held.values()),
    }


def _first_steps(rows: Any) -> list[Step]:
    """Give what a new brand has done and has still to do; nothing once one was approved."""
    if Event.objects.filter(campaign__in=rows.values("pk"), move="approve").exists():
        return []
    some = list(rows.order_by("-version_number", "-id")[:SHOWN])
    limit = settings.AD_TEXT_LIMIT
    return [
        Step(gettext_lazy("Crea tu primera campaña"), bool(some)),
        Step(
            gettext_lazy("Escribe un texto que el canal acepte"),
            any(not ad_text.check(campaign.text, limit=limit) for campaign in some),
        ),
        Step(
            gettext_lazy("Elige dónde, cuándo y cuántas notificaciones"),
            any(c.area and c.starts_on and c.ends_on and c.volume for c in some),
        ),
        Step(gettext_lazy("Envíala a revisión"), any(campaign.version_number for campaign in some)),
        Step(gettext_lazy("Espera a que la aprueben: te avisamos"), False),
    ]
