"""One mail to staff for each comparison that found something for a person."""

from datetime import timedelta
from functools import partial

import structlog
from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.core import mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import mails, notices
from campaigns.models import Drift, ReconciliationRun
from campaigns.reconciliation import drifts

log = structlog.get_logger(__name__)

PERMISSION = "view_drift"
MAIL_RETRY = timedelta(minutes=2)


def mail_due() -> int:
    """Mail staff what was found; return how many mails went out. An error repeats them later."""
    sent = 0
    while (run := _claim()) is not None:
        lease = run.mail_due_at
        try:
            messages = mails.for_each(notices.staff_with(PERMISSION), partial(_compose, run))
            sent += mail.get_connection().send_messages(messages) or 0
        except OSError as error:  # as are all errors of SMTP
            log.warning("mail_interrupted", error=str(error))
            return sent
        ReconciliationRun.objects.filter(pk=run.pk, mail_due_at=lease).update(mail_due_at=None)
    return sent


@transaction.atomic
def _claim() -> ReconciliationRun | None:
    now = timezone.now()
    rows = ReconciliationRun.objects.filter(mail_due_at__lte=now).order_by("mail_due_at")
    run = rows.select_for_update(skip_locked=True).first()
    if run is not None:
        run.mail_due_at = now + MAIL_RETRY
        run.save(update_fields=["mail_due_at"])
    return run


def _compose(run: ReconciliationRun, user: User) -> mail.EmailMultiAlternatives:
    title = (
        _("La plataforma de entrega perdió órdenes")
        if run.lost_state
        else _("La plataforma de entrega tiene algo distinto")
    )
    context = {
        "title": title,
        "run": run,
        "kinds": drifts.count_by_kind(Drift.objects.for_a_person()),
        "missing": Drift.objects.open().filter(kind=Drift.Kind.MISSING).count(),
        "url": settings.PORTAL_URL + reverse("admin:campaigns_drift_changelist"),
        "action": _("Ver las diferencias"),
    }
    return mails.compose("drifts", user.email, title, context)
