"""Days in a browser whose language writes the month first."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser, browser_context_args, web, sign_in, editor):
    context = browser.new_context(**browser_context_args | {"locale": "en-US"})
    sign_in(context, editor)
    yield context.new_page()
    context.close()


def test_the_filters_of_the_list_read_and_show_mexican_dates(page, web, draft):
    address = web.url + reverse("portal:campaigns", args=[draft.brand.slug])
    later = draft.ends_on + timedelta(days=1)
    page.goto(f"{address}?desde={draft.starts_on.isoformat()}")  # a link of before
    first = page.get_by_label("Desde")
    expect(first).to_have_value(f"{draft.starts_on:%d/%m/%Y}")
    expect(page.locator("tbody tr")).to_have_count(1)

    first.fill(f"{later:%d-%m-%y}")
    first.press("Enter")

    expect(page.get_by_label("Desde")).to_have_value(f"{later:%d/%m/%Y}")
    expect(page.locator("tbody tr")).to_have_count(0)
    page.get_by_label("Desde").fill("12/25/2026")
    page.get_by_label("Desde").press("Enter")
    expect(page.locator("#desde_error")).to_contain_text("¿Es 25/12/2026?")
    expect(page.get_by_label("Desde")).to_have_value("12/25/2026")
    expect(page.get_by_label("Desde")).to_have_attribute("aria-invalid", "true")


def test_eight_digits_of_a_keypad_get_their_slashes(page, web, draft):
    page.goto(web.url + reverse("portal:campaigns", args=[draft.brand.slug]))
    first = page.get_by_label("Desde")

    first.press_sequentially("05122026")
    expect(first).to_have_value("05/12/2026")
    first.fill("")
    first.press_sequentially("5/12/2026")
    expect(first).to_have_value("5/12/2026")
    first.fill("")
    first.press_sequentially("20261205")
    expect(first).to_have_value("20261205")


def test_the_browsers_calendar_writes_a_mexican_date(page, web, draft):
    page.goto(web.url + reverse("portal:campaigns", args=[draft.brand.slug]))
    field = page.locator(".field", has=page.get_by_label("Desde"))
    button = field.get_by_role("button", name="Abrir el calendario")

    button.click()
    page.keyboard.press("Escape")
    page.get_by_label("Desde").press("Alt+ArrowDown")
    page.keyboard.press("Escape")
    field.locator('input[type="date"]').evaluate(
        "(e) => { e.value = '2026-12-05'; e.dispatchEvent(new Event('input')) }"
    )

    expect(page.get_by_label("Desde")).to_have_value("05/12/2026")
    assert page.evaluate("document.activeElement.id") == "desde"
    assert (
        page.evaluate("new FormData(document.querySelector('.filters')).getAll('desde').length")
        == 1
    )


def test_the_calendar_of_the_wizard_writes_and_follows_mexican_dates(page, web, draft):
    page.goto(f"{web.url}/campanas/{draft.folio}/editar/fechas/")
    first, last = page.get_by_label("Primer día"), page.get_by_label("Último día")
    expect(first).to_have_value(f"{draft.starts_on:%d/%m/%Y}")
    expect(page.locator(".is-chosen")).to_have_count((draft.ends_on - draft.starts_on).days + 1)
    day = draft.starts_on + timedelta(days=1)

    page.locator(f'[data-day="{day.isoformat()}"]').click()

    expect(first).to_have_value(f"{day:%d/%m/%Y}")
    expect(last).to_have_value("")
    last.fill(f"{day:%d/%m/%Y}")
    expect(page.locator(".is-chosen")).to_have_count(1)

    def saved():
        draft.refresh_from_db()
        return (draft.starts_on, draft.ends_on) == (day, day)

    wait_until(saved, timeout=10)
