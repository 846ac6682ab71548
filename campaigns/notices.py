"""What a brand's people are told by mail: after the commit, and never at its expense."""

from collections.abc import Sequence

import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core import mail
from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Membership
from inventory.models import Reservation

log = structlog.get_logger(__name__)


def offer(campaign: Campaign, hold: Reservation) -> None:
    """Tell a brand's owners and editors of what was held for a campaign that waited."""
    assert hold.expires_at is not None  # a hold has its expiry
    name = " ".join(campaign.name.split())  # a subject is one line
    body = _(
        "Se liberó inventario para tu campaña «{name}» ({folio}).\n\n"
        "Apartamos para ti {quantity} notificaciones hasta el {until}. Para usarlas, envíala "
        "a revisión sin cambiarla: su inventario ya está seguro. Si ya no lo quieres, suéltalo "
        "en su página y se ofrece a la siguiente de la lista.\n\n"
        "{page}\n\n"
        "Si nadie la envía a tiempo, el apartado vence y se ofrece a la siguiente."
    ).format(
        name=name,
        folio=campaign.folio,
        quantity=intcomma(hold.quantity),
        until=date_format(localtime(hold.expires_at), "DATETIME_FORMAT"),
        page=settings.PORTAL_URL + reverse("portal:campaign", args=[campaign.folio]),
    )
    subject = _("Hay lugar para «{name}»: envíala a revisión").format(name=name)
    _tell(campaign, subject, body)


def _tell(campaign: Campaign, subject: str, body: str) -> None:
    """Send each of those who write for the brand a mail of their own, once this has committed."""
    people = get_user_model().objects.filter(
        is_active=True,
        memberships__brand_id=campaign.brand_id,
        memberships__role__in=Membership.EDITORS,
    )
    letters = [
        mail.EmailMessage(subject, body, to=[address])
        for address in people.order_by("id").values_list("email", flat=True)
    ]
    transaction.on_commit(lambda: _send(letters, campaign.pk), robust=True)


def _send(letters: Sequence[mail.EmailMessage], campaign_id: int) -> None:
    try:
        mail.get_connection().send_messages(letters)
    except OSError as error:  # as are all errors of SMTP
        log.warning("mail_lost", campaign=campaign_id, error=str(error))
