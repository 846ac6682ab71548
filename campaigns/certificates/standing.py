"""Whether a certificate of a campaign can be issued: once it is over and its counts are final."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Max
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from campaigns.models import AdOrder, Campaign, DayCount, MarkedDay
from campaigns.moves import Status
from campaigns.reports.delivery import DAY, midnight
from campaigns.results import finality

RECEIPT_WAIT = timedelta(hours=72)  # from the end of an hour until its counts are final


class Standing(NamedTuple):
    """Since when the counts of a campaign's days are final; None with the reason why not.

    `first` and `last` are its channel days, on which it was or may have been delivered.
    `expected_at` is from when a certificate is to be expected.
    """

    first: date | None = None
    last: date | None = None
    final_at: datetime | None = None
    reason: str = ""
    expected_at: datetime | None = None


def of_campaign(campaign: Campaign) -> Standing:
    """Return how a campaign's certificate stands. At most six queries."""
    if campaign.sandbox:
        return Standing(reason=_("Es de una marca de pruebas: nada salió al aire que certificar."))
    if campaign.status not in Campaign.ENDED:
        return _not_over(campaign)
    if not _has_aired(campaign):
        return Standing(reason=_("Esta campaña no salió al aire: no hay entrega que certificar."))
    first, last = campaign.starts_on, _last_day(campaign)
    assert first is not None  # it was ordered
    if not _is_summed(campaign):
        return Standing(
            first, last, None, _("Estamos sumando sus últimas cuentas: espera unos segundos.")
        )
    if final_at := finality.read(first, last, campaign.brand).of_days(first, last):
        return Standing(first, last, final_at)
    expected = midnight(last + DAY) + RECEIPT_WAIT
    reason = _(
        "La campaña ya terminó y sus cuentas todavía pueden cambiar: cada hora es final 72 horas "
        "después. Podrás pedirla desde el {at}, en cuanto la plataforma de entrega cierre la "
        "última hora."
    )
    return Standing(first, last, None, reason.format(at=_moment(expected)), expected)


def _not_over(campaign: Campaign) -> Standing:
    reason = _("La constancia se emite cuando la campaña termina y sus cuentas son finales.")
    if campaign.ends_on is None or campaign.status not in Campaign.ORDERED:
        return Standing(reason=reason)
    expected = midnight(campaign.ends_on + DAY) + RECEIPT_WAIT
    reason += _(" Si termina el día previsto, podrás pedirla desde el {at}.")
    return Standing(reason=reason.format(at=_moment(expected)), expected_at=expected)


def _has_aired(campaign: Campaign) -> bool:
    if campaign.status == Status.FINISHED:
        return True
    return campaign.events.filter(to_status=Status.LIVE).exists()


def _is_summed(campaign: Campaign) -> bool:
    """Return whether no total of its days waits to be computed again."""
    orders = list(AdOrder.objects.filter(campaign=campaign).values_list("pk", flat=True))
    return not MarkedDay.objects.filter(ad_order__in=orders).exists()


def _last_day(campaign: Campaign) -> date:
    """Return its last channel day: a later one if the gateway counted something on it."""
    orders = list(AdOrder.objects.filter(campaign=campaign).values_list("pk", flat=True))
    counted = DayCount.objects.filter(ad_order__in=orders).aggregate(last=Max("day"))["last"]
    assert campaign.last_day is not None  # it was ordered
    return max(campaign.last_day, counted or campaign.last_day)


def _moment(at: datetime) -> str:
    return date_format(localtime(at), _("j \\d\\e F \\d\\e Y, H:i"))
