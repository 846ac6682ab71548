"""The counts of a live campaign move on its page while one watches it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests import counts, statuses
from tests.browser.on_air import put_on_air

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE = 20_000  # milliseconds: two turns of the script
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def live(draft, editor, reviewer):
    counts.beat()
    campaign = put_on_air(draft, editor, reviewer)
    counts.count(campaign, 900, 700)
    return campaign


@pytest.fixture
def watch(page, web, sign_in, editor):
    """Return a function that opens a campaign's page, whose loads are then counted."""
    sign_in(page.context, editor)

    def open_(campaign):
        page.goto(web.url + reverse("portal:campaign", args=[campaign.folio]))
        page.evaluate("window.loadedOnce = true")
        return page

    return open_


def test_the_counts_move_without_a_reload(watch, live, browser_reports):
    page = watch(live)
    head = page.locator("#avance .delivery-head")
    expect(head).to_contain_text("700 de 60,000 entregadas")
    width = page.locator("#avance rect.delivered")
    assert width.get_attribute("width") == "1.17"

    counts.count(live, 9_000, 6_000)

    expect(head).to_contain_text("6,000 de 60,000 entregadas", timeout=PATIENCE)
    expect(width).to_have_attribute("width", "10.00")
    assert page.evaluate("window.loadedOnce")
    assert page.locator("#avance [role=status]").inner_text() == ""  # not before a minute
    assert browser_reports == []


def test_a_screen_reader_hears_them_once_a_minute(watch, live):
    page = watch(live)
    page.evaluate(
        "const now = performance.now.bind(performance); performance.now = () => now() + 6e4"
    )
    said = page.locator("#avance [role=status]")

    counts.count(live, 9_000, 6_000)
    expect(said).to_contain_text("6,000 de 60,000 entregadas", timeout=PATIENCE)
    counts.count(live, 9_100, 6_100)

    expect(page.locator("#avance .delivery-head")).to_contain_text("6,100", timeout=PATIENCE)
    expect(said).to_contain_text("6,000 de")


def test_nothing_is_fetched_while_the_page_is_hidden(watch, live):
    page = watch(live)
    fetched = []
    page.on("request", lambda request: fetched.append(request.url))
    page.evaluate(HIDE, True)
    page.wait_for_timeout(11_000)
    assert fetched == []
    counts.count(live, 9_000, 6_000)

    page.evaluate(HIDE, False)

    expect(page.locator("#avance .delivery-head")).to_contain_text("6,000", timeout=5_000)


def test_the_page_is_loaded_again_once_the_campaign_has_finished(watch, live):
    page = watch(live)
    statuses.put(live.pk, "finished")

    expect(page.locator(".page-head .badge")).to_have_text("Terminada", timeout=PATIENCE)
    assert page.locator("#avance[data-module]").count() == 0


def test_a_message_that_is_being_written_stays(watch, live):
    page = watch(live)
    page.get_by_text("Escribir un mensaje").click()
    page.get_by_label("Tu mensaje").fill("¿Ya salió?")
    statuses.put(live.pk, "finished")

    expect(page.locator("#avance [data-status]")).to_have_attribute(
        "data-status", "finished", timeout=PATIENCE
    )
    expect(page.get_by_label("Tu mensaje")).to_have_value("¿Ya salió?")


def test_without_script_the_counts_are_those_of_the_load(
    browser, browser_context_args, web, sign_in, editor, live
):
    context = browser.new_context(**browser_context_args | {"java_script_enabled": False})
    sign_in(context, editor)
    page = context.new_page()
    page.goto(web.url + reverse("portal:campaign", args=[live.folio]))

    expect(page.locator("#avance .delivery-head")).to_contain_text("700 de 60,000 entregadas")
    context.close()
