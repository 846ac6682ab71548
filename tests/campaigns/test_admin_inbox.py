from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from campaigns.gateway.events import Stream
from campaigns.models import AdOrder, HourCount, InboxEvent
from campaigns.reports import apply
from tests.campaigns.reports.events import heartbeat, hourly, receive, row

pytestmark = pytest.mark.django_db
LIST = reverse("admin:campaigns_inboxevent_changelist")
POSITIONS = reverse("admin:campaigns_streamposition_changelist")


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def operator(reviewer, client):
    """A person of staff who may see events, signed in."""
    codes = ["view_inboxevent", "view_streamposition"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    client.force_login(reviewer)
    return reviewer


@pytest.fixture
def stranger_order(approved):
    """The id of an order that the portal does not have; an event that names it was set aside."""
    order = uuid4()
    receive(hourly([row(order)]), hourly([], 4), heartbeat({Stream.HOURLY_COUNTS: 5}))
    apply.apply_due()
    return order


def action(client, event):
    return client.post(
        LIST, {"action": "apply_again", "_selected_action": [event.pk]}, follow=True
    ).content.decode()


def test_staff_see_what_came_and_why_it_was_set_aside(operator, client, stranger_order):
    page = client.get(LIST).content.decode()
    assert "Orden que no conocemos" in page
    assert str(stranger_order) in page
    assert page.count("Aplicado") == 2

    aside = client.get(LIST, {"estado": "unknown_order"}).content.decode()
    assert "1 evento de la plataforma" in aside
    assert client.get(LIST, {"estado": "apartados"}).status_code == 200
    assert "2 eventos" in client.get(LIST, {"serie": "hourly-counts"}).content.decode()
    assert "0 eventos" in client.get(LIST, {"estado": "pendientes"}).content.decode()
    assert "1 evento" in client.get(LIST, {"q": str(stranger_order)}).content.decode()


def test_the_page_of_an_event_displays_its_body_and_nothing_can_be_changed(
    operator, client, stranger_order
):
    event = InboxEvent.objects.get(sequence=1)
    page = reverse("admin:campaigns_inboxevent_change", args=[event.pk])

    content = client.get(page).content.decode()

    assert "&quot;adOrderId&quot;" in content
    assert 'name="_save"' not in content
    assert client.post(page, {"detail": "x"}).status_code == 403


def test_how_far_streams_were_read_is_on_one_page(operator, client, stranger_order):
    content = client.get(POSITIONS).content.decode()

    assert "Cuentas por hora" in content
    assert "Faltan eventos desde" in content
    assert "Ninguno" not in content


def test_an_event_is_applied_again_with_the_permission(operator, client, stranger_order):
    event = InboxEvent.objects.get(sequence=1)
    AdOrder.objects.update(id=stranger_order)
    action(client, event)
    event.refresh_from_db()
    assert event.set_aside

    operator.user_permissions.add(Permission.objects.get(codename="change_inboxevent"))
    assert "Se aplica de nuevo 1 evento." in action(client, event)
    event.refresh_from_db()
    assert not event.set_aside
    apply.apply_due()
    assert HourCount.objects.get().ad_order == stranger_order
    assert "Ninguno de esos estaba apartado." in action(client, event)


def test_without_the_permission_to_see_them_there_are_none(reviewer, client):
    client.force_login(reviewer)

    assert client.get(LIST).status_code == 403
    assert client.get(POSITIONS).status_code == 403
