"""What cannot be undone is asked in a dialog, or in its place where there is no script."""

import pytest
from playwright.sync_api import expect

from campaigns.models import Campaign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ficha(web, sign_in, editor, campaign_in_review):
    """Return what opens the page of a campaign in a browser of its own."""

    def open_in(context):
        sign_in(context, editor)
        page = context.new_page()
        page.goto(f"{web.url}/campanas/{campaign_in_review.folio}/")
        return page

    return open_in


def test_a_dialog_asks_holds_the_focus_and_gives_it_back(
    context, ficha, complaints, campaign_in_review
):
    page = ficha(context)
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
    assert complaints == []


def test_without_script_it_unfolds_in_its_place(
    browser, browser_context_args, ficha, campaign_in_review
):
    context = browser.new_context(**browser_context_args | {"java_script_enabled": False})
    page = ficha(context)

    page.locator("summary", has_text="Retirar de revisión").click()
    assert page.locator("dialog").count() == 0
    expect(page.get_by_text("No, volver").first).to_be_hidden()
    page.get_by_role("button", name="Sí, retirarla").click()
    page.wait_for_selector(".badge.draft")

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Campaign.Status.DRAFT
    context.close()


def test_a_dialog_works_on_what_came_anew(context, ficha):
    """A page that follows a campaign puts new parts in place: their steps ask as well."""
    page = ficha(context)
    page.evaluate(
        "const part = document.querySelector('[data-module=follow]');"
        "part.innerHTML = part.innerHTML;"
        "part.dispatchEvent(new Event('fresh', {bubbles: true}))"
    )

    page.locator("summary", has_text="Retirar de revisión").click()

    expect(page.get_by_role("dialog")).to_be_visible()
