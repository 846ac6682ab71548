"""Ad orders in the admin: the list, the document, and retrying with a permission."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from campaigns.models import AdOrder
from portal.accounts.models import User

AD_ORDERS_URL = "/admin/campaigns/adorder/"


@pytest.fixture
def refused(approved):
    """Return an order that the gateway refused, so that no worker retries it."""
    order = AdOrder.objects.get(campaign=approved)
    order.refused_generation = order.generation
    order.attempts = 3
    order.last_error = "invalid_argument: La plataforma rechazó la orden"
    order.save()
    return order


def try_again(user, order):
    browser = Client()
    browser.force_login(user)
    data = {"action": "try_again", "_selected_action": [str(order.pk)]}
    return browser.post(AD_ORDERS_URL, data, follow=True)


def test_a_user_who_may_change_orders_retries_a_refused_one(refused, reviewer):
    response = try_again(reviewer, refused)

    refused.refresh_from_db()
    assert (refused.refused_generation, refused.attempts) == (None, 0)
    assert "Se reintenta 1 orden." in response.content.decode()


def test_a_user_who_may_only_view_orders_cannot_retry(refused):
    viewer = User.objects.create_user("mira@telefonica.mx", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_adorder"))

    response = try_again(viewer, refused)

    assert "Reintentar ahora" not in response.content.decode()
    refused.refresh_from_db()
    assert refused.refused_generation == refused.generation


def test_a_confirmed_order_is_not_retried(refused, reviewer):
    refused.refused_generation = None
    refused.acknowledged_generation = refused.generation
    refused.save()

    response = try_again(reviewer, refused)

    refused.refresh_from_db()
    assert refused.attempts == 3
    assert "1 orden ya estaba confirmada." in response.content.decode()


def test_orders_that_need_attention_have_a_filter(refused, reviewer):
    browser = Client()
    browser.force_login(reviewer)

    flagged = browser.get(AD_ORDERS_URL, {"envio": "atencion"})
    document = browser.get(f"{AD_ORDERS_URL}{refused.pk}/change/")

    assert list(flagged.context["cl"].result_list) == [refused]
    assert "Rechazada: requiere atención" in flagged.content.decode()
    assert refused.campaign.folio in document.content.decode()
