"""Notices and mails of messages: a notice for each, few mails."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db import connection
from django.utils import timezone

from campaigns import conversation, lifecycle, notice_mails
from campaigns.conversation import Side
from campaigns.models import Membership, Notice
from campaigns.models.notice import CONVERSATION_MAIL_INTERVAL
from portal.accounts.models import User
from tests.campaigns.test_admin_review import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(campaign_in_review):
    """A campaign in review, without notices of its earlier steps."""
    Notice.objects.all().delete()
    return campaign_in_review


def reviewer_called(name, **fields):
    person = User.objects.create_user(f"{name}@telefonica.mx", is_staff=True, **fields)
    person.user_permissions.add(Permission.objects.get(codename="review_campaign"))
    return person


@pytest.fixture
def another(db):
    return reviewer_called("otra")


def write_question(campaign, by, body="¿Falta algo?"):
    return conversation.write(campaign.pk, body, side=Side.BRAND, by=by)


def write_reply(campaign, by, body="La vigencia."):
    return conversation.write(campaign.pk, body, side=Side.STAFF, by=by)


def notified(message):
    return sorted(message.notices.values_list("user__email", flat=True))


def mailed():
    """Send the mails that are due, and return them by address."""
    mail.outbox.clear()
    notice_mails.send_due()
    return {message.to[0]: message for message in mail.outbox}


# ── recipients ───────────────────────────────────────────────────────────────


def test_a_reply_is_notified_to_the_brands_editors_and_owners(
    campaign, owner, editor, viewer, stranger, reviewer
):
    message = write_reply(campaign, reviewer)

    assert notified(message) == [editor.email, owner.email]
    for message in mailed().values():
        assert message.subject == f"Mensaje de quien revisa: {campaign.name}"
        for form in (message.body, message.alternatives[0][0]):
            assert "Mensaje de quien revisa" in form
            assert "La vigencia." in form
            assert f"/campanas/{campaign.folio}/#conversacion" in form


def test_a_question_is_notified_to_all_reviewers_while_none_has_acted(
    campaign, editor, owner, reviewer, another
):
    group = Group.objects.create(name="Revisión")
    group.permissions.add(Permission.objects.get(codename="review_campaign"))
    of_group = User.objects.create_user("grupo@telefonica.mx", is_staff=True)
    of_group.groups.add(group)
    boss = User.objects.create_superuser("jefa@telefonica.mx")
    User.objects.create_user("mira@telefonica.mx", is_staff=True)
    reviewer_called("fuera", is_active=False)
    own = reviewer_called("propia")
    Membership.objects.create(brand=campaign.brand, user=own, role="viewer")

    message = write_question(campaign, editor)

    assert notified(message) == sorted(p.email for p in (reviewer, another, of_group, boss))
    message = mailed()[reviewer.email]
    assert message.subject == f"Mensaje de Tienda: {campaign.name}"
    assert f"/admin/campaigns/campaign/{campaign.pk}/change/#conversacion" in message.body
    assert "porque revisas campañas" in message.alternatives[0][0]


def test_a_question_is_notified_to_the_reviewer_who_acted_last(campaign, editor, reviewer, another):
    lifecycle.request_changes(campaign.pk, version=1, reasons=["x"], by=reviewer)
    assert notified(write_question(campaign, editor, "Uno")) == [reviewer.email]

    write_reply(campaign, another)
    assert notified(write_question(campaign, editor, "Dos")) == [another.email]

    another.user_permissions.clear()
    assert notified(write_question(campaign, editor, "Tres")) == [reviewer.email]


def test_a_step_of_the_brand_assigns_no_reviewer(campaign, editor, reviewer, another):
    assert campaign.events.filter(by=editor).exists()

    assert notified(write_question(campaign, editor)) == sorted([reviewer.email, another.email])


# ── mails ────────────────────────────────────────────────────────────────────


def test_one_mail_gathers_what_is_unread_in_ten_minutes(campaign, editor, reviewer, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    write_question(campaign, editor, "Uno")
    write_question(campaign, editor, "Dos <b>")
    first = mailed()[reviewer.email]
    write_question(campaign, editor, "Tres")
    write_question(campaign, editor, "Cuatro")
    assert mailed() == {}

    time_machine.move_to(timezone.now() + CONVERSATION_MAIL_INTERVAL, tick=False)
    second = mailed()[reviewer.email]

    assert first.subject == f"2 mensajes sin leer: {campaign.name}"
    assert first.body.index("Uno") < first.body.index("Dos <b>")
    assert "Dos &lt;b&gt;" in first.alternatives[0][0]
    assert "Tres" in second.body and "Cuatro" in second.body and "Uno" not in second.body
    time_machine.move_to(timezone.now() + 2 * CONVERSATION_MAIL_INTERVAL, tick=False)
    assert mailed() == {}
    assert not Notice.objects.filter(mail_due_at__isnull=False).exists()
    assert Notice.objects.filter(mailed_at__isnull=False).count() == 4


def test_another_campaign_or_another_person_is_mailed_independently(
    campaign, brand, editor, reviewer, terms, owner
):
    other = lifecycle.copy(campaign.pk, by=editor)
    lifecycle.submit(other.pk, by=editor)
    lifecycle.hold_submitted()
    Notice.objects.all().delete()
    write_question(campaign, editor)
    assert list(mailed()) == [reviewer.email]

    write_question(other, editor)
    assert list(mailed()) == [reviewer.email]
    write_reply(campaign, reviewer)
    assert sorted(mailed()) == [editor.email, owner.email]


def test_what_was_read_is_not_mailed(campaign, editor, reviewer, another):
    write_question(campaign, editor, "Uno")
    lines = conversation.messages_for(campaign, Side.STAFF)
    write_question(campaign, editor, "Dos")
    conversation.mark_read(campaign, Side.STAFF, lines)

    message = mailed()[reviewer.email]

    assert "Uno" not in message.body
    assert message.subject == f"Mensaje de Tienda: {campaign.name}"
    conversation.mark_read(campaign, Side.STAFF, conversation.messages_for(campaign, Side.STAFF))
    assert not Notice.objects.unread().exists()
    assert not Notice.objects.filter(mail_due_at__isnull=False).exists()


def test_no_mail_is_sent_where_all_was_read(campaign, editor, reviewer):
    write_question(campaign, editor)
    conversation.mark_read(campaign, Side.STAFF, conversation.messages_for(campaign, Side.STAFF))

    assert mailed() == {}


def test_what_one_side_reads_stays_unread_for_the_other(campaign, editor, reviewer):
    write_question(campaign, editor)
    write_reply(campaign, reviewer)

    conversation.mark_read(campaign, Side.BRAND, conversation.messages_for(campaign, Side.BRAND))

    assert [n.user for n in Notice.objects.unread()] == [reviewer]


@pytest.mark.parametrize("how", ["permission", "inactive", "joined"])
def test_former_reviewers_get_no_mail(campaign, editor, reviewer, how):
    write_question(campaign, editor)
    if how == "permission":
        reviewer.user_permissions.clear()
    elif how == "inactive":
        User.objects.filter(pk=reviewer.pk).update(is_active=False)
    else:
        Membership.objects.create(brand=campaign.brand, user=reviewer, role="viewer")

    assert mailed() == {}


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_send_one_mail_of_a_conversation(campaign, editor, reviewer):
    for number in range(12):
        write_question(campaign, editor, f"Pregunta {number}")
    mail.outbox.clear()
    start = Barrier(4)

    def work():
        start.wait(10)
        notice_mails.send_due()
        connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    [message] = mail.outbox
    assert all(f"Pregunta {number}" in message.body for number in range(12))


def test_a_message_written_while_a_mail_goes_out_is_not_lost(
    campaign, editor, reviewer, monkeypatch, time_machine
):
    write_question(campaign, editor, "Uno")
    sent = []

    def send(message):
        sent.append(message.body)
        if len(sent) == 1:
            write_question(campaign, editor, "Dos")
        return 1

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", send)
    notice_mails.send_due()
    assert len(sent) == 1
    time_machine.move_to(timezone.now() + CONVERSATION_MAIL_INTERVAL + timedelta(seconds=1))
    notice_mails.send_due()

    assert ["Uno" in sent[0], "Dos" in sent[0]] == [True, False]
    assert ["Uno" in sent[1], "Dos" in sent[1]] == [False, True]


# ── in the portal ────────────────────────────────────────────────────────────


def test_a_notice_opens_the_conversation_and_is_read_then(campaign, editor, reviewer):
    write_reply(campaign, reviewer)
    client = signed_in(editor)
    assert "La vigencia." in client.get("/avisos/").text

    notice = Notice.objects.get(user=editor)
    campaign_page = client.get(f"/avisos/{notice.pk}/")

    assert campaign_page.url == f"/campanas/{campaign.folio}/#conversacion"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_staff_have_notices_of_their_own_in_the_admin(campaign, editor, reviewer):
    write_question(campaign, editor)
    client = signed_in(reviewer)

    board = client.get("/admin/").text
    assert 'href="/avisos/">Avisos (1)<' in board
    listed = client.get("/avisos/").text
    assert "Mensaje de Tienda" in listed and "¿Falta algo?" in listed
    campaign_page = client.get(f"/avisos/{Notice.objects.get(user=reviewer).pk}/").url
    assert campaign_page == f"/admin/campaigns/campaign/{campaign.pk}/change/#conversacion"
    assert client.get(campaign_page.partition("#")[0]).status_code == 200

    reviewer.user_permissions.clear()
    assert "¿Falta algo?" not in client.get("/avisos/").text


def test_the_campaign_page_marks_the_notices_of_its_conversation_read(campaign, editor, reviewer):
    write_reply(campaign, reviewer)
    client = signed_in(editor)

    client.get(f"/campanas/{campaign.folio}/")

    assert not Notice.objects.filter(user=editor).unread().exists()
