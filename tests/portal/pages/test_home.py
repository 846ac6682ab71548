"""The page Inicio: what needs attention, what is live, and the next days."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns import conversation, lifecycle
from campaigns.conversation import Side
from campaigns.models import AdOrder, DayCount
from inventory import audit
from inventory.models import Allocation, Audit, Capacity
from tests import counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


def start(client, brand):
    return unescape(client.get(reverse("portal:brand_home", args=[brand.slug])).content.decode())


def send(campaign, editor):
    lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()
    campaign.refresh_from_db()
    return campaign


def test_a_new_brand_sees_its_first_steps(client, brand, draft, editor, reviewer):
    def done():
        return start(client, brand).count('<li class="done">')

    assert done() == 3  # made, written, with zone, days and volume
    send(draft, editor)
    assert done() == 4
    lifecycle.approve(draft.pk, version=1, by=reviewer)
    assert "Tus primeros pasos" not in start(client, brand)


def test_a_brand_without_campaigns_sees_no_empty_sections(client, brand):
    text = start(client, brand)

    assert text.count("(pendiente)") == 5
    assert "Lo que te espera" not in text
    assert "<svg" not in text


def test_requests_for_changes_come_first_with_the_expiry_of_the_hold(
    client, brand, campaign_in_review, reviewer
):
    lifecycle.request_changes(
        campaign_in_review.pk,
        version=1,
        reasons=["Vigencia"],
        comment="¿Hasta cuándo?",
        by=reviewer,
    )

    text = start(client, brand)
    assert "Vigencia" in text
    assert "¿Hasta cuándo?" in text
    assert "Su inventario queda apartado hasta el" in text

    campaign_in_review.reservation.expires_at = timezone.now()
    campaign_in_review.reservation.save(update_fields=["expires_at"])
    assert "Su inventario ya se liberó" in start(client, brand)


def test_a_campaign_without_inventory_waits_or_has_an_offer(client, brand, draft, editor):
    Capacity.objects.update(gross=100, capacity=100)
    send(draft, editor)
    assert "No cupo completa" in start(client, brand)

    lifecycle.join(draft.pk, by=editor)
    text = start(client, brand)
    assert "No cupo completa" not in text
    assert "1 campaña está en la lista de espera" in text

    Capacity.objects.update(gross=100_000, capacity=100_000)
    lifecycle.offer_freed()
    assert "60,000 notificaciones apartadas para ti hasta el" in start(client, brand)


def test_a_new_message_is_displayed_once_on_the_page(client, brand, campaign_in_review, reviewer):
    conversation.write(campaign_in_review.pk, "¿Hola?", side=Side.STAFF, by=reviewer)
    assert "Quien revisa te escribió" in start(client, brand)

    lifecycle.request_changes(campaign_in_review.pk, version=1, reasons=["x"], by=reviewer)
    text = start(client, brand)
    assert "Quien revisa te escribió" not in text
    assert text.count("Mensaje nuevo") == 1


def test_drafts_are_counted_and_some_are_named(client, brand, draft, editor):
    for _number in range(6):
        lifecycle.copy(draft.pk, by=editor)

    text = start(client, brand)

    assert "7 borradores sin enviar" in text
    assert text.count("guardado el") == 5
    assert "?estado=draft" in text


def test_a_running_campaign_displays_its_plan_and_no_delivery(client, brand, approved):
    lifecycle.schedule(approved.pk)

    text = start(client, brand)

    running = text.split('class="running"')[1].split("</section>")[0]
    assert running.count("60,000") == 2
    assert "Para hoy" in running
    assert "ntregad" not in running


def test_notifications_at_risk_are_displayed(client, brand, approved):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    allocation = Allocation.objects.get()
    allocation.quantities[0] -= 7
    allocation.at_risk = 7
    allocation.save()

    text = start(client, brand)

    assert "59,993" in text
    assert "7 sin lugar por ahora" in text


def test_the_next_days_add_up_in_chart_sentence_and_table(
    client, brand, approved, draft, editor, on_sale
):
    other = lifecycle.copy(draft.pk, by=editor)
    lifecycle.edit(other.pk, {"volume": 3_000}, revision=1, by=editor)
    send(other, editor)

    text = start(client, brand)

    section = text.split('id="dias"')[1].split("</section>")[0]
    assert "63,000 notificaciones planeadas del" in section
    assert section.count('class="planned"') == section.count('class="held"') == 3
    totals = {}
    for reservation in (approved.reservation, other.reservation):
        for day, count in reservation.planned_by_day().items():
            totals[day] = totals.get(day, 0) + count
    for count in totals.values():
        assert f">{count:,}</td>" in section
    assert section.count("<tr>") == 14 + 2


def test_nobody_elses_days_are_added(client, brand, approved, stranger):
    client.force_login(stranger)

    assert "<svg" not in start(client, stranger.brands.get())


@pytest.mark.parametrize(
    ("age", "breaches", "message"),
    [
        (1, 0, "Al día: lo que ves disponible se puede apartar"),
        (1, 2, "Estamos revisando sus cuentas"),
        (90, 0, "Puedes apartar como siempre"),
        (None, 0, "Puedes apartar como siempre"),
    ],
)
def test_the_state_of_the_inventory_follows_the_last_audit(client, brand, age, breaches, message):
    if age is not None:
        audit.run()
        Audit.objects.update(
            at=timezone.now() - timedelta(minutes=age), breaches=[["x", "y", "z"]] * breaches
        )

    assert message in start(client, brand)


def test_the_state_of_the_gateway_follows_the_orders(client, brand, approved):
    assert "Confirma los cambios con normalidad" in start(client, brand)
    AdOrder.objects.update(failing_since=timezone.now())
    assert "Responde con retraso" in start(client, brand)
    AdOrder.objects.update(failing_since=timezone.now() - timedelta(hours=1))
    assert "Tarda en confirmar algunos cambios" in start(client, brand)


def test_many_campaigns_need_no_more_queries_than_one(
    client, brand, approved, draft, editor, reviewer
):
    def some_of_each():
        back, drafted = lifecycle.copy(draft.pk, by=editor), lifecycle.copy(draft.pk, by=editor)
        send(back, editor)
        lifecycle.request_changes(back.pk, version=1, reasons=["x"], by=reviewer)
        conversation.write(back.pk, "¿?", side=Side.STAFF, by=reviewer)
        on_air = send(lifecycle.copy(draft.pk, by=editor), editor)
        lifecycle.approve(on_air.pk, version=1, by=reviewer)
        assert drafted.status == "draft"

    some_of_each()
    start(client, brand)
    with CaptureQueriesContext(connection) as few:
        start(client, brand)
    for _number in range(4):
        some_of_each()

    with CaptureQueriesContext(connection) as many:
        start(client, brand)

    assert len(many) == len(few) < 28


def test_viewers_have_no_buttons(client, brand, draft, viewer):
    client.force_login(viewer)

    text = start(client, brand)

    assert "Nueva campaña" not in text
    assert "/editar/" not in text


def test_what_runs_shows_what_was_delivered_and_until_when(client, brand, live):
    counts.count(live, 9_000, 6_000, as_of=counts.at(live.starts_on, 11, 55))
    order = AdOrder.objects.get().pk
    zeros = {"lada": "55", "inserted": 9_000, "failed": 0, "no_receipt": 0}
    for days, delivered in ((0, 5_500), (-1, 0), (1, 7)):
        day = live.starts_on + timedelta(days=days)
        DayCount.objects.create(ad_order=order, day=day, delivered=delivered, **zeros)

    text = start(client, brand)

    assert "6,000 de 60,000 entregadas" in text
    assert "Datos hasta las 11:55." in text
    assert "Entregadas hoy, en horas completas: 5,500. Ayer: 0." in text


def test_what_runs_without_deliveries_says_why(client, brand, live):
    counts.beat(counts.at(live.starts_on, 9))

    text = start(client, brand)

    assert "0 de 60,000 entregadas" in text
    assert "no manda datos desde el" in text
    assert "Entregadas hoy" not in text
