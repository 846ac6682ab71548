"""A campaign's page: its inventory by day, its versions compared, its conversation."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import conversation, lifecycle, references
from campaigns.conversation import Side
from campaigns.models import Message, ReadMark
from core.calendar import format_dates
from portal.pages.wizard import planned_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def page(client, campaign, **query):
    response = client.get(reverse("portal:campaign", args=[campaign.folio]), query)
    return unescape(response.content.decode())


def send_message(client, campaign, body, **options):
    return client.post(
        reverse("portal:send_message", args=[campaign.folio]), {"body": body}, **options
    )


@pytest.fixture
def changed(campaign_in_review, editor, reviewer):
    """A campaign with two versions and a third text in its draft."""
    campaign = campaign_in_review
    for number, text in ((1, "Recarga $200 y recibe 3 GB"), (2, "Recarga $300 y recibe 3 GB")):
        lifecycle.request_changes(campaign.pk, version=number, reasons=["Precio"], by=reviewer)
        campaign.refresh_from_db()
        lifecycle.edit(campaign.pk, {"text": text}, revision=campaign.revision, by=editor)
        if number == 1:
            lifecycle.submit(campaign.pk, by=editor)
            lifecycle.hold_submitted()
    campaign.refresh_from_db()
    return campaign


# ── inventory ────────────────────────────────────────────────────────────────


def test_the_hold_is_displayed_by_day_as_chart_sentence_and_table(client, campaign_in_review):
    text = page(client, campaign_in_review)

    planned = campaign_in_review.reservation.planned_by_day()
    section = text.split('id="inventario"')[1].split("</section>")[0]
    assert section.count("<rect") == len(planned) == 3
    assert "60,000 notificaciones planeadas del" in section
    for count in planned.values():
        assert f">{count:,}</td>" in section
    assert ">60,000</td>" in section


def test_a_draft_has_no_chart(client, draft):
    assert "Inventario por día" not in page(client, draft)


def test_what_was_given_back_has_no_chart(client, approved, editor):
    lifecycle.schedule(approved.pk)
    lifecycle.cancel(approved.pk, by=editor)  # none of its days is frozen yet

    assert "Inventario por día" not in page(client, approved)


def test_days_are_written_with_a_space_after_each_comma():
    days = [date(2026, 12, number) for number in (1, 3, 5, 6)]

    assert format_dates(days) == "1 de diciembre, 3 de diciembre y del 5 al 6 de diciembre"
    assert format_dates(days[:2]) == "1 de diciembre y 3 de diciembre"
    assert format_dates([]) == ""


def test_days_are_described_in_ranges_and_none_is_missing():
    first = date(2026, 12, 5)
    counts = {first: 10, first + timedelta(days=2): 30}

    assert list(planned_days.every_day(counts).values()) == [10, 0, 30]
    assert planned_days.sentence(counts) == (
        "40 notificaciones planeadas del 5 al 7 de diciembre; el día con más es el "
        "lunes 7 de diciembre, con 30."
    )
    assert planned_days.sentence({first: 1_500, first + timedelta(days=1): 1_500}) == (
        "3,000 notificaciones planeadas del 5 al 6 de diciembre: 1,500 cada día."
    )
    assert "cada día" not in planned_days.sentence(dict.fromkeys(counts, 1_500))
    assert planned_days.sentence({first: 7}) == (
        "7 notificaciones planeadas, todas el 5 de diciembre."
    )


def test_the_zone_is_listed_by_state(client, draft):
    text = page(client, draft)

    places = text.split('class="places"')[1].split("</dl>")[0]
    assert "Jalisco" in places
    assert "33 Guadalajara" in places


# ── versions ─────────────────────────────────────────────────────────────────


def differs(text):
    return re.findall(
        r"<(del|ins)>([^<]*)</", text.split('id="versiones"')[1].split("</section>")[0]
    )


def test_the_last_two_are_compared_unless_others_are_chosen(client, changed):
    assert differs(page(client, changed)) == [("del", "$200"), ("ins", "$300")]

    assert differs(page(client, changed, de="1", a="2")) == [
        ("del", "$100"),
        ("ins", "$200"),
        ("del", "2"),
        ("ins", "3"),
        ("del", "en movistar.mx/promo"),
    ]
    assert ("ins", "$100") in differs(page(client, changed, de="borrador", a="1"))


@pytest.mark.parametrize("query", [{"de": "9"}, {"a": "x"}, {"de": "\0", "a": "-1"}])
def test_a_missing_version_is_replaced_by_the_default(client, changed, query):
    assert differs(page(client, changed, **query)) == [("del", "$200"), ("ins", "$300")]


def test_comparing_a_version_with_itself_has_a_message(client, changed):
    text = page(client, changed, de="1", a="1")

    assert differs(text) == []
    assert "elige dos distintas" in text


def test_one_version_has_nothing_to_compare(client, campaign_in_review):
    text = page(client, campaign_in_review)

    assert "Versión 1" in text
    assert "Cuando la cambies y la envíes de nuevo" in text
    assert "<select" not in text


def test_every_version_has_its_outcome(client, changed):
    section = page(client, changed).split('id="versiones"')[1].split("</ul>")[0]

    assert section.count("Se pidieron cambios") == 2


# ── conversation ─────────────────────────────────────────────────────────────


def test_a_message_is_read_by_the_reviewer_who_replies(
    client, campaign_in_review, reviewer, editor
):
    response = send_message(client, campaign_in_review, "¿Falta <b>algo</b>?", follow=True)
    assert "Mensaje enviado a quien revisa" in response.content.decode()
    desk = signed_in(reviewer)
    queue = reverse("admin:campaigns_campaign_changelist")
    assert "Mensaje nuevo" in desk.get(queue).content.decode()

    address = reverse("admin:campaigns_campaign_change", args=[campaign_in_review.pk])
    text = desk.get(address).content.decode()
    assert "¿Falta &lt;b&gt;algo&lt;/b&gt;?" in text
    assert ">Nuevo<" in text
    assert ">Nuevo<" not in desk.get(address).content.decode()
    assert "Mensaje nuevo" not in desk.get(queue).content.decode()
    desk.post(
        reverse("admin:campaigns_campaign_message", args=[campaign_in_review.pk]),
        {"body": "La vigencia."},
    )

    listed = client.get(reverse("portal:campaigns", args=[campaign_in_review.brand.slug]))
    assert "Mensaje nuevo" in listed.content.decode()
    text = page(client, campaign_in_review)
    assert "Tienes 1 mensaje nuevo de quien revisa" in text
    assert "La vigencia." in text
    assert "mensaje nuevo" not in page(client, campaign_in_review)


def test_a_message_that_is_refused_is_not_lost(client, campaign_in_review):
    body = "x" * 1_001 + " y más"

    response = send_message(client, campaign_in_review, body)

    assert response.status_code == 422
    assert body in response.content.decode()
    assert "acórtalo" in response.content.decode()
    assert not Message.objects.exists()


def test_a_message_that_staff_cannot_send_is_not_lost(campaign_in_review, reviewer):
    address = reverse("admin:campaigns_campaign_message", args=[campaign_in_review.pk])

    response = signed_in(reviewer).post(address, {"body": "y" * 1_001})

    assert response.status_code == 409
    assert "y" * 1_001 in response.content.decode()
    assert "acórtalo" in response.content.decode()


def test_staff_who_may_only_view_cannot_write_and_mark_nothing_as_read(
    campaign_in_review, editor, reviewer, django_user_model
):
    conversation.write(campaign_in_review.pk, "Hola", side=Side.BRAND, by=editor)
    looker = django_user_model.objects.create_user("mira@telefonica.mx", is_staff=True)
    looker.user_permissions.add(reviewer.user_permissions.get(codename="view_campaign"))
    desk = signed_in(looker)

    response = desk.get(reverse("admin:campaigns_campaign_change", args=[campaign_in_review.pk]))
    posted = desk.post(
        reverse("admin:campaigns_campaign_message", args=[campaign_in_review.pk]), {"body": "Yo"}
    )

    assert "Enviar mensaje" not in response.content.decode()
    assert posted.status_code == 403
    assert Message.objects.count() == 1
    assert not ReadMark.objects.exists()


def test_viewers_see_the_conversation_and_leave_it_unread(
    campaign_in_review, viewer, client, reviewer
):
    conversation.write(campaign_in_review.pk, "La vigencia.", side=Side.STAFF, by=reviewer)

    text = page(signed_in(viewer), campaign_in_review)

    assert "La vigencia." in text
    assert "Enviar mensaje" not in text
    assert "Tienes 1 mensaje nuevo" in page(client, campaign_in_review)


def test_a_fetch_by_script_marks_nothing_as_read(client, campaign_in_review, reviewer):
    conversation.write(campaign_in_review.pk, "La vigencia.", side=Side.STAFF, by=reviewer)
    address = reverse("portal:campaign", args=[campaign_in_review.folio])

    client.get(address, headers={"Sec-Fetch-Dest": "empty"})

    assert not ReadMark.objects.exists()
    client.get(address, headers={"Sec-Fetch-Dest": "document"})
    assert ReadMark.objects.get().message == Message.objects.get()


def test_a_draft_explains_when_the_conversation_begins(client, draft):
    text = page(client, draft)

    assert "Empieza cuando la envías a revisión" in text
    assert "Enviar mensaje" not in text
    assert send_message(client, draft, "Hola").status_code == 422


def test_a_long_campaign_is_still_one_page(client, editor, brand, on_sale):
    terms = {
        "name": "País",
        "text": "Hola",
        "area": {"nationwide": True},
        "starts_on": on_sale,
        "ends_on": on_sale + timedelta(days=6),
        "volume": 70_000,
    }
    campaign = lifecycle.draft(brand.pk, terms, by=editor)
    lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()

    text = page(client, campaign)

    assert text.split('id="inventario"')[1].count("<rect") == 7
    assert "completo" in text


def test_what_an_agency_noted_is_shown_where_there_is_any(client, draft, editor):
    client.force_login(editor)
    bare = client.get(f"/campanas/{draft.folio}/").text
    noted = {"items": "<b>7</b>", "cliente": "0419"}  # a key that is a name of Python's too
    references.change(draft.pk, external_reference="OS-2231", metadata=noted, by=editor)

    page = client.get(f"/campanas/{draft.folio}/").text

    assert "Referencia" not in bare
    assert "Datos de la agencia" not in bare
    assert "<dd>OS-2231</dd>" in page
    assert "cliente: 0419<br>items: &lt;b&gt;7&lt;/b&gt;" in page
