"""The home page: what a brand has to do, its running campaigns, and the next days."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from campaigns import ad_text, conversation, text_limit
from campaigns.models import Brand, Campaign, Event
from campaigns.models.waiting_list_entry import OPEN_ENTRIES
from campaigns.reports import delivery, progress
from campaigns.reports.delivery import Delivery
from core import charts
from inventory import occupancy
from inventory.occupancy import ReservedByDay
from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required
from portal.pages import channel_state
from portal.pages.wizard import planned_days

Status = Campaign.Status

DAYS_AHEAD = 14
MAX_TASKS = 5  # of each kind
MAX_RUNNING = 12


class Task(NamedTuple):
    """A campaign that waits for the brand.

    `kind` is "offer", "changes", "message" or "short" (of inventory).
    """

    kind: str
    campaign: Campaign
    request: Event | None = None  # for changes, by the reviewer
    unread: bool = False


class RunningCampaign(NamedTuple):
    """A campaign under way, with its notifications: planned in all, for today, and at risk.

    `delivery` is what was delivered, once it has begun.
    """

    campaign: Campaign
    planned: int
    today: int
    at_risk: int
    delivery: Delivery | None


class FirstStep(NamedTuple):
    """A step of a new brand towards its first approved campaign."""

    label: str | Promise
    done: bool


@login_required
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Redirect to the user's brand or the admin; explain where they have neither."""
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
def brand_home(request: SignedInRequest, slug: str) -> HttpResponse:
    """Display a brand's tasks, its running campaigns and the plan of the next days."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    rows = Campaign.objects.filter(brand=brand).select_related("reservation", "brand")
    today = brand.today()
    planned = _planned(rows, today)
    context = {
        "brand": brand,
        "nav": "start",
        "limit": text_limit.current(),
        "may_edit": brand.may_edit(request.user),
        **_tasks(rows),
        **_running(rows, planned, today),
        **_delivered(brand, today),
        "next_days": _next_days(planned, today) | {"count": DAYS_AHEAD},
        "steps": _first_steps(rows),
        "channel": channel_state.components(),
    }
    return render(request, "home/brand_home.html", context)


def _tasks(rows: QuerySet[Campaign]) -> dict[str, Any]:
    """Return the brand's tasks, the most urgent first, and the number of those left out."""
    blocked = list(
        rows.filter(status__in=[Status.CHANGES_REQUESTED, Status.NO_INVENTORY])
        .prefetch_related(OPEN_ENTRIES)
        .order_by("status_at")
    )
    offers = [
        c for c in blocked if c.open_entries and c.open_entries[0].offered_at and c.current_hold
    ]
    waiting = [c for c in blocked if c.open_entries and not c.open_entries[0].offered_at]
    changes = [c for c in blocked if c.status == Status.CHANGES_REQUESTED]
    short = [c for c in blocked if c not in offers and c not in waiting and c not in changes]
    submitted = rows.filter(version_number__gt=0)
    unread = conversation.campaigns_with_unread(
        submitted.values_list("pk", flat=True), conversation.Side.BRAND
    )
    listed = {campaign.pk for campaign in [*offers, *changes, *short]}
    with_message = submitted.filter(pk__in=unread - listed)
    requests = _last_requests(changes[:MAX_TASKS])
    tasks = [
        *(Task("offer", c, None, c.pk in unread) for c in offers[:MAX_TASKS]),
        *(Task("changes", c, requests.get(c.pk), c.pk in unread) for c in changes[:MAX_TASKS]),
        *(Task("message", c) for c in with_message[:MAX_TASKS]),
        *(Task("short", c, None, c.pk in unread) for c in short[:MAX_TASKS]),
    ]
    drafts = rows.filter(status=Status.DRAFT).order_by("-saved_at")
    return {
        "tasks": tasks,
        "more_tasks": len(listed | unread) - len(tasks),
        "waiting_count": len(waiting),
        "drafts": drafts[:MAX_TASKS],
        "draft_count": drafts.count(),
    }


def _last_requests(campaigns: Sequence[Campaign]) -> dict[int, Event]:
    """Return the last request for changes of each campaign, by its id."""
    events = Event.objects.filter(
        campaign__in=[campaign.pk for campaign in campaigns], move="request_changes"
    )
    return {event.campaign_id: event for event in events.order_by("id")}


def _planned(rows: QuerySet[Campaign], today: date) -> ReservedByDay:
    """Return what the brand's campaigns have planned for DAYS_AHEAD days, from today."""
    folios = rows.filter(reservation__isnull=False).exclude(status__in=Campaign.ENDED)
    return occupancy.reserved_by_day(
        folios.values_list("folio", flat=True), today, today + timedelta(DAYS_AHEAD - 1)
    )


def _running(rows: QuerySet[Campaign], planned: ReservedByDay, today: date) -> dict[str, Any]:
    under_way = rows.filter(status__in=Campaign.ORDERED).order_by("starts_on", "id")
    page = under_way.select_related("reservation__allocation", "ad_order")
    page = page.defer("reservation__allocation__quantities", "reservation__daily_ceilings")
    running = []
    shown = list(page[:MAX_RUNNING])
    deliveries = progress.of_campaigns(shown)
    for campaign in shown:
        assert campaign.reservation is not None  # orders are placed for reserved campaigns
        at_risk = campaign.reservation.allocation.at_risk
        _held, for_today = planned.get(campaign.folio, {}).get(today, (0, 0))
        placed = campaign.reservation.quantity - at_risk
        delivered = deliveries.get(campaign.pk)
        running.append(RunningCampaign(campaign, placed, for_today, at_risk, delivered))
    return {"running": running, "more_running": under_way.count() - len(running)}


def _delivered(brand: Brand, today: date) -> dict[str, int]:
    """Return what was delivered of the brand's campaigns today and yesterday, in whole hours."""
    yesterday = today - timedelta(days=1)
    found = delivery.of_days(brand, [yesterday, today])
    return {"delivered_today": found[today], "delivered_yesterday": found[yesterday]}


def _next_days(planned: ReservedByDay, today: date) -> dict[str, Any]:
    """Return the plan of the next days as a chart, a sentence and sums; {} where it is empty."""
    held, booked = (
        {
            day: sum(days.get(day, (0, 0))[kind] for days in planned.values())
            for day in (today + timedelta(number) for number in range(DAYS_AHEAD))
        }
        for kind in (0, 1)
    )
    totals = {day: held[day] + booked[day] for day in held}
    if not any(totals.values()):
        return {}
    return {
        "chart": charts.daily_chart(
            {day: [("planned", booked[day]), ("held", held[day])] for day in totals}
        ),
        "sentence": planned_days.sentence({day: total for day, total in totals.items() if total}),
        "days": totals,
        "total": sum(totals.values()),
        "legend": any(held.values()),
    }


def _first_steps(rows: QuerySet[Campaign]) -> list[FirstStep]:
    """Return the first steps of a new brand; [] once a campaign of it was approved."""
    if Event.objects.filter(campaign__in=rows.values("pk"), move="approve").exists():
        return []
    newest = list(rows.order_by("-version_number", "-id")[:MAX_TASKS])
    limit = text_limit.current()
    return [
        FirstStep(gettext_lazy("Crea tu primera campaña"), bool(newest)),
        FirstStep(
            gettext_lazy("Escribe un texto que el canal acepte"),
            any(not ad_text.check(campaign.text, limit=limit) for campaign in newest),
        ),
        FirstStep(
            gettext_lazy("Elige dónde, cuándo y cuántas notificaciones"),
            any(c.area and c.starts_on and c.ends_on and c.volume for c in newest),
        ),
        FirstStep(
            gettext_lazy("Envíala a revisión"), any(campaign.version_number for campaign in newest)
        ),
        FirstStep(gettext_lazy("Espera a que la aprueben: te avisamos"), False),
    ]
