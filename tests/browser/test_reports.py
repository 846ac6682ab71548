"""The reports in a browser: without script, on the narrowest phone, and on paper."""

import pytest

from tests.browser import on_air
from tests.browser.test_every_page import AXE, faults, show_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [(width, scheme) for width in (320, 360, 1366) for scheme in ("dark", "light")]


@pytest.fixture
def addresses(web, draft, editor, reviewer):
    """The addresses of a campaign's report and of its brand's, with counts in both."""
    counted, _zero, _final = on_air.make(draft, editor, reviewer)
    return [
        f"{web.url}/campanas/{counted.folio}/reporte/",
        f"{web.url}/marcas/{counted.brand.slug}/reportes/",
    ]


@pytest.fixture
def page_without_script(browser, browser_context_args, sign_in, editor):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    sign_in(context, editor)
    yield context.new_page()
    context.close()


def test_a_report_has_no_faults_in_any_look(page, sign_in, editor, addresses):
    sign_in(page.context, editor)
    found = []
    for address in addresses:
        page.goto(address)
        page.evaluate(AXE)
        for width, scheme in LOOKS:
            show_in(page, width, scheme)
            found += [f"{address} {width} {scheme}: {fault}" for fault in faults(page)]

    assert found == []


def test_without_script_all_tables_and_spans_are_reached(page_without_script, addresses):
    page = page_without_script
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(addresses[0])

    for summary in page.locator("summary", has_text="Ver las").all():
        summary.click()
    assert page.locator(".report .sums").count() >= 4
    assert all(table.is_visible() for table in page.locator(".report .sums").all())

    page.goto(addresses[1])
    page.get_by_role("link", name="Todo").click()
    assert page.get_by_role("link", name="Todo").get_attribute("aria-current") == "true"
    page.get_by_role("textbox", name="Desde").fill("no es un día")
    page.get_by_role("button", name="Ver", exact=True).click()
    assert page.get_by_text("no es una fecha").is_visible()
    assert page.get_by_role("link", name="Todo").get_attribute("aria-current") == "true"
    page.get_by_role("link", name="De lo contratado").click()
    assert page.locator("th[aria-sort]").inner_text() == "De lo contratado"


def test_on_paper_all_is_unfolded_and_nothing_is_cut(page, sign_in, editor, addresses):
    sign_in(page.context, editor)
    page.set_viewport_size({"width": 720, "height": 800})
    for address in addresses:
        page.goto(address)
        assert not page.locator(".in-words .sums").first.is_visible()
        page.emulate_media(media="print")

        assert not page.locator(".site-header").is_visible()
        assert not page.locator(".report-span").is_visible()
        assert all(table.is_visible() for table in page.locator(".sums").all())
        for box in page.locator(".table-scroll, .chart").all():
            assert box.evaluate("each => each.scrollHeight <= each.clientHeight + 1")
            assert box.evaluate("each => each.getBoundingClientRect().right <= innerWidth")
        page.emulate_media(media="screen")
