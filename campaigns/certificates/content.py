"""The content of a certificate: what was ordered and what was delivered, as plain values.

It is kept as canonical JSON (sorted keys, no spaces), so that equal facts have equal bytes. All
words are Spanish of Mexico, whoever issues it; days and instants are ISO 8601 in channel time.
Counts are notifications.
"""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from campaigns import pricing
from campaigns.certificates.standing import Standing
from campaigns.models import Campaign, Certificate, Version
from campaigns.results import link_clicks, summary
from campaigns.results.counts import Counts
from segments import area_words, gazetteer

# What a certificate is compared by, and the reason of a correction where it differs.
CORRECTED = {
    "brand": gettext_lazy("cambió el nombre de la marca"),
    "delivery": gettext_lazy("se corrigieron las cuentas finales"),
    "replanned": gettext_lazy("se corrigieron las reposiciones"),
    "price": gettext_lazy("se corrigió el importe"),
}


def facts(campaign: Campaign, standing: Standing) -> dict[str, Any]:
    """Return what a certificate says of a campaign whose counts are final."""
    assert standing.first and standing.last and standing.final_at
    delivery = _delivery(campaign, standing.first, standing.last)
    return {
        "operator": settings.OPERATOR_NAME,
        "brand": campaign.brand.name,
        "campaign": {
            "folio": campaign.folio,
            "name": campaign.name,
            "status": str(campaign.get_status_display()),
        },
        "order": _order(campaign),
        "delivery": delivery,
        "final_since": moment(standing.final_at),
        "replanned": _replanned(campaign),
        "price": _price(campaign, delivery["total"]["delivered"]),
        "verify_at": settings.PORTAL_URL + reverse("portal:verify_certificate"),
    }


def changes(before: Certificate, now: dict[str, Any]) -> list[str]:
    """Return the reasons, in Spanish, for which a certificate is to be corrected; mostly none."""
    return [str(reason) for name, reason in CORRECTED.items() if before.data[name] != now[name]]


def canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(data: str | bytes) -> str:
    """Return the SHA-256 of bytes, or of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def _order(campaign: Campaign) -> dict[str, Any]:
    """Return the terms of the version that was approved last, and who approved it when."""
    approvals = campaign.events.filter(move="approve").select_related("by").order_by("-id")
    approval = approvals.first()
    number = approval.version_number if approval else campaign.version_number
    version = campaign.versions.select_related("sent_by").get(number=number)
    area = version.chosen_area
    assert version.starts_on and version.ends_on and area is not None  # a version is complete
    is_promotion = version.use == Version.Use.PROMOTION
    promotion_end = version.promotion_ends_on if is_promotion else None
    return {
        "version": version.number,
        "text": version.text,
        "use": str(version.get_use_display()),
        "promotion_ends_on": promotion_end and promotion_end.isoformat(),
        "destination": version.destination,
        "short_link": campaign.short_link,
        "area": area_words.write(area),
        "ladas": len(version.ladas),
        "starts_on": version.starts_on.isoformat(),
        "ends_on": version.ends_on.isoformat(),
        "contracted": version.volume,
        "sent_by": str(version.sent_by),
        "sent_at": moment(version.sent_at),
        "approved_by": str(approval.by) if approval and approval.by else None,
        "approved_at": moment(approval.at) if approval else None,
    }


def _delivery(campaign: Campaign, first: date, last: date) -> dict[str, Any]:
    found = summary.of([campaign], first, last)
    states = gazetteer.current().states
    clicks = link_clicks.by_day([campaign], first, last).get(campaign.pk, {})
    return {
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "total": _row(found.total),
        "by_day": [
            {"day": day.isoformat(), **_row(counts)} for day, counts in sorted(found.by_day.items())
        ],
        "by_state": [
            {"state": states[place.state] if place.state else None, **_row(counts)}
            for place, counts in found.by_state.items()
        ],
        "clicks": sum(clicks.values()) if campaign.short_link else None,
    }


def _row(counts: Counts) -> dict[str, int]:
    return counts._asdict()


def _replanned(campaign: Campaign) -> list[dict[str, str]]:
    """Return the days in pause that were planned again, in the words of the record."""
    events = campaign.events.filter(move="replan").order_by("id")
    return [{"at": moment(event.at), "words": event.comment} for event in events]


def _price(campaign: Campaign, delivered: int) -> dict[str, Any] | None:
    quote = pricing.of_campaign(campaign)
    if quote is None:
        return None
    charge = quote.charge(delivered)
    return {
        "per_thousand": str(quote.per_thousand),
        "tax_percent": f"{quote.tax_percent:g}",
        "charged": charge.charged,
        "net": str(charge.net),
        "tax": str(charge.tax),
        "total": str(charge.total),
    }


def moment(at: datetime) -> str:
    """Return an instant in ISO 8601, in channel time."""
    return timezone.localtime(at).isoformat(timespec="minutes")
