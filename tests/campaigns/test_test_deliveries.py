"""Texts sent to a test handset: who may, what is refused, and once whatever fails."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from campaigns import capabilities, test_deliveries
from campaigns.errors import BadTestDelivery, NotAllowed
from campaigns.models import TestDelivery
from portal.accounts.models import User

pytestmark = pytest.mark.django_db

PAGE = "/admin/campaigns/testdelivery/"
TEXT = "Recarga $100 y recibe 2 GB"


@pytest.fixture
def operator(db):
    user = User.objects.create_user("operacion@telefonica.mx", is_staff=True)
    codes = ["add_testdelivery", "view_testdelivery", "view_adorder"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


@pytest.fixture
def known(sandbox, client):
    """Read the gateway's handsets, and return a client of it."""
    capabilities.read(client)
    return client


def request(operator, **changed):
    values = {"text": TEXT, "handset": "equipo-1", "key": uuid.uuid4()} | changed
    return test_deliveries.request(
        values["text"], values["handset"], key=values["key"], by=operator
    )


def signed_in(user):
    desk = Client()
    desk.force_login(user)
    return desk


def sent_by(sandbox):
    return [line for line in sandbox.ledger() if line["operation"] == "createTestDelivery"]


def make_due():
    TestDelivery.objects.filter(next_attempt_at__isnull=False).update(
        next_attempt_at=timezone.now()
    )


def test_a_text_reaches_the_gateway_once(operator, known, sandbox):
    row = request(operator)

    assert test_deliveries.send_due(known) == 1
    assert test_deliveries.send_due(known) == 0

    row.refresh_from_db()
    assert row.accepted_at
    assert row.gateway_id
    assert (row.text, row.handset, row.by, row.next_attempt_at) == (
        TEXT,
        "equipo-1",
        operator,
        None,
    )
    assert len(sent_by(sandbox)) == 1


@pytest.mark.parametrize("fault", ["drop_after_commit", "truncated_body", "drop_before_commit"])
def test_a_lost_answer_is_asked_for_again_and_nothing_is_sent_twice(
    operator, known, sandbox, fault
):
    row = request(operator)
    sandbox.inject_fault(fault, times=1, operation="createTestDelivery")

    test_deliveries.send_due(known)
    row.refresh_from_db()
    assert row.accepted_at is None
    assert row.last_error
    make_due()
    test_deliveries.send_due(known)

    row.refresh_from_db()
    assert row.accepted_at
    assert not row.last_error
    assert len(sent_by(sandbox)) == 1


def test_a_page_that_is_sent_twice_is_one_row(operator, known, sandbox):
    desk = signed_in(operator)
    once = re.search('name="once" value="([^"]+)"', desk.get(PAGE).content.decode())[1]
    data = {"text": TEXT, "handset": "equipo-1", "once": once}

    answers = [desk.post(PAGE, data) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [302] * 3
    assert TestDelivery.objects.count() == 1
    test_deliveries.send_due(known)
    assert len(sent_by(sandbox)) == 1
    assert "La plataforma la aceptó" in desk.get(PAGE).content.decode()


def test_another_text_under_the_key_of_an_old_page_is_not_taken_for_sent(operator, known):
    key = uuid.uuid4()
    request(operator, key=key)

    with pytest.raises(BadTestDelivery):
        request(operator, key=key, text="Otro texto")

    assert TestDelivery.objects.count() == 1


@pytest.mark.parametrize("text", ["", "  ", "Café a $20", "x" * 91, "Llama: 55 1234 5678"])
def test_a_text_that_the_channel_does_not_carry_is_refused(operator, known, sandbox, text):
    desk = signed_in(operator)

    answer = desk.post(PAGE, {"text": text, "handset": "equipo-1", "once": uuid.uuid4()})

    assert answer.status_code == 422
    assert answer.context["problems"]["text"]
    assert text.strip() in answer.context["text"]
    assert not TestDelivery.objects.exists()


@pytest.mark.parametrize("handset", ["", "5512345678", "otro"])
def test_only_a_handset_of_the_list_is_taken(operator, known, handset):
    with pytest.raises(BadTestDelivery) as refusal:
        request(operator, handset=handset)

    assert list(refusal.value.problems) == ["handset"]
    assert not TestDelivery.objects.exists()


@pytest.mark.parametrize("who", ["reviewer", "owner", "stranger"])
def test_it_needs_a_permission_of_its_own(who, known, request):
    person = request.getfixturevalue(who)

    answer = signed_in(person).post(PAGE, {"text": TEXT, "handset": "equipo-1"})

    assert answer.status_code in (302, 403)
    assert signed_in(person).get(PAGE).status_code in (302, 403)
    with pytest.raises(NotAllowed):
        test_deliveries.request(TEXT, "equipo-1", key=uuid.uuid4(), by=person)
    assert not TestDelivery.objects.exists()


def test_whoever_may_only_look_sees_the_history_and_no_form(operator, known):
    request(operator)
    operator.user_permissions.remove(Permission.objects.get(codename="add_testdelivery"))
    desk = signed_in(User.objects.get(pk=operator.pk))

    page = desk.get(PAGE).content.decode()

    assert TEXT in page
    assert "Enviar prueba" not in page
    assert desk.post(PAGE, {"text": TEXT, "handset": "equipo-1"}).status_code == 403


def test_a_refusal_is_final_and_in_words(operator, known, sandbox):
    row = request(operator)
    TestDelivery.objects.update(handset="ya-no-existe")

    test_deliveries.send_due(known)

    row.refresh_from_db()
    assert (row.next_attempt_at, row.accepted_at) == (None, None)
    text = signed_in(operator).get(PAGE).content.decode()
    assert "No se envió. La plataforma de entrega no acepta lo que se le envió." in text


def test_after_ten_minutes_without_an_answer_it_is_given_up(operator, known, sandbox):
    row = request(operator)
    TestDelivery.objects.update(at=timezone.now() - timedelta(minutes=10))
    sandbox.inject_fault("status", status=503, operation="createTestDelivery")

    test_deliveries.send_due(known)

    row.refresh_from_db()
    assert (row.next_attempt_at, row.accepted_at) == (None, None)
    assert sent_by(sandbox) == []


def test_the_text_of_a_campaign_is_filled_in_and_remembered(operator, known, campaign_in_review):
    desk = signed_in(operator)
    folio = campaign_in_review.folio

    page = desk.get(PAGE, {"folio": f" {folio.lower()} "})
    assert page.context["text"] == campaign_in_review.text
    desk.post(PAGE, {"text": page.context["text"], "handset": "equipo-2", "folio": folio})
    desk.post(PAGE, {"text": "Otro texto", "handset": "equipo-2", "folio": folio})

    other, same = TestDelivery.objects.all()
    assert (same.version.campaign, other.version) == (campaign_in_review, None)
    assert desk.get(PAGE, {"folio": "no-hay"}).context["text"] == ""


def test_without_handsets_the_page_says_why_it_has_no_form(operator):
    page = signed_in(operator).get(PAGE).content.decode()

    assert "no ha dicho qué equipos de prueba tiene" in page
    assert "Enviar prueba" not in page
