"""Mails of results go out once an address and period, with the numbers in them."""

import re
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from threading import Barrier, Thread

import pytest
import time_machine
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from campaigns import report_mails
from campaigns.models import Brand, Campaign, Membership, ReportMail, ReportRecipient
from campaigns.report_mails.weeks import Span
from campaigns.results import summary
from campaigns.results.counts import Counts
from portal.accounts.models import User
from tests import counts, statuses
from tests.results import put_counts

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _empty_box(campaign):
    mail.outbox.clear()


def address(recipient_email, brand, owner, **fields):
    """An address outside of the brand that has confirmed."""
    long_ago = counts.at(timezone.localdate() - 90 * DAY)
    since = {"weekly_since": long_ago, "end_since": long_ago, "confirmed_at": long_ago}
    return ReportRecipient.objects.create(
        brand=brand, email=recipient_email, added_by=owner, **since | fields
    )


@pytest.fixture
def reader_of_ends(recipient):
    """The owner, who gets mails at the end of campaigns alone."""
    ReportRecipient.objects.update(weekly_since=None)


def queue_and_send():
    return report_mails.queue_due(), report_mails.send_due()


def test_a_week_is_mailed_on_monday_morning_with_the_sums_of_the_summary(
    campaign, after, recipient, owner
):
    monday = after(0, hour=7, minute=59)
    assert queue_and_send() == (0, 0)
    after(0)

    assert queue_and_send() == (1, 1)

    span = Span(monday - 7 * DAY, monday - DAY)
    total = summary.of([campaign], *span).total
    [message] = mail.outbox
    assert message.to == [owner.email]
    assert message.subject == f"Tienda: {total.delivered:,} entregadas {span}"
    [(html, _kind)] = message.alternatives
    best = intcomma(900 * ((span.last - campaign.starts_on).days + 1))
    for form in (message.body, html):
        assert campaign.name in form
        assert f"{total.delivered:,}" in re.sub(r"</?b>", "", form)
        assert "de 80,000 entregadas" in form
        assert f"({best})" in form
        assert "provisional" in form
        assert f"/marcas/{campaign.brand.slug}/" in form
    assert "<img" not in html


def test_nothing_is_sent_twice_and_a_week_missed_is_sent_later_in_it(campaign, after, recipient):
    monday = after(0)
    with afternoon_of(monday + 3 * DAY):
        assert queue_and_send() == (1, 1)
        assert queue_and_send() == (0, 0)
    assert ReportMail.objects.get().first == monday - 7 * DAY


def afternoon_of(day):
    return time_machine.travel(counts.at(day, 15), tick=False)


def test_a_week_without_campaigns_is_not_mailed(campaign, after, recipient):
    after(-7)

    assert queue_and_send() == (0, 0)
    assert mail.outbox == []


def test_who_chose_it_after_it_was_due_waits_for_the_next(campaign, after, brand, owner):
    monday = after(0, hour=9)
    late = address("tarde@x.mx", brand, owner, weekly_since=counts.at(monday, 8, 30))

    assert queue_and_send() == (0, 0)

    with afternoon_of(monday + 7 * DAY):
        assert queue_and_send() == (1, 1)
    assert mail.outbox[0].to == [late.email]


def test_the_same_address_twice_in_a_brand_gets_one_mail(campaign, after, recipient, brand, owner):
    address(owner.email, brand, owner)
    after(0)

    report_mails.queue_due()

    assert report_mails.send_due() == 1
    assert queue_and_send()[1] == 0


def test_a_mail_can_be_stopped_with_one_click(campaign, after, recipient):
    after(0)
    queue_and_send()
    [message] = mail.outbox
    raw = re.sub(r"\n[ \t]+", "", message.message().as_bytes().decode())  # unfolded
    [url] = re.findall(r"^List-Unsubscribe: ?<(http[^>\s]+)>$", raw, re.MULTILINE)
    assert "\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in raw
    assert url in message.body

    response = Client().post(url, {"List-Unsubscribe": "One-Click"})

    assert response.status_code == 204
    recipient.refresh_from_db()
    assert recipient.weekly_stopped_at and not recipient.end_stopped_at
    with afternoon_of(timezone.localdate() + 7 * DAY):
        assert queue_and_send() == (0, 0)


NOBODY = {
    "suspended brand": lambda r: Brand.objects.update(
        active=False, suspension_reason="x", suspended_at=timezone.now()
    ),
    "inactive user": lambda r: User.objects.filter(pk=r.user_id).update(is_active=False),
    "removed member": lambda r: Membership.objects.filter(user=r.user_id).delete(),
    "program": lambda r: Membership.objects.filter(user=r.user_id).update(role="program"),
    "stopped": lambda r: ReportRecipient.objects.update(weekly_stopped_at=timezone.now()),
    "not chosen": lambda r: ReportRecipient.objects.update(weekly_since=None),
    "not confirmed": lambda r: ReportRecipient.objects.update(confirmed_at=None),
    "removed": lambda r: ReportRecipient.objects.update(removed_at=timezone.now()),
}


@pytest.mark.parametrize("queued", [False, True])
@pytest.mark.parametrize("why", NOBODY)
def test_who_may_not_have_it_any_more_gets_nothing(why, queued, campaign, after, recipient):
    after(0)
    if queued:
        assert report_mails.queue_due() == 1
    NOBODY[why](recipient)

    assert queue_and_send() == (0, 0)
    assert mail.outbox == []
    assert not ReportMail.objects.filter(mail_due_at__isnull=False).exists()


def test_the_end_is_mailed_provisionally_and_once_more_when_final(
    campaign, reader_of_ends, time_machine, owner
):
    end = campaign.ends_on + DAY
    statuses.put(campaign.pk, "finished", status_at=counts.at(end, 0, 1))
    time_machine.move_to(counts.at(end, 7, 59), tick=False)
    assert queue_and_send() == (0, 0)

    time_machine.move_to(counts.at(end, 8), tick=False)
    assert [queue_and_send() for _time in range(2)] == [(1, 1), (0, 0)]
    assert mail.outbox[0].subject == (
        "Terminó Recarga de diciembre: 32,400 de 80,000 entregadas, provisional"
    )

    put_counts(campaign, {(counts.at(campaign.ends_on, 9), "55"): Counts(4_000, 4_000)}, revision=2)
    counts.make_final(campaign.starts_on, campaign.ends_on)
    assert [queue_and_send() for _time in range(2)] == [(1, 1), (0, 0)]
    total = summary.of([campaign], campaign.starts_on, campaign.ends_on).total
    assert total.delivered == 32_400 + 400
    assert mail.outbox[1].subject == (
        f"Cuentas finales de Recarga de diciembre: {total.delivered:,} de 80,000 entregadas"
    )
    assert "cuentas finales" in mail.outbox[1].body


def test_what_is_final_at_once_is_mailed_once(campaign, reader_of_ends, time_machine):
    statuses.put(campaign.pk, "finished", status_at=counts.at(campaign.ends_on, 23, 59))
    counts.make_final(campaign.starts_on, campaign.ends_on)
    time_machine.move_to(counts.at(campaign.ends_on + DAY, 9), tick=False)

    assert [queue_and_send() for _time in range(2)] == [(1, 1), (0, 0)]
    assert ReportMail.objects.get().kind == "final"


def test_a_provisional_mail_that_is_late_gives_way_to_the_final_one(
    campaign, reader_of_ends, time_machine
):
    statuses.put(campaign.pk, "finished", status_at=counts.at(campaign.ends_on, 23, 59))
    time_machine.move_to(counts.at(campaign.ends_on + DAY, 9), tick=False)
    assert report_mails.queue_due() == 1
    counts.make_final(campaign.starts_on, campaign.ends_on)

    assert report_mails.send_due() == 0
    assert queue_and_send() == (1, 1)
    assert mail.outbox[0].subject.startswith("Cuentas finales")


def test_an_end_before_the_choice_is_not_mailed(campaign, reader_of_ends, time_machine):
    ended = counts.at(campaign.ends_on, 23, 59)
    statuses.put(campaign.pk, "finished", status_at=ended)
    ReportRecipient.objects.update(end_since=ended + timedelta(minutes=1))
    time_machine.move_to(ended + DAY, tick=False)

    assert queue_and_send() == (0, 0)


def test_a_campaign_cancelled_before_its_first_day_is_not_mailed(
    campaign, reader_of_ends, time_machine
):
    statuses.put(campaign.pk, "cancelled", status_at=counts.at(campaign.starts_on - DAY, 10))
    time_machine.move_to(counts.at(campaign.starts_on, 9), tick=False)

    assert queue_and_send() == (0, 0)


def test_another_brand_has_mails_of_its_own(campaign, after, recipient, stranger):
    ReportRecipient.objects.update(user=stranger, brand=stranger.brands.get())
    after(0)

    assert queue_and_send() == (0, 0)  # no campaign of that brand ran


def test_without_a_mail_server_nothing_is_claimed_and_nothing_lost(
    campaign, after, recipient, monkeypatch
):
    class Away(mail.backends.locmem.EmailBackend):
        def open(self):
            raise ConnectionRefusedError

    after(0)
    with monkeypatch.context() as broken:
        broken.setattr(mail, "get_connection", Away)
        assert queue_and_send() == (1, 0)
    assert ReportMail.objects.get().mail_attempts == 0

    assert queue_and_send() == (0, 1)
    assert queue_and_send() == (0, 0)


@pytest.mark.parametrize("error", [SMTPServerDisconnected(), SMTPRecipientsRefused({})])
def test_a_mail_that_may_have_gone_out_is_tried_later_with_the_same_id(
    error, campaign, after, recipient, monkeypatch, time_machine
):
    ids = []

    class Dying(mail.backends.locmem.EmailBackend):
        def send_messages(self, messages):
            ids.append(messages[0].extra_headers["Message-ID"])
            raise error

    after(0)
    with monkeypatch.context() as broken:
        broken.setattr(mail, "get_connection", Dying)
        assert queue_and_send() == (1, 0)
    assert queue_and_send() == (0, 0)  # not at once

    time_machine.shift(timedelta(minutes=3))
    assert queue_and_send() == (0, 1)
    assert [mail.outbox[0].extra_headers["Message-ID"]] == ids


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_queue_and_send_each_mail_once(campaign, after, brand, owner):
    for number in range(12):
        address(f"lector-{number}@agencia.mx", brand, owner)
    after(0)
    start = Barrier(3)

    def work():
        start.wait(30)
        queue_and_send()
        connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    report_mails.send_due()

    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        f"lector-{number}@agencia.mx" for number in range(12)
    )


def test_who_has_no_account_gets_no_link_that_asks_to_sign_in(campaign, after, brand, owner):
    address("agencia@fuera.mx", brand, owner)
    after(0)
    queue_and_send()

    [message] = mail.outbox
    assert "/marcas/" not in message.body + message.alternatives[0][0]
    assert "pide a Tienda que te invite" in message.body


def test_many_campaigns_are_cut_and_the_sum_is_of_all(
    campaign, after, recipient, brand, monkeypatch
):
    monkeypatch.setattr("campaigns.report_mails.compose.LISTED", 0)
    monday = after(0)
    Campaign.objects.filter(pk=campaign.pk).update(name="La única")
    queue_and_send()

    total = summary.of([campaign], monday - 7 * DAY, monday - DAY).total.delivered
    assert "Y 1 campaña más" in mail.outbox[0].body
    assert f"{total:,}" in mail.outbox[0].subject
