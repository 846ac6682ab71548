"""Ad orders in the admin: the list, the document, retrying and comparing with a permission."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from campaigns import breaker, lifecycle
from campaigns.admin import orders
from campaigns.gateway.errors import Unavailable
from campaigns.models import AdOrder
from portal.accounts.models import User

AD_ORDERS_URL = "/admin/campaigns/adorder/"
QUERIES = 14


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


# ── the list ─────────────────────────────────────────────────────────────────


def signed_in(user):
    browser = Client()
    browser.force_login(user)
    return browser


def page_of(user, **parameters):
    return " ".join(signed_in(user).get(AD_ORDERS_URL, parameters).content.decode().split())


def test_the_list_has_both_states_tries_and_the_last_answer_in_words(refused, reviewer):
    lifecycle.schedule(refused.campaign_id)
    lifecycle.staff_pause(refused.campaign_id, reason="Se equivocaron.", by=reviewer)
    AdOrder.objects.update(
        acknowledged_generation=1,
        gateway_state="ACTIVE",
        attempts=7,
        last_error="503 UNAVAILABLE: x",
        refused_generation=None,
    )

    page = page_of(reviewer)

    for words in (
        "Que quede en pausa",
        "Al aire",
        "1 de 2",
        ">7<",
        "contesta que no puede atender ahora",
        "<h1>Envíos</h1>",
    ):
        assert words in page, words


def test_filters_have_counts_of_their_orders(refused, reviewer):
    page = page_of(reviewer, envio="sin_confirmar")

    counts = dict(re.findall(r'>([^<]+) <span class="num">(\d+)</span></a>', page))
    assert counts == {
        "Requieren atención": "1",
        "Con problema": "1",
        "Sin confirmar": "0",
        "Todas": "1",
    }
    assert "No hay órdenes aquí" in page
    assert refused.campaign.folio in page_of(reviewer, envio="otra-cosa")


def test_the_list_takes_the_same_queries_however_many_orders(
    refused, reviewer, brand, editor, terms, django_assert_num_queries
):
    browser = signed_in(reviewer)
    browser.get(AD_ORDERS_URL)
    with django_assert_num_queries(QUERIES):
        browser.get(AD_ORDERS_URL)
    for number in range(3):
        campaign = lifecycle.draft(brand.pk, terms | {"name": f"Otra {number}"}, by=editor)
        lifecycle.submit(campaign.pk, by=editor)
        lifecycle.hold_submitted()
        lifecycle.approve(campaign.pk, version=1, by=reviewer)

    with django_assert_num_queries(QUERIES):
        browser.get(AD_ORDERS_URL)


def test_an_open_breaker_is_told_on_the_list_and_the_first_page(refused, reviewer):
    assert "dejó de llamar" not in page_of(reviewer)
    for _ in range(breaker.OPENS_AFTER):
        breaker.record(Unavailable("503"))

    assert "dejó de llamar a la plataforma" in page_of(reviewer)
    assert "dejó de llamar a la plataforma" in signed_in(reviewer).get("/admin/").content.decode()


# ── comparing now ────────────────────────────────────────────────────────────


def test_comparing_now_wakes_the_task(refused, reviewer, woken):
    answer = signed_in(reviewer).post(f"{AD_ORDERS_URL}conciliar/", follow=True)

    assert woken == ["campaigns.tasks.reconcile"]
    assert "Se compara todo con la plataforma" in answer.content.decode()
    assert "Conciliar ahora" in page_of(reviewer)


def test_comparing_now_needs_the_permission_and_a_post(refused, reviewer, woken):
    viewer = User.objects.create_user("mira@telefonica.mx", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_adorder"))

    assert signed_in(viewer).post(f"{AD_ORDERS_URL}conciliar/").status_code == 403
    assert signed_in(reviewer).get(f"{AD_ORDERS_URL}conciliar/").status_code == 405

    assert woken == []
    assert "Conciliar ahora" not in page_of(viewer)


@pytest.fixture
def woken(monkeypatch):
    """Return the tasks that are woken, by name."""
    names = []
    monkeypatch.setattr(orders, "wake", names.append)
    return names
