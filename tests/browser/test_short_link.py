"""The destination field: one click inserts its short link into the text, undo removes it."""

import re

import httpx
import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page, expect

from campaigns import lifecycle
from portal.pages.wizard import ad_text_field, destination_field

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

URL = "https://tienda.mx/promo"


@pytest.fixture
def open_fields(page: Page, web, sign_in, editor):
    """Open a page with the two fields as a form has them, under the portal's CSP."""
    sign_in(page.context, editor)
    entrance = httpx.get(f"{web.url}/entrar/")
    tags = r"<(?:link|script)[^>]*(?:stylesheet|module)[^>]*>(?:</script>)?"
    head = "".join(re.findall(tags, entrance.text))
    policy = entrance.headers["content-security-policy"]

    def open_fields(campaign, text=None, destination=None):
        text = campaign.text if text is None else text
        destination = campaign.destination if destination is None else destination
        fields = render_to_string(
            "wizard/destination_field.html",
            destination_field.field_context(campaign, destination=destination, text=text),
        ) + render_to_string("wizard/ad_text_field.html", ad_text_field.field_context(text))
        form = f'<form method="post" action="/sent/">{fields}</form>'
        body = f'<!doctype html><html lang="es"><head>{head}</head><body>{form}</body></html>'
        page.route(
            "**/prueba/",
            lambda route: route.fulfill(
                body=body,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": policy},
            ),
        )
        page.goto(f"{web.url}/prueba/")
        page.wait_for_load_state("networkidle")

    return open_fields


@pytest.fixture
def linked(draft, editor):
    return lifecycle.edit(draft.pk, {"destination": URL}, revision=draft.revision, by=editor)


def test_one_click_puts_the_link_where_the_caret_was(page, open_fields, linked, browser_reports):
    open_fields(linked, text="Compra hoy y gana")
    box, button = (
        page.get_by_label("Texto del anuncio"),
        page.get_by_role("button", name="Insertar"),
    )
    box.focus()
    box.evaluate("box => box.setSelectionRange(10, 10)")

    button.click()

    assert box.input_value() == f"Compra hoy {linked.short_link} y gana"
    expect(page.get_by_text("Ya está en tu texto")).to_be_visible()
    expect(button).to_be_hidden()
    expect(page.locator(".phone-ad")).to_have_text(f"Compra hoy {linked.short_link} y gana")
    assert page.get_by_text("Agregamos el enlace a tu texto.").count() == 1

    page.keyboard.press("Control+z")

    assert box.input_value() == "Compra hoy y gana"
    expect(button).to_be_visible()
    assert browser_reports == []


def test_without_a_caret_the_link_is_put_at_the_end(page, open_fields, linked):
    open_fields(linked, text="Compra hoy")

    page.get_by_role("button", name="Insertar").click()

    assert page.get_by_label("Texto del anuncio").input_value() == f"Compra hoy {linked.short_link}"


def test_a_selection_gives_its_place_to_the_link(page, open_fields, linked):
    open_fields(linked, text="Compra en tienda.mx/promo hoy")
    box = page.get_by_label("Texto del anuncio")
    box.focus()
    box.evaluate("box => box.setSelectionRange(10, 25)")

    page.get_by_role("button", name="Insertar").click()

    assert box.input_value() == f"Compra en {linked.short_link} hoy"


def test_a_longer_code_is_not_taken_for_the_link(page, open_fields, linked):
    open_fields(linked, text=f"Ve {linked.short_link}x")

    expect(page.get_by_role("button", name="Insertar")).to_be_visible()

    page.get_by_label("Texto del anuncio").fill(f"Ve {linked.short_link.upper()}.")
    expect(page.get_by_text("Ya está en tu texto")).to_be_visible()


def test_without_a_link_the_click_submits_the_form_and_a_link_that_arrives_is_used(
    page, open_fields, draft
):
    submitted = []
    page.route(
        "**/sent/",
        lambda route: (submitted.append(route.request.post_data), route.fulfill(status=204)),
    )
    open_fields(draft, text="Compra hoy", destination=URL)
    button = page.get_by_role("button", name="Crear enlace e insertarlo")

    button.click()
    page.wait_for_timeout(300)
    assert "action=link" in submitted[0]

    page.locator("[data-module='short-link']").evaluate("e => { e.dataset.link = 'lp.mx/bcdfg' }")
    expect(page.get_by_text("lp.mx/bcdfg", exact=True)).to_be_visible()
    page.get_by_role("button", name="Insertar en el texto").click()

    assert page.get_by_label("Texto del anuncio").input_value() == "Compra hoy lp.mx/bcdfg"
    assert len(submitted) == 1
