"""A message that is being written survives the refresh of the page and other forms."""

import pytest
from django.urls import reverse

from campaigns import lifecycle
from campaigns.models import Message, Reason
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_is_being_written_survives_a_change_of_status(
    page, web, sign_in, editor, draft, browser_reports
):
    lifecycle.submit(draft.pk, by=editor)
    sign_in(page.context, editor)
    page.goto(web.url + reverse("portal:campaign", args=[draft.folio]))
    page.get_by_text("Escribir un mensaje").click()
    page.get_by_label("Tu mensaje").fill("Nos urge porque")

    lifecycle.hold_submitted()

    badge = page.locator(".page-head .badge")
    wait_until(lambda: badge.inner_text() == "En revisión", timeout=10)
    assert page.get_by_label("Tu mensaje").input_value() == "Nos urge porque"
    assert "La tiene Telefónica" in page.locator('[data-module="follow"]').inner_text()
    page.get_by_role("button", name="Enviar mensaje").click()
    page.wait_for_url("**#conversacion")
    assert page.locator(".conversation .own").inner_text().count("Nos urge porque") == 1
    assert browser_reports == []


@pytest.mark.parametrize("script", [True, False])
def test_a_message_leaves_the_decision_that_was_begun(
    browser, browser_context_args, web, sign_in, reviewer, campaign_in_review, script
):
    Reason.objects.create(label="Falta la vigencia", position=1)
    context = browser.new_context(**browser_context_args | {"java_script_enabled": script})
    sign_in(context, reviewer)
    page = context.new_page()
    page.goto(f"{web.url}/admin/campaigns/campaign/{campaign_in_review.pk}/change/")
    page.get_by_label("Falta la vigencia").check()
    page.get_by_label("Comentario").fill("Di hasta cuándo")

    page.get_by_label("Tu mensaje").fill("¿Hasta cuándo vale?")
    page.get_by_role("button", name="Enviar mensaje").click()
    page.wait_for_url("**/change/#conversacion")

    assert Message.objects.get().body == "¿Hasta cuándo vale?"
    assert page.get_by_label("Comentario").input_value() == "Di hasta cuándo"
    assert page.get_by_label("Falta la vigencia").is_checked()
    assert page.get_by_label("Tu mensaje").input_value() == ""
    page.get_by_label("Falta la vigencia").focus()
    page.keyboard.press("Enter")  # stands for no button: neither sent nor decided
    page.wait_for_selector(".refusal")
    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == "in_review"
    assert Message.objects.count() == 1
    context.close()
