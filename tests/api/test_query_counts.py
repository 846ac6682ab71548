"""Lists and details need as many database queries for three rows as for sixty."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns import saved_zones
from campaigns.api.notices import NoticeViewSet
from campaigns.api.saved_zones import SavedZoneViewSet
from campaigns.api.short_links import ShortLinkViewSet
from campaigns.models import (
    AdOrder,
    Campaign,
    Event,
    Link,
    LinkHour,
    Notice,
    SavedZone,
    Version,
    WaitingListEntry,
    WebhookDelivery,
)
from campaigns.results.counts import Counts
from campaigns.webhooks import subscriptions
from portal.accounts.models import User
from portal.api_docs import description
from segments.areas import Area
from tests import statuses
from tests.api.conftest import V1
from tests.counts import at
from tests.counts import count as count_notifications
from tests.results import put_counts

FEW, MANY = 3, 60
CAMPAIGN_QUERIES = {
    "newest": "",
    "oldest": "order=oldest",
    "by name": "order=name",
    "by change": "order=savedAt",
    "text": "q=Campa",
    "status": "status=in_review",
    "brand": "brand=tienda",
    "runs from": "runsFrom=2020-01-01",
    "runs until": "runsUntil=2099-01-01",
    "all at once": "q=Campa&status=in_review&brand=tienda&runsFrom=2020-01-01&order=savedAt",
}


@pytest.fixture
def grow(program, brand, owner, editor, campaign_in_review, monkeypatch):
    """Return a function that creates rows of everything until there are the given number.

    All campaigns have a link, a reservation, a waiting list entry and an order, whose counts are
    zero; events, versions and clicks are those of the first one.
    """
    monkeypatch.setattr(subscriptions, "MAX_WEBHOOKS", MANY + 10)
    hook = subscriptions.create(brand.pk, "https://agencia-eventos.com/", [], by=owner)
    Link.objects.get_or_create_for(campaign_in_review)
    Link.objects.update(created_at=timezone.now() - timedelta(days=MANY + 2))
    first = Campaign.objects.get()
    AdOrder.objects.create(campaign=first, generation=1, acknowledged_generation=1)
    numbers = count(1)
    account = User.objects.get(email__endswith="@programas.invalid")

    def add_row():
        number = next(numbers)
        campaign = Campaign.objects.create(
            **{name: getattr(first, name) for name in Campaign.TERMS}
            | {"name": f"Campaña {number}"},
            brand=brand,
            created_by=owner if number % 2 else editor,
            status=Campaign.Status.IN_REVIEW,
            version_number=1,
            reservation_id=first.reservation_id,
        )
        statuses.put(campaign.pk, campaign.status)
        Link.objects.get_or_create_for(campaign)
        WaitingListEntry.objects.create(campaign=campaign, requested_by=owner)
        AdOrder.objects.create(campaign=campaign, generation=1, acknowledged_generation=1)
        put_counts(campaign, {(at(campaign.starts_on, 10), "55"): Counts(40, 30, 5, 1)})
        count_notifications(campaign, 0)
        day = first.starts_on + timedelta(number)
        put_counts(first, {(at(day, 10), "55"): Counts(40, 30, 5, 1)})
        event = Event.objects.create(
            campaign=first,
            by=campaign.created_by,
            move="submit",
            from_status=Campaign.Status.DRAFT,
            to_status=Campaign.Status.IN_REVIEW,
            version_number=number,
        )
        Notice.objects.create(user=account, brand=brand, event=event)
        Version.objects.create(
            **{name: getattr(first, name) for name in Campaign.TERMS},
            campaign=first,
            number=number + 1,
            ladas=["33", "55"],
            sent_by=campaign.created_by,
        )
        saved_zones.create(brand.pk, f"Zona {number}", Area(ladas=frozenset({"55"})), by=owner)
        subscriptions.create(brand.pk, f"https://agencia-{number}.com/", [], by=owner)
        WebhookDelivery.objects.update(due_at=None, delivered_at=timezone.now())
        subscriptions.send_test(hook.pk, by=owner)
        hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=number)
        LinkHour.objects.create(link=first.link, hour=hour, kind="people", count=number)

    def grow(rows):
        while Campaign.objects.count() < rows:
            add_row()

    return grow


def read_paths():
    """Return the path of every list and detail by name. Pages have the largest size."""
    campaign = Campaign.objects.earliest("id")
    path = f"/campaigns/{campaign.folio}"
    link = f"/short-links/{campaign.link.code}"
    delivery = WebhookDelivery.objects.earliest("id")
    hook = f"/webhooks/{delivery.webhook_id}"
    zone = f"/saved-zones/{campaign.brand.saved_zones.earliest('id').pk}"
    lists = {
        f"campaigns, {name}": f"/campaigns?{query}" for name, query in CAMPAIGN_QUERIES.items()
    } | {
        "history": f"{path}/history",
        "versions": f"{path}/versions",
        "results": f"{path}/results",
        "results of all": f"/results?fromDay={campaign.starts_on}&untilDay={campaign.starts_on}",
        "saved zones": "/saved-zones",
        "short links": "/short-links",
        "hours of a link": f"{link}/hours",
        "days of a link": f"{link}/days",
        "notices": "/notices",
        "notices unread": "/notices?unread=true",
        "brands": "/brands",
        "webhooks": "/webhooks",
        "deliveries": f"{hook}/deliveries",
    }
    rows = {name: f"{path}{'&' if '?' in path else '?'}perPage=100" for name, path in lists.items()}
    return (
        rows
        | {"a campaign": path, "a link": link, "a saved zone": zone}
        | {
            "a webhook": hook,
            "a delivery": f"{hook}/deliveries/{delivery.pk}",
        }
    )


def count_queries(program, path):
    """Return the numbers of queries and of items of a second request, when caches are warm."""
    program.get(path)
    with CaptureQueriesContext(connection) as captured:
        response = program.get(path)
    assert response.status_code == 200, response.content
    return len(captured), len(response.json().get("items", [None]))


def count_all(program):
    return {name: count_queries(program, path) for name, path in read_paths().items()}


def growing(few, many):
    """Return what needs more queries for more rows."""
    return {name: (few[name][0], many[name][0]) for name in few if few[name][0] != many[name][0]}


def test_more_rows_need_no_more_queries(program, grow):
    grow(FEW)
    few = count_all(program)
    grow(MANY)
    many = count_all(program)

    assert growing(few, many) == {}
    single = {"brands", *(name for name in few if name.startswith("a "))}
    for name in few.keys() - single:
        assert 2 <= few[name][1] <= FEW + 2, name
        assert MANY - 1 <= many[name][1] <= MANY + 2, name


@pytest.mark.parametrize("place", ["ladas", "zones", "states"])
@pytest.mark.parametrize("query", ["", "&q=a", "&state=09"])
def test_longer_pages_of_the_catalogue_need_no_more_queries(program, place, query):
    if place == "states" and "state" in query:
        query = ""
    few, rows = count_queries(program, f"/{place}?perPage=2{query}")
    many, more = count_queries(program, f"/{place}?perPage=60{query}")

    assert query or rows == 2 < more
    assert many == few


def test_every_list_and_read_of_the_description_is_counted(grow):
    grow(FEW)
    paths = [path.partition("?")[0] for path in read_paths().values()]
    known = {_template(path) for path in paths}
    known |= {f"/{place}{one}" for place in ("ladas", "zones", "states") for one in ("", "/{}")}

    described = description.document()["paths"]
    assert {
        _template(path.removeprefix(V1)) for path in described if "get" in described[path]
    } <= known


def _template(path):
    """Replace the keys in a path, every second part, by {}."""
    parts = path.split("/")
    return "/".join("{}" if index in (2, 4) else part for index, part in enumerate(parts))


@pytest.mark.parametrize(
    ("viewset", "model", "path"),
    [
        (ShortLinkViewSet, Link, "/short-links"),
        (NoticeViewSet, Notice, "/notices"),
        (SavedZoneViewSet, SavedZone, "/saved-zones"),
    ],
)
def test_the_count_finds_queries_for_each_row(program, grow, monkeypatch, viewset, model, path):
    """The negative control: querysets without prefetching."""
    monkeypatch.setattr(viewset, "get_queryset", lambda _view: model.objects.all())
    grow(FEW)
    few, _rows = count_queries(program, path)
    grow(FEW + 5)
    many, _rows = count_queries(program, path)

    assert many >= few + 5
