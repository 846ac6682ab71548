"""The admin of rate cards: written in words, previewed, published, read-only."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from campaigns.admin.rate_card_forms import CardForms, write_prices
from campaigns.models import RateCard
from campaigns.pricing import cards

pytestmark = pytest.mark.django_db

LIST = "/admin/campaigns/ratecard/"
Status = RateCard.Status


@pytest.fixture
def desk(pricer):
    browser = Client()
    browser.force_login(pricer)
    return browser


def fields(terms, **changes):
    """Return what the page of some terms posts."""
    forms = CardForms(terms=terms)
    posted = {}
    for formset in (forms.prices, forms.packages):
        for form in [formset.management_form, *formset.forms]:
            posted |= {form[name].html_name: form[name].value() for name in form.fields}
    posted |= {forms.card[name].html_name: forms.card[name].value() for name in forms.card.fields}
    values = {name: "" if value is None else str(value) for name, value in posted.items()}
    return values | changes


def page_of(card):
    return reverse("admin:campaigns_ratecard_change", args=[card.pk])


def text_of(response):
    return " ".join(response.content.decode().split())


def test_rates_are_written_in_words_and_read_as_the_same(card_terms):
    rows = write_prices(card_terms.rates)

    assert [(row["where"], str(row["per_thousand"])) for row in rows] == [
        ("Todo México", "80.00"),
        ("55", "120.00"),
        ("Los demás estados", "90.00"),
        ("Jalisco, Nuevo León", "95.00"),
    ]
    forms = CardForms(fields(card_terms), terms=card_terms)
    assert forms.is_valid(), forms.errors
    assert set(forms.terms().rates) == set(card_terms.rates)
    assert forms.terms()._replace(rates=card_terms.rates) == card_terms


def test_a_card_is_written_previewed_and_published(desk, card_terms):
    saved = desk.post(f"{LIST}add/", fields(card_terms))
    card = RateCard.objects.get()
    assert saved["Location"] == page_of(card)
    page = text_of(desk.get(page_of(card)))
    assert "10,000,000 en Todo México" in page
    assert "$812,000.00" in page  # 80 less 12.5 %, ten million times, and IVA
    assert card.status == Status.DRAFT

    desk.post(page_of(card), fields(cards.terms_of(card), do="publish"))

    card.refresh_from_db()
    assert card.status == Status.PUBLISHED
    page = text_of(desk.get(page_of(card)))
    assert "Es la de hoy" in page
    assert 'name="precios-0-where"' not in page


def test_what_was_not_previewed_is_saved_and_not_published(desk, card):
    changed = fields(cards.terms_of(card), **{"precios-0-per_thousand": "$1,081.5"}, do="publish")

    page = desk.post(page_of(card), changed, follow=True)

    card.refresh_from_db()
    assert card.status == Status.DRAFT
    assert cards.terms_of(card).rates[0].per_thousand == Decimal("1081.50")
    assert "Guardamos tus cambios" in text_of(page)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("precios-0-where", "Narnia", "«Narnia» no es un estado"),
        ("precios-0-where", "todo México menos 33", "Un precio no excluye lugares"),
        ("precios-0-where", "", "Escribe dónde vale este precio."),
        ("precios-0-per_thousand", "1,5", "Escribe pesos y centavos, como 95.50."),
        ("precios-0-per_thousand", "0", "mayor"),
        ("precios-0-per_thousand", "-1", "Escribe pesos y centavos"),
        ("precios-0-per_thousand", "", "Falta el precio."),
        ("precios-1-where", "Jalisco", "Jalisco tiene dos precios: deja uno."),
        ("tarifa-tax_percent", "160", "Escribe un porcentaje, como 16 o 12.5."),
        ("tarifa-valid_from", "ayer", "Vale desde"),
        ("tarifa-valid_until", "1/1/2020", "El último día es anterior al primero"),
        ("tarifa-min_volume", "mil y pico", "Pedido mínimo"),
        ("paquetes-0-percent", "95", "menor o igual a 90"),
    ],
)
def test_what_is_not_understood_is_refused_where_it_stands_and_kept(
    desk, card, card_terms, name, value, message
):
    response = desk.post(page_of(card), fields(cards.terms_of(card), **{name: value}))

    assert response.status_code in (409, 422)
    page = text_of(response)
    assert message in page
    assert f'value="{value}"' in page or not value
    assert cards.terms_of(RateCard.objects.get()) == cards.terms_of(card)


def test_why_it_cannot_be_published_is_on_its_page(desk, card, card_terms, pricer):
    cards.save(card.pk, card_terms._replace(rates=card_terms.rates[:1]), by=pricer)

    page = text_of(desk.get(page_of(card)))

    assert "Falta el precio de 413 LADA" in page
    assert 'value="publish"' not in page
    refused = desk.post(page_of(card), fields(cards.terms_of(card), do="publish"))
    assert refused.status_code == 409
    assert "Falta el precio de 413 LADA" in text_of(refused)
    card.refresh_from_db()
    assert card.status == Status.DRAFT


def test_a_published_one_is_withdrawn_after_a_confirmation_and_copied(desk, published):
    refused = desk.post(page_of(published), {"do": "withdraw"})
    published.refresh_from_db()
    assert (refused.status_code, published.status) == (422, Status.PUBLISHED)

    desk.post(page_of(published), {"do": "withdraw", "sure": "1"})
    desk.post(page_of(published), {"do": "copy"})

    published.refresh_from_db()
    assert published.status == Status.WITHDRAWN
    copied = RateCard.objects.exclude(pk=published.pk).get()
    assert (copied.name, copied.status) == ("Copia de Diciembre", Status.DRAFT)
    desk.post(page_of(copied), {"do": "delete"})
    assert list(RateCard.objects.all()) == [published]


def test_an_old_page_of_a_draft_does_not_change_the_published_card(desk, card, pricer):
    posted = fields(cards.terms_of(card), **{"precios-0-per_thousand": "1"})
    cards.publish(card.pk, by=pricer)

    desk.post(page_of(card), posted)

    assert cards.terms_of(card).rates[0].per_thousand == Decimal("80.00")


def test_prices_are_downloaded(desk, published):
    response = desk.get(f"{LIST}{published.pk}/csv/")

    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[:3] == ["lugar,clave,precio por millar", "Todo México,,80.00", "LADA 55 Ciudad de México,55,120.00"]  # fmt: skip  # noqa: E501
    assert len(lines) == 1 + 34


@pytest.mark.parametrize("method", ["get", "post"])
def test_other_staff_see_nothing_of_it(card, reviewer, method):
    browser = Client()
    browser.force_login(reviewer)

    for path in (LIST, f"{LIST}add/", page_of(card), f"{LIST}{card.pk}/csv/"):
        assert getattr(browser, method)(path).status_code == 403


def test_who_only_views_writes_nothing(card, published, reviewer):
    reviewer.user_permissions.add(Permission.objects.get(codename="view_ratecard"))
    browser = Client()
    browser.force_login(reviewer)

    page = text_of(browser.get(page_of(published)))

    assert "Los demás estados" in page
    assert 'name="do"' not in page
    assert browser.post(page_of(published), {"do": "copy"}).status_code == 403
    assert RateCard.objects.count() == 1
