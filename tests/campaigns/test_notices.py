"""Changes of status are recorded as an event, a notice and a mail, with the same label."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from campaigns import brands, lifecycle, mail_queue, notice_mails, notices
from campaigns.models import Campaign, Event, Membership, Notice
from campaigns.moves import MOVES
from tests import statuses

pytestmark = pytest.mark.django_db

MOVING = sorted(name for name, move in MOVES.items() if move.sources - move.targets)


def step(campaign, move, by=None, **extra):
    """Create an event as `lifecycle.moves` does, and notify of it."""
    statuses.commit()  # the campaign keeps its status: only the event is looked at
    source = sorted(MOVES[move].sources)[0]
    target = next(iter(MOVES[move].targets - {source}), source)
    event = Event.objects.create(
        campaign=campaign,
        move=move,
        by=by,
        from_status=source,
        to_status=target,
        version_number=1,
        **extra,
    )
    notices.notify_event(event)
    return event


def notified(event):
    return dict(event.notices.values_list("user__email", "read_at"))


@pytest.mark.parametrize("move", [name for name in MOVING if MOVES[name].notifies])
def test_each_move_is_notified_and_mailed_with_the_label_of_its_event(
    move, draft, owner, editor, viewer
):
    event = step(draft, move, reasons=["La oferta no se entiende"], comment="¿De <qué>?")

    assert notified(event) == {owner.email: None, editor.email: None}
    assert notice_mails.send_due() == 2
    for message in mail.outbox:
        assert message.subject == f"{MOVES[move].label}: {draft.name}"
        [(html, kind)] = message.alternatives
        assert kind == "text/html"
        for form in (message.body, html):
            assert str(MOVES[move].label) in form
            assert "La oferta no se entiende" in form
            assert f"/campanas/{draft.folio}/" in form
        assert "¿De <qué>?" in message.body
        assert "¿De &lt;qué&gt;?" in html


def test_every_change_of_status_is_notified(owner, approved, editor):
    lifecycle.schedule(approved.pk)
    start = approved.starts_on
    lifecycle.advance_due(timezone.now() + (start - timezone.localdate()) + timedelta(hours=1))
    lifecycle.pause(approved.pk, by=editor)
    lifecycle.resume(approved.pk, by=editor)
    lifecycle.cancel(approved.pk, by=owner)

    changes = [e for e in approved.events.order_by("id") if e.from_status not in ("", e.to_status)]
    assert [e.move for e in changes] == [
        "submit",
        "hold",
        "approve",
        "schedule",
        "start",
        "pause",
        "resume",
        "cancel",
    ]
    assert all(notified(event).keys() == {owner.email, editor.email} for event in changes)


def test_moves_without_a_change_of_status_are_not_notified_except_offers(draft, editor):
    quiet = Event.objects.get(campaign=draft, move="draft")
    joined = step(draft, "join")
    offered = step(draft, "offer")

    assert notified(quiet) == notified(joined) == {}
    assert notified(offered) == {editor.email: None}


def test_the_notice_of_the_actor_is_read_and_still_mailed(draft, owner, editor):
    event = step(draft, "submit", by=editor)

    assert notified(event) == {owner.email: None, editor.email: event.at}
    notice_mails.send_due()
    assert sorted(message.to[0] for message in mail.outbox) == [editor.email, owner.email]


def test_a_move_that_is_rolled_back_notifies_nobody(draft, editor):
    with pytest.raises(RuntimeError), transaction.atomic():
        lifecycle.submit(draft.pk, by=editor)
        raise RuntimeError

    assert not Notice.objects.exists()


def test_a_suspended_brand_is_still_told_of_its_campaigns(draft, brand, editor):
    brand.active = False
    brand.save()

    assert notified(step(draft, "expire"))
    assert notice_mails.send_due() == 1


def test_a_brand_that_was_never_activated_is_sent_nothing(draft, brand, editor):
    step(draft, "hold")
    brand.active, brand.activated_at = False, None
    brand.save()
    later = step(draft, "expire")

    assert notified(later) == {}
    assert notice_mails.send_due() == 0
    assert mail.outbox == []
    assert not Notice.objects.filter(mail_due_at__isnull=False).exists()


@pytest.mark.parametrize("how", ["left", "viewer", "inactive"])
def test_former_editors_get_no_mail(how, draft, brand, editor):
    step(draft, "hold")
    if how == "left":
        brand.memberships.filter(user=editor).delete()
    elif how == "viewer":
        brand.memberships.filter(user=editor).update(role=Membership.Role.VIEWER)
    else:
        editor.is_active = False
        editor.save()

    assert notice_mails.send_due() == 0
    assert mail.outbox == []


def test_a_mail_goes_out_once(draft, editor):
    step(draft, "hold")

    assert (notice_mails.send_due(), notice_mails.send_due()) == (1, 0)

    [notice] = Notice.objects.all()
    assert notice.mailed_at is not None and notice.mail_due_at is None
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<aviso-{notice.pk}@")


def test_without_a_mail_server_nothing_is_claimed(draft, editor, monkeypatch):
    class Away(mail.backends.locmem.EmailBackend):
        def open(self):
            raise ConnectionRefusedError

    step(draft, "hold")
    monkeypatch.setattr(mail, "get_connection", Away)

    assert notice_mails.send_due() == 0

    assert Notice.objects.get().mail_attempts == 0


def breaking(error):
    class Breaking(mail.backends.locmem.EmailBackend):
        def send_messages(self, messages):
            if messages[0].to == ["titular@tienda.mx"]:
                raise error
            return super().send_messages(messages)

    return Breaking


def test_a_refused_address_does_not_stop_other_mails(draft, owner, editor, monkeypatch):
    step(draft, "hold")
    Notice.objects.filter(user=owner).update(mail_due_at=timezone.now() - timedelta(hours=1))
    monkeypatch.setattr(mail, "get_connection", breaking(SMTPRecipientsRefused({})))

    assert notice_mails.send_due() == 1

    assert [message.to for message in mail.outbox] == [[editor.email]]
    refused = Notice.objects.get(user=owner)
    assert (refused.mailed_at, refused.mail_attempts) == (None, 1)
    assert refused.mail_due_at > timezone.now() + timedelta(minutes=1)


def test_a_connection_that_breaks_is_left_and_the_mail_tried_later(draft, owner, monkeypatch):
    step(draft, "hold")
    Notice.objects.exclude(user=owner).delete()
    with monkeypatch.context() as broken:
        broken.setattr(mail, "get_connection", breaking(SMTPServerDisconnected()))
        assert notice_mails.send_due() == 0
    assert notice_mails.send_due() == 0  # its next try is two minutes away

    Notice.objects.filter(user=owner).update(mail_due_at=timezone.now())
    assert notice_mails.send_due() == 1


def test_a_mail_is_given_up_after_ten_attempts(draft, owner, monkeypatch):
    step(draft, "hold")
    rows = Notice.objects.filter(user=owner)
    monkeypatch.setattr(mail, "get_connection", breaking(SMTPRecipientsRefused({})))

    for _attempt in range(mail_queue.ATTEMPTS):
        rows.update(mail_due_at=timezone.now())
        notice_mails.send_due()

    assert rows.values_list("mail_due_at", "mailed_at", "mail_attempts").get() == (
        None,
        None,
        mail_queue.ATTEMPTS,
    )


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_send_each_mail_once(draft, owner, editor):
    for move in ("hold", "request_changes", "expire", "start", "finish") * 4:
        step(draft, move)
    start, sent = Barrier(3), []

    def work():
        start.wait(10)
        sent.append(notice_mails.send_due())
        connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sum(sent) == 40
    names = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(names) == len(set(names)) == 40


def test_activation_is_notified_by_mail(stranger):
    applied = brands.apply("Pizzas <Ñandú>", "FOOD", by=stranger)
    brands.activate(applied.pk)

    assert notice_mails.send_due() == 1

    [message] = mail.outbox
    assert message.subject == "Tu marca ya está activa: Pizzas <Ñandú>"
    assert "Pizzas <Ñandú>" in message.body
    assert "Pizzas &lt;Ñandú&gt;" in message.alternatives[0][0]


def test_a_person_sees_their_own_notices_of_brands_they_are_in(draft, brand, owner, editor):
    step(draft, "hold")
    own = Notice.objects.get(user=editor)

    assert list(Notice.objects.visible_to(editor)) == [own]
    brand.memberships.filter(user=editor).delete()
    assert list(Notice.objects.visible_to(editor)) == []
    assert notices.mark_all_read(editor) == 0
    assert notices.mark_all_read(owner) == 1
    assert Campaign.objects.get(pk=draft.pk).status == "draft"
