"""A campaign's page on a phone, on a desk, without script and on paper."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns import lifecycle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, TABLET, DESK = ({"width": width, "height": 800} for width in (360, 899, 1366))


@pytest.fixture
def ficha(page, web, sign_in, editor):
    """Return a function that opens the page of a campaign as its editor."""
    sign_in(page.context, editor)

    def open_(campaign, size):
        page.set_viewport_size(size)
        page.goto(web.url + reverse("portal:campaign", args=[campaign.folio]))
        return page

    return open_


def boxes(page):
    """Return the text, the buttons, the state, the terms and the history, as on the screen."""
    places = [".ficha .phone-bubble", ".ficha-ad > .actions", "#sigue", "#pedido", "#historia"]
    return [page.locator(place).bounding_box() for place in places]


@pytest.mark.parametrize("size", [{"width": 320, "height": 700}, PHONE, TABLET], ids=str)
def test_on_a_phone_the_text_comes_first_and_reading_goes_down(ficha, campaign_in_review, size):
    page = ficha(campaign_in_review, size)

    tops = [box["y"] for box in boxes(page)]
    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # The order of the document is that of the screen.
    assert page.evaluate(
        """[...document.querySelectorAll(".ficha h2, .ficha .phone-bubble")]
             .map((e) => e.getBoundingClientRect().top)
             .every((top, i, all) => i === 0 || all[i - 1] <= top)"""
    )
    if size != TABLET:
        assert tops[0] < 400
        assert not page.locator(".ficha .phone-from").is_visible()


def test_on_a_desk_text_and_buttons_stay_beside_the_rest(ficha, campaign_in_review):
    page = ficha(campaign_in_review, DESK)

    text, buttons, state, terms, history = boxes(page)
    assert text["x"] > state["x"] + 400
    assert buttons["x"] > state["x"] + 400
    assert abs(state["y"] - page.locator(".ficha .phone").bounding_box()["y"]) < 60
    assert state["x"] == terms["x"] == history["x"]
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.locator(".ficha .phone-bubble")).to_be_in_viewport()
    for button in page.locator(".ficha-ad > .actions").locator("a, button, summary").all():
        if button.is_visible():
            expect(button).to_be_in_viewport()


@pytest.mark.parametrize(("size", "most"), [(PHONE, 2_050), (DESK, 1_650)], ids=str)
def test_the_page_is_half_as_long_as_it_was(ficha, approved, size, most):
    """It was 4,072 and 3,313 px for a campaign on air, 3,590 and 2,969 for one in review."""
    lifecycle.schedule(approved.pk)
    page = ficha(approved, size)

    assert page.evaluate("document.querySelector('#contenido').offsetHeight") <= most


@pytest.mark.parametrize("script", [True, False])
def test_what_is_folded_opens_without_script_too(
    browser, browser_context_args, web, sign_in, editor, campaign_in_review, script
):
    context = browser.new_context(**browser_context_args | {"java_script_enabled": script})
    sign_in(context, editor)
    page = context.new_page()
    page.goto(web.url + reverse("portal:campaign", args=[campaign_in_review.folio]))
    for summary, found in (
        ("Ver el mapa y las LADA por estado", ".places"),
        ("Ver el reparto por día", "#inventario .chart"),
        ("Ver lo anterior", ".timeline .done >> nth=0"),
        ("Ver la versión que se envió", ".versions"),
        ("Escribir un mensaje", ".conversation-form"),
    ):
        assert not page.locator(found).is_visible()
        page.get_by_text(summary).click()
        expect(page.locator(found)).to_be_visible()
    page.get_by_label("Tu mensaje").fill("¿Cuándo sale?")
    page.get_by_role("button", name="Enviar mensaje").click()
    expect(page.locator(".conversation .own")).to_contain_text("¿Cuándo sale?")
    expect(page.get_by_label("Tu mensaje")).to_be_visible()
    context.close()


def test_no_fact_is_told_twice(ficha, campaign_in_review, reviewer):
    lifecycle.request_changes(
        campaign_in_review.pk, version=1, reasons=["Precio"], comment="¿De qué?", by=reviewer
    )
    page = ficha(campaign_in_review, PHONE)
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true })")
    text = page.locator("#contenido").inner_text()

    for fact in ("¿De qué?", "Precio", campaign_in_review.folio, "60,000 notificaciones, a ritmo"):
        assert text.count(fact) == 1, fact


def test_on_paper_everything_is_unfolded_and_nothing_can_be_clicked(ficha, campaign_in_review):
    page = ficha(campaign_in_review, DESK)
    page.emulate_media(media="print")

    for shown in (".places", "#inventario .chart", "#inventario .sums", ".versions"):
        assert page.locator(shown).is_visible(), shown
    assert page.locator(".timeline .done").first.is_visible()
    for hidden in (".actions", ".conversation-form", ".site-header", "summary"):
        assert not page.locator(hidden).first.is_visible(), hidden
    phone, state = (page.locator(place).bounding_box() for place in (".ficha .phone", "#sigue"))
    assert phone["y"] + phone["height"] <= state["y"]


def test_a_changed_status_changes_the_buttons_too_while_a_message_is_written(ficha, draft, editor):
    lifecycle.submit(draft.pk, by=editor)
    page = ficha(draft, DESK)
    page.get_by_text("Escribir un mensaje").click()
    page.get_by_label("Tu mensaje").fill("Nos urge")
    expect(page.locator(".ficha-ad").get_by_text("Retirar")).to_have_count(0)

    lifecycle.hold_submitted()

    expect(page.locator(".ficha-ad")).to_contain_text("Retirar", timeout=10_000)
    expect(page.locator("#sigue + p")).to_contain_text("La tiene Telefónica")
    expect(page.get_by_label("Tu mensaje")).to_have_value("Nos urge")
