"""Deliveries in the admin: to look at, and to try again with the permission for it."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from campaigns.models import AdOrder
from portal.accounts.models import User

DELIVERIES = "/admin/campaigns/adorder/"


@pytest.fixture
def refused(approved):
    """An order that the gateway refused: no worker tries it again by itself."""
    order = AdOrder.objects.get(campaign=approved)
    order.refused_generation = order.generation
    order.attempts = 3
    order.last_error = "invalid_argument: La plataforma rechazó la orden"
    order.save()
    return order


def try_again(user, order):
    browser = Client()
    browser.force_login(user)
    asked = {"action": "try_again", "_selected_action": [str(order.pk)]}
    return browser.post(DELIVERIES, asked, follow=True)


def test_a_refused_order_is_tried_again_by_who_may_change_it(refused, reviewer):
    response = try_again(reviewer, refused)

    refused.refresh_from_db()
    assert (refused.refused_generation, refused.attempts) == (None, 0)
    assert "Se reintenta 1 orden." in response.content.decode()


def test_who_may_only_look_does_not_try_again(refused):
    looker = User.objects.create_user("mira@telefonica.mx", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_adorder"))

    response = try_again(looker, refused)

    assert "Reintentar ahora" not in response.content.decode()
    refused.refresh_from_db()
    assert refused.refused_generation == refused.generation


def test_a_confirmed_order_is_left_alone(refused, reviewer):
    refused.refused_generation = None
    refused.acknowledged_generation = refused.generation
    refused.save()

    response = try_again(reviewer, refused)

    refused.refresh_from_db()
    assert refused.attempts == 3
    assert "1 orden ya estaba confirmada." in response.content.decode()


def test_what_needs_attention_is_one_click_away(refused, reviewer):
    browser = Client()
    browser.force_login(reviewer)

    flagged = browser.get(DELIVERIES, {"envio": "atencion"})
    document = browser.get(f"{DELIVERIES}{refused.pk}/change/")

    assert list(flagged.context["cl"].result_list) == [refused]
    assert "Rechazada: requiere atención" in flagged.content.decode()
    assert refused.campaign.folio in document.content.decode()
