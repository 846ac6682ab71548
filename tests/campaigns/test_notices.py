"""Every change of status is a line of history, a notice and a mail, in the same words."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from campaigns import brands, lifecycle, notices
from campaigns.models import Campaign, Event, Membership, Notice
from campaigns.moves import MOVES

pytestmark = pytest.mark.django_db

MOVING = sorted(name for name, move in MOVES.items() if move.sources - move.targets)


def step(campaign, move, by=None, **words):
    """Write a line of history as `moves.note` does, and tell of it."""
    source = sorted(MOVES[move].sources)[0]
    target = next(iter(MOVES[move].targets - {source}), source)
    event = Event.objects.create(
        campaign=campaign,
        move=move,
        by=by,
        from_status=source,
        to_status=target,
        version_number=1,
        **words,
    )
    notices.tell(event)
    return event


def told(event):
    return dict(event.notices.values_list("user__email", "read_at"))


@pytest.mark.parametrize("move", MOVING)
def test_each_move_is_told_and_mailed_in_the_words_of_its_line(move, draft, owner, editor, viewer):
    event = step(draft, move, reasons=["La oferta no se entiende"], comment="¿De <qué>?")

    assert told(event) == {owner.email: None, editor.email: None}
    assert notices.mail_due() == 2
    for letter in mail.outbox:
        assert letter.subject == f"{MOVES[move].label}: {draft.name}"
        [(html, kind)] = letter.alternatives
        assert kind == "text/html"
        for form in (letter.body, html):
            assert str(MOVES[move].label) in form
            assert "La oferta no se entiende" in form
            assert f"/campanas/{draft.folio}/" in form
        assert "¿De <qué>?" in letter.body
        assert "¿De &lt;qué&gt;?" in html


def test_every_change_of_status_on_the_way_to_the_air_is_told(owner, approved, editor):
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
    assert all(told(event).keys() == {owner.email, editor.email} for event in changes)


def test_what_changes_no_status_is_not_told_but_offers_are(draft, editor):
    quiet = Event.objects.get(campaign=draft, move="draft")
    joined = step(draft, "join")
    offered = step(draft, "offer")

    assert told(quiet) == told(joined) == {}
    assert told(offered) == {editor.email: None}


def test_who_made_the_step_has_read_it_and_is_mailed_all_the_same(draft, owner, editor):
    event = step(draft, "submit", by=editor)

    assert told(event) == {owner.email: None, editor.email: event.at}
    notices.mail_due()
    assert sorted(letter.to[0] for letter in mail.outbox) == [editor.email, owner.email]


def test_a_move_that_is_undone_tells_nobody(draft, editor):
    with pytest.raises(RuntimeError), transaction.atomic():
        lifecycle.submit(draft.pk, by=editor)
        raise RuntimeError

    assert not Notice.objects.exists()


def test_a_suspended_brand_is_told_nothing(draft, brand, editor):
    step(draft, "hold")
    brand.active = False
    brand.save()
    later = step(draft, "expire")

    assert told(later) == {}
    assert notices.mail_due() == 0
    assert mail.outbox == []
    assert not Notice.objects.filter(mail_due_at__isnull=False).exists()


@pytest.mark.parametrize("how", ["left", "viewer", "inactive"])
def test_who_does_not_write_for_the_brand_any_more_gets_no_mail(how, draft, brand, editor):
    step(draft, "hold")
    if how == "left":
        brand.memberships.filter(user=editor).delete()
    elif how == "viewer":
        brand.memberships.filter(user=editor).update(role=Membership.Role.VIEWER)
    else:
        editor.is_active = False
        editor.save()

    assert notices.mail_due() == 0
    assert mail.outbox == []


def test_a_mail_goes_out_once(draft, editor):
    step(draft, "hold")

    assert (notices.mail_due(), notices.mail_due()) == (1, 0)

    [notice] = Notice.objects.all()
    assert notice.mailed_at is not None and notice.mail_due_at is None
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<aviso-{notice.pk}@")


def test_without_a_mail_server_nothing_is_claimed(draft, editor, monkeypatch):
    class Away(mail.backends.locmem.EmailBackend):
        def open(self):
            raise ConnectionRefusedError

    step(draft, "hold")
    monkeypatch.setattr(mail, "get_connection", Away)

    assert notices.mail_due() == 0

    assert Notice.objects.get().mail_attempts == 0


def breaking(error):
    class Breaking(mail.backends.locmem.EmailBackend):
        def send_messages(self, messages):
            if messages[0].to == ["titular@tienda.mx"]:
                raise error
            return super().send_messages(messages)

    return Breaking


def test_an_address_that_is_refused_holds_up_nobody(draft, owner, editor, monkeypatch):
    step(draft, "hold")
    Notice.objects.filter(user=owner).update(mail_due_at=timezone.now() - timedelta(hours=1))
    monkeypatch.setattr(mail, "get_connection", breaking(SMTPRecipientsRefused({})))

    assert notices.mail_due() == 1

    assert [letter.to for letter in mail.outbox] == [[editor.email]]
    refused = Notice.objects.get(user=owner)
    assert (refused.mailed_at, refused.mail_attempts) == (None, 1)
    assert refused.mail_due_at > timezone.now() + timedelta(minutes=1)


def test_a_connection_that_breaks_is_left_and_the_mail_tried_later(draft, owner, monkeypatch):
    step(draft, "hold")
    Notice.objects.exclude(user=owner).delete()
    with monkeypatch.context() as broken:
        broken.setattr(mail, "get_connection", breaking(SMTPServerDisconnected()))
        assert notices.mail_due() == 0
    assert notices.mail_due() == 0  # its next try is two minutes away

    Notice.objects.filter(user=owner).update(mail_due_at=timezone.now())
    assert notices.mail_due() == 1


def test_a_mail_is_given_up_after_so_many_tries(draft, owner, monkeypatch):
    step(draft, "hold")
    rows = Notice.objects.filter(user=owner)
    monkeypatch.setattr(mail, "get_connection", breaking(SMTPRecipientsRefused({})))

    for _attempt in range(notices.ATTEMPTS):
        rows.update(mail_due_at=timezone.now())
        notices.mail_due()

    assert rows.values_list("mail_due_at", "mailed_at", "mail_attempts").get() == (
        None,
        None,
        notices.ATTEMPTS,
    )


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_send_each_mail_once(draft, owner, editor):
    for move in ("hold", "request_changes", "expire", "start", "finish") * 4:
        step(draft, move)
    start, sent = Barrier(3), []

    def work():
        start.wait(10)
        sent.append(notices.mail_due())
        connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sum(sent) == 40
    names = [letter.extra_headers["Message-ID"] for letter in mail.outbox]
    assert len(names) == len(set(names)) == 40


def test_activation_is_told_by_mail(stranger):
    asked = brands.apply("Pizzas <Ñandú>", "FOOD", by=stranger)
    brands.activate(asked.pk)

    assert notices.mail_due() == 1

    [letter] = mail.outbox
    assert letter.subject == "Tu marca ya está activa: Pizzas <Ñandú>"
    assert "Pizzas <Ñandú>" in letter.body
    assert "Pizzas &lt;Ñandú&gt;" in letter.alternatives[0][0]


def test_a_person_sees_their_own_notices_of_brands_they_are_in(draft, brand, owner, editor):
    step(draft, "hold")
    own = Notice.objects.get(user=editor)

    assert list(Notice.objects.visible_to(editor)) == [own]
    brand.memberships.filter(user=editor).delete()
    assert list(Notice.objects.visible_to(editor)) == []
    assert notices.read_all(editor) == 0
    assert notices.read_all(owner) == 1
    assert Campaign.objects.get(pk=draft.pk).status == "draft"
