"""The content of a certificate, worked out by hand."""

import hashlib
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from campaigns import pricing
from campaigns.certificates import content, issue
from campaigns.lifecycle.transitions import record
from campaigns.models import Link, LinkHour
from tests.campaigns.certificates.conftest import DAY
from tests.counts import at

pytestmark = pytest.mark.django_db


def row(inserted, delivered, failed, no_receipt):
    return {
        "inserted": inserted,
        "delivered": delivered,
        "failed": failed,
        "no_receipt": no_receipt,
    }


def test_it_has_what_was_delivered_by_day_and_state(certificate, final):
    first = final.starts_on

    delivery = certificate.data["delivery"]

    assert delivery["total"] == row(160, 130, 16, 14)
    assert delivery["by_day"] == [
        {"day": first.isoformat(), **row(107, 86, 12, 9)},
        {"day": (first + DAY).isoformat(), **row(53, 44, 4, 5)},
    ]
    # Nuevo León had 7 on the first day: it is given with the smallest other one, Jalisco.
    assert delivery["by_state"] == [
        {"state": "Ciudad de México", **row(113, 94, 10, 9)},
        {"state": None, **row(47, 36, 6, 5)},
    ]
    assert (delivery["first_day"], delivery["last_day"]) == (
        first.isoformat(),
        final.ends_on.isoformat(),
    )
    assert delivery["clicks"] is None


def test_it_has_the_approved_order_and_who_approved_it(certificate, final, editor, reviewer):
    version = final.version
    approval = final.events.get(move="approve")

    data = certificate.data

    assert data["order"] == {
        "version": 1,
        "text": "Recarga $100 y recibe 2 GB en movistar.mx/promo",
        "use": "Difusión",
        "promotion_ends_on": None,
        "destination": "",
        "short_link": "",
        "area": data["order"]["area"],
        "ladas": 3,
        "starts_on": final.starts_on.isoformat(),
        "ends_on": final.ends_on.isoformat(),
        "contracted": 60_000,
        "sent_by": str(editor),
        "sent_at": content.moment(version.sent_at),
        "approved_by": str(reviewer),
        "approved_at": content.moment(approval.at),
    }
    assert all(lada in data["order"]["area"] for lada in ("33", "55", "81"))
    assert data["brand"] == "Tienda"
    assert data["campaign"] == {
        "folio": final.folio,
        "name": "Recarga de diciembre",
        "status": "Terminada",
    }
    assert (data["replanned"], data["price"], data["replaces"]) == ([], None, None)
    assert data["folio"] == certificate.folio
    assert data["verify_at"].endswith("/constancia/")


def test_it_is_canonical_json_with_its_hash(certificate):
    expected = json.dumps(
        certificate.data, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )

    assert certificate.content == expected
    assert certificate.content_sha256 == hashlib.sha256(expected.encode()).hexdigest()


def test_it_counts_clicks_of_people_within_its_days(final, editor):
    link = Link.objects.get_or_create_for(final)
    end = at(final.ends_on + DAY)
    for hour, kind, count in (
        (end - timedelta(hours=1), "people", 7),
        (end - timedelta(hours=1), "bots", 90),
        (end, "people", 30),
        (at(final.starts_on), "people", 2),
    ):
        LinkHour.objects.create(link=link, hour=hour, kind=kind, count=count)

    certificate = issue.issue(final.pk, by=editor).certificate

    assert certificate.data["delivery"]["clicks"] == 9


def test_days_in_pause_are_in_the_words_of_the_record(final, editor):
    record(
        final,
        "replan",
        by=None,
        from_status=final.status,
        comment="El 3 pasó en pausa con 20,000 notificaciones planeadas.",
    )
    event = final.events.get(move="replan")

    certificate = issue.issue(final.pk, by=editor).certificate

    assert certificate.data["replanned"] == [
        {"at": content.moment(event.at), "words": event.comment}
    ]


def test_the_price_is_of_what_was_delivered_and_at_most_of_what_was_contracted(
    final, editor, monkeypatch
):
    quote = pricing.Quote(Decimal("85.50"), Decimal(16), 100, Decimal("85.50"))
    monkeypatch.setattr(pricing, "of_campaign", lambda campaign: quote)

    certificate = issue.issue(final.pk, by=editor).certificate

    assert certificate.data["price"] == {
        "per_thousand": "85.50",
        "tax_percent": "16",
        "charged": 100,
        "net": "8.55",
        "tax": "1.37",
        "total": "9.92",
    }


def test_its_words_are_spanish_whatever_the_language_of_who_issues_it(final, editor):
    with translation.override("en"):
        certificate = issue.issue(final.pk, by=editor).certificate

    assert certificate.data["campaign"]["status"] == "Terminada"
