"""Prices on the last step and the pages of rate cards: four looks, with script and without."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from campaigns import lifecycle
from campaigns.models import Campaign, OrderQuote
from campaigns.pricing import cards
from tests.browser.test_every_page import ALL_LOOKS, AXE, SCREENSHOTS, faults, is_report, show_in
from tests.campaigns.pricing.conftest import card, card_terms, pricer, published

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

__all__ = ["card", "card_terms", "pricer", "published"]

ADMIN = "/admin/campaigns/ratecard/"


@pytest.fixture
def dearer(published, pricer):
    """A function that publishes a card of twice the price, with a minimum, in its place."""

    def publish() -> None:
        cards.withdraw(published.pk, by=pricer)
        terms = cards.terms_of(published)
        rates = [rate._replace(per_thousand=2 * rate.per_thousand) for rate in terms.rates]
        other = cards.save(None, terms._replace(name="Navidad", rates=rates), by=pricer)
        cards.publish(other.pk, by=pricer)

    return publish


def review(url: str, campaign: Campaign) -> str:
    return f"{url}/campanas/{campaign.folio}/editar/revisar/"


def send(page: Page) -> None:
    page.locator(".wizard-actions").get_by_role("button", name="Enviar a revisión").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_price_that_changed_is_shown_before_it_is_sent(
    browser: Browser, browser_context_args, web, sign_in, editor, draft, dearer, script
):
    context = browser.new_context(java_script_enabled=script, **browser_context_args)
    sign_in(context, editor)
    page = context.new_page()
    page.goto(review(web.url, draft))
    expect(page.locator(".price")).to_contain_text("$8,352.00 MXN")

    page.set_viewport_size({"width": 360, "height": 800})
    expect(page.get_by_role("link", name="Total con IVA: $8,352.00")).to_be_in_viewport()

    dearer()
    send(page)

    expect(page.get_by_text("El precio cambió mientras lo leías")).to_be_visible()
    expect(page.locator(".price")).to_contain_text("$16,704.00 MXN")
    assert not OrderQuote.objects.exists()
    send(page)
    expect(page.get_by_text("Enviada.")).to_be_visible()
    expect(page.get_by_text("$16,704.00 MXN con IVA si se entrega todo")).to_be_visible()
    assert str(OrderQuote.objects.get().total) == "16704.00"
    context.close()


@pytest.fixture
def pages(published, card_terms, draft, editor, pricer):
    """Return {name: (user, path, action or None)} for the pages with prices."""
    packaged = lifecycle.copy(draft.pk, by=editor)
    lifecycle.edit(packaged.pk, {"volume": 1_000_000}, revision=1, by=editor)
    few = lifecycle.copy(draft.pk, by=editor)
    lifecycle.edit(few.pk, {"volume": 1_000}, revision=1, by=editor)
    sent = lifecycle.copy(draft.pk, by=editor)
    lifecycle.submit(sent.pk, by=editor)
    later = card_terms._replace(
        name="Una tarifa de nombre muy largo para la temporada de Navidad y Reyes, 2026-27",
        valid_from=published.valid_until,
        valid_until=None,
        min_net=Decimal("250000.00"),
        min_volume=1_000_000,
        rates=card_terms.rates[:10],
    )
    lacking = cards.save(None, later, by=pricer)
    ready = cards.save(None, later._replace(name="Enero", rates=card_terms.rates), by=pricer)
    return {
        "price": (editor, review("", draft), None),
        "price-package": (editor, review("", packaged), None),
        "price-sent": (editor, f"/campanas/{sent.folio}/", None),
        "rates": (pricer, ADMIN, None),
        "rates-new": (pricer, f"{ADMIN}add/", None),
        "rates-new-wrong": (pricer, f"{ADMIN}add/", save_empty),
        "rates-lacking": (pricer, f"{ADMIN}{lacking.pk}/change/", None),
        "rates-ready": (pricer, f"{ADMIN}{ready.pk}/change/", None),
        "rates-published": (pricer, f"{ADMIN}{published.pk}/change/", None),
    }


def save_empty(page: Page) -> None:
    page.get_by_label("Precio por millar").first.fill("1,5")
    page.get_by_role("button", name="Guardar").click()
    page.wait_for_selector(".error-summary")


def test_pages_with_prices_have_no_faults(
    browser: Browser, browser_context_args: dict[str, Any], web, sign_in, pages
):
    context: BrowserContext = browser.new_context(**browser_context_args)
    page = context.new_page()
    found: list[str] = []
    page.on("console", lambda m: found.append(f"{page.url}: {m.text}") if is_report(m) else None)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    for name, (user, path, act) in pages.items():
        sign_in(context, user)
        page.goto(web.url + path)
        if act:
            act(page)
        page.evaluate(AXE)
        for width, scheme in ALL_LOOKS:
            show_in(page, width, scheme)
            if SCREENSHOTS:
                file = Path(SCREENSHOTS) / f"{name}-{width}-{scheme}.png"
                page.screenshot(path=file, full_page=True)
            found += [f"{name} {width} {scheme}: {fault}" for fault in faults(page)]
    context.close()

    assert found == []
