"""Actions that cannot be undone are confirmed in a dialog, or without script in their place."""

import pytest
from playwright.sync_api import expect

from campaigns.models import Campaign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_campaign_page(web, sign_in, editor, campaign_in_review):
    """Return a function that opens the page of the campaign in a browser context."""

    def open_in(context):
        sign_in(context, editor)
        page = context.new_page()
        page.goto(f"{web.url}/campanas/{campaign_in_review.folio}/")
        return page

    return open_in


def test_a_dialog_confirms_traps_the_focus_and_returns_it(
    context, open_campaign_page, browser_reports, campaign_in_review
):
    page = open_campaign_page(context)
    dialog = page.get_by_role("dialog", name="¿Retirarla de revisión?")

    page.locator("summary", has_text="Retirar de revisión").focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog).to_have_accessible_description(
        "Vuelve a borrador y suelta el inventario apartado."
        " Para que salga tendrás que enviarla otra vez."
    )
    back = dialog.get_by_role("button", name="No, volver")
    expect(back).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body"
            " || document.activeElement.closest('dialog') !== null"
        )

    for leave in (lambda: page.keyboard.press("Escape"), back.click):
        leave()
        expect(dialog).to_have_count(0)
        expect(page.locator("summary", has_text="Retirar de revisión")).to_be_focused()
        page.keyboard.press("Enter")
        expect(dialog).to_be_visible()
    page.mouse.click(5, 5)
    expect(dialog).to_have_count(0)
    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Campaign.Status.IN_REVIEW

    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Sí, retirarla").click()
    page.wait_for_selector(".badge.draft")

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Campaign.Status.DRAFT
    assert browser_reports == []


def test_without_script_a_dialog_unfolds_in_its_place(
    browser, browser_context_args, open_campaign_page, campaign_in_review
):
    context = browser.new_context(**browser_context_args | {"java_script_enabled": False})
    page = open_campaign_page(context)

    page.locator("summary", has_text="Retirar de revisión").click()
    assert page.locator("dialog").count() == 0
    expect(page.get_by_text("No, volver").first).to_be_hidden()
    page.get_by_role("button", name="Sí, retirarla").click()
    page.wait_for_selector(".badge.draft")

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Campaign.Status.DRAFT
    context.close()


def test_a_dialog_works_in_a_replaced_part(context, open_campaign_page):
    """A page that polls a campaign replaces its parts: their actions are confirmed as well."""
    page = open_campaign_page(context)
    page.evaluate(
        "const part = document.querySelector('[data-module=follow]');"
        "part.innerHTML = part.innerHTML;"
        "part.dispatchEvent(new Event('fresh', {bubbles: true}))"
    )

    page.locator("summary", has_text="Retirar de revisión").click()

    expect(page.get_by_role("dialog")).to_be_visible()
