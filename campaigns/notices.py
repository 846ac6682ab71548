"""What people of a brand are told: a row for each, written with the step it tells of.

The row is the record, and the queue of its mail: a worker claims it, sends the mail
outside any transaction and notes that. A mail that may have gone out is never tried
again at once, so a worker that dies in between costs minutes and rarely a second copy.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import letters
from campaigns.models import Brand, Event, Membership, Notice, Webhook
from campaigns.wake import wake

log = structlog.get_logger(__name__)

ATTEMPTS = 10  # with doubled pauses, about 17 hours

# Lines of history that move no status and that a brand hears of all the same.
ALSO_HEARD = frozenset({"offer", "lapse", "miss"})

# What to do now, where the words of the history leave that open.
ADVICE: Mapping[str, str | Promise] = {
    "decline": gettext_lazy(
        "Cambia zona, fechas o volumen y envíala de nuevo, o pide en su página que te "
        "avisemos cuando haya lugar."
    ),
    "request_changes": gettext_lazy("Corrige lo que se pide y envíala de nuevo."),
    "offer": gettext_lazy(
        "Para usarlas, envíala a revisión sin cambiarla: su inventario ya está seguro. Si ya no "
        "lo quieres, suéltalo en su página. Si nadie la envía a tiempo, el apartado vence y se "
        "ofrece a la siguiente de la lista."
    ),
    "lapse": gettext_lazy("Puedes pedir otra vez que te avisemos, o cambiarla y enviarla."),
    "miss": gettext_lazy("Cambia las fechas y envíala de nuevo."),
    "reject": gettext_lazy("Puedes copiarla como un borrador nuevo."),
    "expire": gettext_lazy("Puedes copiarla como un borrador nuevo."),
    Notice.Kind.HOOK_DEAD: gettext_lazy(
        "En tres días no recibió nada de lo que le enviamos. Arréglalo, mándale un evento de "
        "prueba y reanúdalo: lo que pasó mientras tanto lo espera 30 días."
    ),
    Notice.Kind.HOOK_GONE: gettext_lazy(
        "Contestó 410, que es pedir que no le enviemos más. Si fue un error, arréglalo y "
        "reanúdalo: lo que pasó mientras tanto lo espera 30 días."
    ),
}


def tell(event: Event) -> None:
    """Tell a brand's owners and editors of a step, in the transaction that made it.

    Every change of status is told. Who made the step has read of it already.
    """
    moved = event.from_status and event.from_status != event.to_status
    if moved or event.move in ALSO_HEARD:
        people = Membership.objects.filter(
            brand_id=event.campaign.brand_id, brand__active=True, role__in=Membership.EDITORS
        )
        _write(people, Notice(brand_id=event.campaign.brand_id, event=event, at=event.at))


def tell_activated(brand: Brand) -> None:
    """Tell a brand's owners that they may begin, in the transaction that let it in."""
    owners = Membership.objects.filter(brand=brand, role=Membership.Role.OWNER)
    _write(owners, Notice(brand=brand, kind=Notice.Kind.ACTIVATED))


def tell_paused(webhook: Webhook) -> None:
    """Tell a brand's owners that we paused a webhook, in the transaction that did."""
    gone = webhook.paused_for == Webhook.PausedFor.GONE
    kind = Notice.Kind.HOOK_GONE if gone else Notice.Kind.HOOK_DEAD
    owners = Membership.objects.filter(brand_id=webhook.brand_id, role=Membership.Role.OWNER)
    _write(owners, Notice(brand_id=webhook.brand_id, kind=kind, webhook=webhook))


def _write(people: Iterable[Membership], pattern: Notice) -> None:
    actor = pattern.event.by_id if pattern.event else None
    rows = [
        Notice(
            user_id=member.user_id,
            brand_id=pattern.brand_id,
            kind=pattern.kind,
            event_id=pattern.event_id,
            webhook_id=pattern.webhook_id,
            at=pattern.at,
            read_at=pattern.at if member.user_id == actor else None,
            mail_due_at=None if member.role == Membership.Role.PROGRAM else pattern.at,
        )
        for member in people
    ]
    if rows:
        Notice.objects.bulk_create(rows)
        wake("campaigns.tasks.mail_notices")


def read_all(user: AbstractBaseUser) -> int:
    """Mark all that a person can see as read; say how many were not."""
    unread = Notice.objects.visible_to(user).unread().values("pk")
    return Notice.objects.filter(pk__in=unread).update(read_at=timezone.now())


def advice(notice: Notice) -> str | Promise:
    """Say what to do now, or nothing."""
    return ADVICE.get(notice.event.move if notice.event else notice.kind, "")


def page(notice: Notice) -> str:
    """Give the address, without host, of what the notice is about."""
    if notice.campaign:
        return reverse("portal:campaign", args=[notice.campaign.folio])
    if notice.webhook:
        return reverse("portal:brand", args=[notice.brand.slug])
    return reverse("portal:campaigns", args=[notice.brand.slug])


def mail_due() -> int:
    """Send the mails that are due, over one connection; say how many went out.

    Where there is no mail server nothing is claimed, so no attempt is spent.
    """
    if not Notice.objects.due(timezone.now()).exists():
        return 0
    connection = mail.get_connection()
    try:
        connection.open()
    except OSError as error:  # as are all errors of SMTP
        log.warning("mail_server_away", error=str(error))
        return 0
    sent = 0
    try:
        while (notice := _claim()) is not None:
            try:
                sent += _send(notice, connection)
            except SMTPRecipientsRefused:
                log.warning("mail_refused", notice=notice.pk)
    except OSError as error:
        log.warning("mail_interrupted", error=str(error))
    finally:
        connection.close()
    return sent


@transaction.atomic
def _claim() -> Notice | None:
    """Take the longest due notice, and put its next try off far enough to send it now."""
    now = timezone.now()
    rows = Notice.objects.due(now).select_related("user", "brand", "event__campaign", "webhook")
    notice = rows.select_for_update(skip_locked=True, of=("self",)).order_by("mail_due_at").first()
    if notice is None:
        return None
    notice.mail_attempts += 1
    pause = timedelta(minutes=2**notice.mail_attempts)
    notice.mail_due_at = now + pause if notice.mail_attempts < ATTEMPTS else None
    notice.save(update_fields=["mail_attempts", "mail_due_at"])
    return notice


def _send(notice: Notice, connection: BaseEmailBackend) -> bool:
    """Send a claimed notice's mail, if its person still writes for the brand; say whether."""
    roles = notice.brand.memberships.filter(user_id=notice.user_id, role__in=Membership.EDITORS)
    wanted = notice.user.is_active and notice.brand.active and roles.exists()
    if wanted:
        letter = _letter(notice)
        letter.connection = connection
        letter.send()
        notice.mailed_at = timezone.now()
    notice.mail_due_at = None
    notice.save(update_fields=["mailed_at", "mail_due_at"])
    return wanted


def _letter(notice: Notice) -> mail.EmailMultiAlternatives:
    title = notice.title
    about = notice.campaign.name if notice.campaign else notice.brand.name
    if notice.webhook:
        about = notice.webhook.host
    context = {
        "notice": notice,
        "title": title,
        "advice": advice(notice),
        "url": settings.PORTAL_URL + page(notice),
        "action": _("Ver la campaña") if notice.campaign else _("Entrar al portal"),
    }
    letter = letters.write("notice", notice.user.email, f"{title}: {about}", context)
    # A second copy after a lost note has the same name, so that mail programs show one.
    letter.extra_headers["Message-ID"] = (
        f"<aviso-{notice.pk}@{urlsplit(settings.PORTAL_URL).hostname}>"
    )
    return letter
