"""The queue of mails of results: rows are made when a mail is due, once an address and period."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import override

from campaigns import mail_queue
from campaigns.models import Campaign, ReportMail, ReportRecipient
from campaigns.report_mails import compose, figures, weeks
from campaigns.report_mails.weeks import Span
from campaigns.results import finality
from core.wake import wake

ENDED_WITHIN = timedelta(days=60)  # an older end is not looked at: its counts were final long ago

MailKind = ReportMail.Kind
RecipientKind = ReportRecipient.Kind


def queue_due(now: datetime | None = None) -> int:
    """Queue the mails that have become due; return how many. Safe to repeat.

    They are of the last whole week, from its Monday morning on, and of campaigns that ended: on
    the next morning, and once more when their counts are final.
    """
    now = now or timezone.now()
    rows = [*_of_week(now), *_of_ends(now)]
    if rows:
        # Another worker, or another recipient with the same address, may have queued one.
        ReportMail.objects.bulk_create(rows, ignore_conflicts=True)
        wake("campaigns.tasks.send_report_mails")
    return len(rows)


def send_due() -> int:
    """Send the mails that are due, over one connection; return how many went out."""
    if not ReportMail.objects.filter(mail_due_at__lte=timezone.now()).exists():
        return 0
    return mail_queue.send_all(_claim, _send)


def _of_week(now: datetime) -> Iterable[ReportMail]:
    """Yield a mail for each who chose it before it was due, and whose brand had a campaign."""
    span = weeks.last_due(now)
    recipients = ReportRecipient.objects.wanting(RecipientKind.WEEKLY).filter(
        Exists(figures.ran(span).filter(brand=OuterRef("brand"))),
        ~Exists(
            ReportMail.objects.filter(recipient=OuterRef("pk"), first=span.first, campaign=None)
        ),
        weekly_since__lt=weeks.due_at(span),
    )
    for recipient in recipients.select_related("user"):
        yield _mail(recipient, MailKind.WEEKLY, span)


def _of_ends(now: datetime) -> Iterable[ReportMail]:
    recipients = ReportRecipient.objects.wanting(RecipientKind.END)
    done = ReportMail.objects.filter(campaign=OuterRef("pk"), kind=MailKind.FINAL)
    rows = figures.ran().filter(
        ~Exists(done),
        Exists(recipients.filter(brand=OuterRef("brand"), end_since__lt=OuterRef("status_at"))),
        status__in=figures.OVER,
        status_at__gt=now - ENDED_WITHIN,
    )
    ended = [each for each in rows if weeks.morning_after(each.status_at) <= now]
    if not ended:
        return
    spans = {each.pk: _whole(each) for each in ended}
    final = finality.read(
        min(span.first for span in spans.values()), max(span.last for span in spans.values())
    )
    for campaign in ended:
        span = spans[campaign.pk]
        kind = MailKind.FINAL if final.of_days(*span) else MailKind.ENDED
        mailed = ReportMail.objects.filter(recipient=OuterRef("pk"), campaign=campaign, kind=kind)
        wanting = recipients.filter(
            ~Exists(mailed), brand=campaign.brand_id, end_since__lt=campaign.status_at
        )
        for recipient in wanting.select_related("user"):
            yield _mail(recipient, kind, span, campaign)


def _whole(campaign: Campaign) -> Span:
    """Return the days of a campaign that has ended."""
    assert campaign.starts_on and campaign.last_day  # it ran
    return Span(campaign.starts_on, campaign.last_day)


def _mail(
    recipient: ReportRecipient, kind: MailKind, span: Span, campaign: Campaign | None = None
) -> ReportMail:
    return ReportMail(
        recipient=recipient,
        brand_id=recipient.brand_id,
        address=recipient.address.lower(),
        kind=kind,
        campaign=campaign,
        first=span.first,
        last=span.last,
    )


@transaction.atomic
def _claim() -> ReportMail | None:
    """Claim the mail that has been due the longest."""
    now = timezone.now()
    related = ("recipient__user", "recipient__brand", "campaign__link")
    rows = ReportMail.objects.filter(mail_due_at__lte=now).select_related(*related)
    row = rows.select_for_update(skip_locked=True, of=("self",)).order_by("mail_due_at").first()
    if row is not None:
        mail_queue.postpone(row, now)
    return row


def _send(row: ReportMail, connection: BaseEmailBackend) -> bool:
    """Send a claimed mail unless it is wanted no more; return whether it was sent."""
    kind = RecipientKind.END if row.campaign else RecipientKind.WEEKLY
    wanted = ReportRecipient.objects.wanting(kind).filter(pk=row.recipient_id).exists()
    with override(row.recipient.language):
        message = compose.of_row(row) if wanted else None
    if message is not None:
        message.connection = connection
        message.send()
    sent_at = timezone.now() if message else None
    ReportMail.objects.filter(pk=row.pk).update(mail_due_at=None, mailed_at=sent_at)
    return message is not None
