from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from campaigns.models import Rate
from campaigns.pricing import cards
from campaigns.pricing.cards import CardTerms, PlaceRate
from campaigns.pricing.rule import PackageTerms
from portal.accounts.models import User
from segments import gazetteer
from tests.conftest import PASSWORD

NATIONAL, STATE, LADA = Rate.Scope.NATIONAL, Rate.Scope.STATE, Rate.Scope.LADA


@pytest.fixture
def pricer(db):
    """A person of staff who may write rate cards."""
    user = User.objects.create_user("tarifas@telefonica.mx", PASSWORD, is_staff=True)
    codes = ["set_rates", "view_ratecard"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


@pytest.fixture
def card_terms(db):
    """Mexico at 80 pesos, Jalisco and Nuevo León at 95, LADA 55 at 120, other states at 90."""
    today = timezone.localdate()
    states = {code: Decimal("90.00") for code in gazetteer.current().states}
    states |= {"14": Decimal("95.00"), "19": Decimal("95.00")}
    return CardTerms(
        "Diciembre",
        today,
        today + timedelta(days=30),
        Decimal("16.00"),
        None,
        None,
        [
            PlaceRate(NATIONAL, "", Decimal("80.00")),
            PlaceRate(LADA, "55", Decimal("120.00")),
            *(PlaceRate(STATE, code, cost) for code, cost in states.items()),
        ],
        [
            PackageTerms("Plata", 1_000_000, Decimal(5)),
            PackageTerms("Oro", 10_000_000, Decimal("12.5")),
        ],
    )


@pytest.fixture
def card(card_terms, pricer):
    """A draft."""
    return cards.save(None, card_terms, by=pricer)


@pytest.fixture
def published(card, pricer):
    return cards.publish(card.pk, by=pricer)
