"""What the gateway can carry: read, kept, and what it changes; against a real sandbox."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import ad_text, breaker, capabilities, lifecycle, outbox, readiness, text_limit
from campaigns.api.ad_texts import check_result
from campaigns.bulk_rows import COLUMNS, RowReader
from campaigns.gateway.errors import Unavailable
from campaigns.models import AdOrder, Campaign, GatewayCapabilities
from segments.models import Lada
from tests.processes import Sandbox, wait_until

pytestmark = pytest.mark.django_db

LONG = "x" * 100  # characters


@pytest.fixture
def lesser(tmp_path_factory):
    """A gateway that carries 90 characters and does not know LADA 55."""
    folder = tmp_path_factory.mktemp("lesser")
    codes = Lada.objects.exclude(code="55").values_list("code", flat=True)
    catalogue = folder / "ladas.csv"
    catalogue.write_text("\n".join(["lada", *codes, "123"]))
    options = [*Sandbox.NO_RATE_LIMIT, "--max-ad-septets", "90", "--catalogue", str(catalogue)]
    with Sandbox(folder, options=options) as sandbox:
        yield sandbox


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_they_are_read_and_kept_in_one_row(sandbox, client):
    capabilities.read(client)
    capabilities.read(client)

    row = GatewayCapabilities.objects.get()
    assert (row.max_ad_septets, row.base_text_septets, row.last_error) == (110, 49, "")
    assert row.test_handsets == ["equipo-1", "equipo-2"]
    assert "DAYPARTS" in row.features
    report = capabilities.report()
    assert not report.needs_attention
    assert (report.unknown_there, report.unknown_here, report.limit) == ([], [], 90)


def test_they_are_read_again_after_an_hour(sandbox, client):
    assert capabilities.read_due(client)
    assert not capabilities.read_due(client)

    GatewayCapabilities.objects.update(next_reading_at=timezone.now())

    assert capabilities.read_due(client)
    next_reading = GatewayCapabilities.objects.get().next_reading_at
    assert next_reading > timezone.now() + timedelta(minutes=59)


def test_after_an_error_what_was_known_stays_and_it_is_soon_tried_again(sandbox, client):
    capabilities.read(client)
    sandbox.inject_fault("status", status=503, times=1, operation="getCapabilities")

    capabilities.read(client)

    row = GatewayCapabilities.objects.get()
    assert (row.max_ad_septets, len(row.ladas)) == (110, Lada.objects.count())
    assert row.next_reading_at <= timezone.now() + capabilities.RETRY_AFTER
    assert capabilities.report().cause == (
        "La plataforma de entrega contesta que no puede atender ahora."
    )
    capabilities.read(client)
    assert not capabilities.report().needs_attention


def test_an_open_breaker_is_closed_without_an_order_that_is_due(sandbox, client, monkeypatch):
    monkeypatch.setattr(breaker, "FIRST_PAUSE", 0.2)
    capabilities.read(client)
    for _ in range(breaker.OPENS_AFTER):
        breaker.record(Unavailable("503"))
    assert not capabilities.read_due(client)  # in its pause

    wait_until(lambda: capabilities.read_due(client))

    assert not breaker.state().is_open


def test_an_error_of_the_reading_does_not_open_the_breaker(sandbox, client):
    sandbox.inject_fault("status", status=503, operation="getCapabilities")

    for _ in range(breaker.OPENS_AFTER):
        capabilities.read(client)

    assert not breaker.state().is_open


def test_a_gateway_that_was_never_asked_changes_nothing(settings):
    settings.AD_TEXT_LIMIT = 110

    assert text_limit.current() == 110
    assert not capabilities.report().needs_attention


@pytest.mark.parametrize(("setting", "carried", "limit"), [(110, 95, 95), (90, 110, 90)])
def test_the_gateway_lowers_the_limit_and_never_raises_it(settings, setting, carried, limit):
    settings.AD_TEXT_LIMIT = setting
    GatewayCapabilities.objects.create(max_ad_septets=carried, read_at=timezone.now())
    text_limit.forget()

    assert text_limit.current() == limit


def test_the_limit_is_read_once_in_a_while(django_assert_num_queries):
    text_limit.forget()

    with django_assert_num_queries(1):
        assert [text_limit.current() for _ in range(50)] == [90] * 50


# ── a gateway that carries less ──────────────────────────────────────────────


@pytest.fixture
def lowered(lesser, settings):
    """Let the operator allow 110, and read a gateway that carries 90."""
    settings.AD_TEXT_LIMIT = 110
    with lesser.client() as client:
        capabilities.read(client)
    return lesser


def test_form_api_file_and_editor_have_the_same_limit(lowered, draft, editor):
    draft.text = LONG
    assert "text" in readiness.problems(draft)
    assert "text" not in readiness.problems(draft_with(draft, LONG[:90]))

    values = {"name": "Otra", "text": LONG}
    preview = RowReader(timezone.now()).preview(2, [values.get(name, "") for name in COLUMNS])
    assert any("10 caracteres" in problem.message for problem in preview.problems)
    assert check_result(LONG)["limit"] == 90

    desk = signed_in(editor)
    page = desk.get(reverse("portal:campaign_step", args=[draft.folio, "texto"]))
    law = desk.get(page.context["law_url"])
    assert law.json()["limit"] == 90
    assert desk.get("/ayuda/").context["limit"] == 90


def draft_with(draft, text):
    draft.text = text
    return draft


def test_another_process_serves_the_law_of_a_limit_that_it_has_not_read(draft, editor, settings):
    desk = signed_in(editor)
    page = desk.get(reverse("portal:campaign_step", args=[draft.folio, "texto"]))
    settings.AD_TEXT_LIMIT = 80

    law = desk.get(page.context["law_url"])

    assert law.json()["limit"] == 90
    for digest in ("0-abc", "111-abc", "90-abc", "x", "²-abc"):
        assert desk.get(reverse("portal:ad_text_law", args=[digest])).status_code == 404


def test_a_text_that_was_approved_before_keeps_running_and_can_be_paused(
    approved_long, lesser, settings, reviewer, tmp_path_factory
):
    """The same gateway is started again with a lower limit."""
    order = AdOrder.objects.get(campaign=approved_long)
    folder = tmp_path_factory.mktemp("lowered")
    with Sandbox(folder) as gateway, gateway.client() as client:
        outbox.send(outbox.claim(), client)
    order.refresh_from_db()
    assert order.confirmed

    less = (*Sandbox.NO_RATE_LIMIT, "--max-ad-septets", "90")
    with Sandbox(folder, options=less) as gateway, gateway.client() as client:
        capabilities.read(client)
        assert client.get_ad_order(str(order.pk)).status.state == "SCHEDULED"
        lifecycle.staff_pause(approved_long.pk, reason="Se equivocaron.", by=reviewer)
        outbox.send(outbox.claim(), client)

    order.refresh_from_db()
    assert text_limit.current() == 90
    assert (order.confirmed, order.gateway_state) == (True, "PAUSED")


@pytest.fixture
def long_in_review(brand, editor, terms, settings):
    settings.AD_TEXT_LIMIT = 110
    campaign = lifecycle.draft(brand.pk, terms | {"text": LONG}, by=editor)
    lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.IN_REVIEW
    return campaign


@pytest.fixture
def approved_long(long_in_review, reviewer):
    return lifecycle.approve(long_in_review.pk, version=1, by=reviewer)


def checks_of(campaign, user):
    page = signed_in(user).get(reverse("admin:campaigns_campaign_change", args=[campaign.pk]))
    return [(check.level, check.message) for check in page.context["checks"]]


def test_a_version_in_review_that_is_now_too_long_is_flagged(long_in_review, lowered, reviewer):
    found = checks_of(long_in_review, reviewer)

    assert any(level == "out" and "10 caracteres" in message for level, message in found)
    assert any("Pide que lo acorten" in message for _level, message in found)


def test_an_approved_one_is_not_refused(approved_long, lowered, reviewer):
    found = checks_of(approved_long, reviewer)

    assert not any(level == "out" for level, _message in found)
    assert any("se aprobó antes y sigue" in message for _level, message in found)


def test_a_text_that_fits_is_not_flagged(campaign_in_review, lowered, reviewer):
    found = checks_of(campaign_in_review, reviewer)

    assert not any("acorten" in message or "sigue" in message for _level, message in found)
    assert ad_text.check(campaign_in_review.text, limit=90) == []


# ── LADAs ────────────────────────────────────────────────────────────────────


def test_ladas_that_one_side_does_not_know_are_named_to_staff(lowered, reviewer, client):
    report = capabilities.report()
    assert (report.unknown_there, report.unknown_here) == (["55"], ["123"])

    for address in ("/admin/", "/admin/campaigns/adorder/"):
        text = " ".join(signed_in(reviewer).get(address).content.decode().split())
        assert "no conoce 1 LADA del catálogo" in text, address
        assert "que la incluyan. 55." in text, address
        assert "tiene 1 LADA que no está en el catálogo" in text, address
        assert "lleva hasta 90 caracteres" in text, address
    assert capabilities.figures()["ladas_unknown_to_gateway"] == ["55"]


def test_staff_who_may_not_see_orders_read_nothing_of_it(lowered, reviewer):
    reviewer.user_permissions.remove(reviewer.user_permissions.get(codename="view_adorder"))

    text = signed_in(reviewer).get("/admin/").content.decode()

    assert "LADA del catálogo" not in text
