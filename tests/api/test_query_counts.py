"""What is read asks the database as often with three rows as with sixty."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns import saved_zones
from campaigns.api.notices import Notices
from campaigns.api.saved_zones import SavedZones
from campaigns.api.short_links import ShortLinks
from campaigns.models import (
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
from campaigns.webhooks import subscriptions
from portal.accounts.models import User
from portal.api_docs import description
from segments.areas import Area
from tests.api.conftest import V1

FEW, MANY = 3, 60
OF_CAMPAIGNS = {
    "newest": "",
    "oldest": "order=oldest",
    "by name": "order=name",
    "by change": "order=savedAt",
    "words": "q=Campa",
    "status": "status=in_review",
    "brand": "brand=tienda",
    "runs from": "runsFrom=2020-01-01",
    "runs until": "runsUntil=2099-01-01",
    "all at once": "q=Campa&status=in_review&brand=tienda&runsFrom=2020-01-01&order=savedAt",
}


@pytest.fixture
def grow(program, brand, owner, editor, campaign_in_review, monkeypatch):
    """Give a function that makes as many rows of everything as it is told, counting what is there.

    All campaigns have a link, a reservation and a place in line; what happened, was sent and
    was clicked is that of the first one.
    """
    monkeypatch.setattr(subscriptions, "MOST", MANY + 10)
    hook = subscriptions.create(brand.pk, "https://agencia-eventos.com/", [], by=owner)
    Link.objects.mint(campaign_in_review)
    first = Campaign.objects.get()
    numbers = count(1)
    account = User.objects.get(email__endswith="@programas.invalid")

    def one_more():
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
        Link.objects.mint(campaign)
        WaitingListEntry.objects.create(campaign=campaign, requested_by=owner)
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
        saved_zones.keep(brand.pk, f"Zona {number}", Area(ladas=frozenset({"55"})), by=owner)
        subscriptions.create(brand.pk, f"https://agencia-{number}.com/", [], by=owner)
        WebhookDelivery.objects.update(due_at=None, delivered_at=timezone.now())
        subscriptions.test(hook.pk, by=owner)
        hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=number)
        LinkHour.objects.create(link=first.link, hour=hour, kind="people", count=number)

    def grow(rows):
        while Campaign.objects.count() < rows:
            one_more()

    return grow


def reads():
    """Give every address that is read, by a name; a page is as long as it may be."""
    campaign = Campaign.objects.earliest("id")
    at = f"/campaigns/{campaign.folio}"
    link = f"/short-links/{campaign.link.code}"
    sent = WebhookDelivery.objects.earliest("id")
    hook = f"/webhooks/{sent.webhook_id}"
    zone = f"/saved-zones/{campaign.brand.saved_zones.earliest('id').pk}"
    lists = {f"campaigns, {name}": f"/campaigns?{sent}" for name, sent in OF_CAMPAIGNS.items()} | {
        "history": f"{at}/history",
        "versions": f"{at}/versions",
        "saved zones": "/saved-zones",
        "short links": "/short-links",
        "hours of a link": f"{link}/hours",
        "notices": "/notices",
        "notices unread": "/notices?unread=true",
        "brands": "/brands",
        "webhooks": "/webhooks",
        "deliveries": f"{hook}/deliveries",
    }
    rows = {name: f"{path}{'&' if '?' in path else '?'}perPage=100" for name, path in lists.items()}
    return (
        rows
        | {"a campaign": at, "a link": link, "a saved zone": zone}
        | {
            "a webhook": hook,
            "a delivery": f"{hook}/deliveries/{sent.pk}",
        }
    )


def queries(program, path):
    """Read twice; count the second: what is remembered for good has been by then."""
    program.get(path)
    with CaptureQueriesContext(connection) as asked:
        answer = program.get(path)
    assert answer.status_code == 200, answer.content
    return len(asked), len(answer.json().get("items", [None]))


def counted(program):
    return {name: queries(program, path) for name, path in reads().items()}


def grown(few, many):
    """Give what asks more often with more rows."""
    return {name: (few[name][0], many[name][0]) for name in few if few[name][0] != many[name][0]}


def test_more_rows_are_read_with_as_many_queries(program, grow):
    grow(FEW)
    few = counted(program)
    grow(MANY)
    many = counted(program)

    assert grown(few, many) == {}
    single = {"brands", *(name for name in few if name.startswith("a "))}
    for name in few.keys() - single:
        assert 2 <= few[name][1] <= FEW + 2, name
        assert MANY - 1 <= many[name][1] <= MANY + 2, name


@pytest.mark.parametrize("place", ["ladas", "zones", "states"])
@pytest.mark.parametrize("sent", ["", "&q=a", "&state=09"])
def test_longer_pages_of_the_catalogue_are_read_with_as_many_queries(program, place, sent):
    if place == "states" and "state" in sent:
        sent = ""
    few, rows = queries(program, f"/{place}?perPage=2{sent}")
    many, more = queries(program, f"/{place}?perPage=60{sent}")

    assert sent or rows == 2 < more
    assert many == few


def test_every_list_and_read_of_the_description_is_counted(grow):
    grow(FEW)
    paths = [path.partition("?")[0] for path in reads().values()]
    known = {_shape(path) for path in paths}
    known |= {f"/{place}{one}" for place in ("ladas", "zones", "states") for one in ("", "/{}")}

    described = description.document()["paths"]
    assert {
        _shape(path.removeprefix(V1)) for path in described if "get" in described[path]
    } <= known


def _shape(path):
    """Leave out which ones are named: every second part of an address."""
    parts = path.split("/")
    return "/".join("{}" if at in (2, 4) else part for at, part in enumerate(parts))


@pytest.mark.parametrize(
    ("resource", "model", "path"),
    [
        (ShortLinks, Link, "/short-links"),
        (Notices, Notice, "/notices"),
        (SavedZones, SavedZone, "/saved-zones"),
    ],
)
def test_the_count_sees_what_is_read_row_by_row(program, grow, monkeypatch, resource, model, path):
    """The negative control: rows that do not bring along what is shown of them."""
    monkeypatch.setattr(resource, "get_queryset", lambda _view: model.objects.all())
    grow(FEW)
    few, _rows = queries(program, path)
    grow(FEW + 5)
    many, _rows = queries(program, path)

    assert many >= few + 5
