"""Whether a campaign is ready for review: its problems by field."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import ad_text, links, pricing, text_limit
from campaigns.models.campaign import OrderTerms
from segments import areas

Problems = dict[str, list[str]]


def first_possible_day(now: datetime | None = None) -> date:
    """Return the first channel day that begins `LEAD_HOURS` (48) or more after `now`.

    Source: the channel's sheet, "tiempo de implementación 48 horas".
    """
    earliest = timezone.localtime(now or timezone.now()) + timedelta(hours=settings.LEAD_HOURS)
    midnight = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
    return earliest.date() if earliest == midnight else earliest.date() + timedelta(days=1)


def last_open_day(now: datetime | None = None) -> date:
    """Return the last channel day on sale."""
    return timezone.localdate(now) + timedelta(days=settings.HORIZON_DAYS - 1)


def problems(terms: OrderTerms, now: datetime | None = None) -> Problems:
    """Return what is missing or wrong by field, with how to fix it. Empty: it can be sent.

    `now` is by default the time by which the terms' brand lives.
    """
    now = now or terms.now()
    unsold = pricing.problems(terms)
    found = {
        "name": _name(terms),
        "text": [*_text(terms), *_links(terms, "foreign_link")],
        "destination": [*_destination(terms), *_links(terms, "link_missing", "link_idle")],
        "area": [*_area(terms), *unsold.get("area", [])],
        "promotion_ends_on": _validity(terms),
        **day_problems(terms.starts_on, terms.ends_on, now),
        "volume": [*_volume(terms), *unsold.get("volume", [])],
        "daily_cap": _daily_cap(terms),
    }
    return {field: messages for field, messages in found.items() if messages}


def day_problems(
    starts_on: date | None, ends_on: date | None, now: datetime | None = None
) -> Problems:
    """Return what is wrong with the first and the last day, by field."""
    return {"starts_on": _start(starts_on, now), "ends_on": _end(starts_on, ends_on, now)}


def _name(terms: OrderTerms) -> list[str]:
    return [] if terms.name.strip() else [_("Ponle un nombre para reconocerla en tu lista.")]


def _text(terms: OrderTerms) -> list[str]:
    found = ad_text.check(terms.text, limit=text_limit.current())
    return [problem.message for problem in found]


def _destination(terms: OrderTerms) -> list[str]:
    return [problem.message for problem in links.check_destination(terms.destination)]


def _links(terms: OrderTerms, *codes: str) -> list[str]:
    """Return the problems, of these codes, of the short links in the text."""
    link = getattr(terms, "short_link", "")
    found = links.check_text(terms.text, link=link, has_destination=bool(terms.destination.strip()))
    return [problem.message for problem in found if problem.code in codes]


def _area(terms: OrderTerms) -> list[str]:
    try:
        area = terms.chosen_area
        if area is None:
            return [_("Elige dónde: todo México o las zonas que quieras.")]
        areas.resolve(area)
    except areas.AreaError as error:
        return [str(error)]
    return []


def _validity(terms: OrderTerms) -> list[str]:
    if terms.use != OrderTerms.Use.PROMOTION:
        return []
    if terms.promotion_ends_on is None:
        return [_("Una promoción dice hasta cuándo vale: pon su vigencia.")]
    if terms.ends_on and terms.promotion_ends_on < terms.ends_on:
        return [_("La promoción vence antes de que termine la campaña: alarga la vigencia.")]
    return []


def _start(starts_on: date | None, now: datetime | None) -> list[str]:
    first = first_possible_day(now)
    if starts_on is None:
        return [_("Elige el primer día.")]
    if starts_on < first:
        return [
            _(
                "El primer día posible es el {day}: la campaña necesita {hours} horas "
                "desde que la envías."
            ).format(day=date_format(first), hours=settings.LEAD_HOURS)
        ]
    return []


def _end(starts_on: date | None, ends_on: date | None, now: datetime | None) -> list[str]:
    last = last_open_day(now)
    if ends_on is None:
        return [_("Elige el último día.")]
    if starts_on and ends_on < starts_on:
        return [_("El último día es anterior al primero: cambia uno de los dos.")]
    if ends_on > last:
        return [
            _("Se vende hasta el {day}: elige un último día anterior.").format(
                day=date_format(last)
            )
        ]
    return []


def _volume(terms: OrderTerms) -> list[str]:
    if terms.volume is None:
        return [_("Di cuántas notificaciones quieres.")]
    least, most = settings.MIN_ORDER, settings.MAX_ORDER
    if not least <= terms.volume <= most:
        message = _("Pide entre {least:,} y {most:,} notificaciones en cada campaña.")
        return [message.format(least=least, most=most)]
    return []


def _daily_cap(terms: OrderTerms) -> list[str]:
    if terms.daily_cap is None or not (terms.volume and terms.starts_on and terms.ends_on):
        return []
    days = (terms.ends_on - terms.starts_on).days + 1
    if terms.daily_cap * days < terms.volume:
        return [
            _(
                "Con ese tope caben {most:,} en {days} días: sube el tope, alarga el periodo "
                "o baja el volumen."
            ).format(most=max(terms.daily_cap, 0) * days, days=days)
        ]
    return []
