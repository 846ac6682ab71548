"""A page that follows its campaign leaves alone what somebody writes on it."""

import pytest
from django.urls import reverse

from campaigns import lifecycle
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_is_being_written_survives_a_change_of_status(
    page, web, sign_in, editor, draft, complaints
):
    lifecycle.submit(draft.pk, by=editor)
    sign_in(page.context, editor)
    page.goto(web.url + reverse("portal:campaign", args=[draft.folio]))
    page.get_by_label("Tu mensaje").fill("Nos urge porque")

    lifecycle.hold_submitted()

    badge = page.locator(".page-head .badge")
    wait_until(lambda: badge.inner_text() == "En revisión", patience=10)
    assert page.get_by_label("Tu mensaje").input_value() == "Nos urge porque"
    assert "La tiene Telefónica" in page.locator('[data-module="follow"]').inner_text()
    page.get_by_role("button", name="Enviar mensaje").click()
    page.wait_for_url("**#conversacion")
    assert page.locator(".talk .mine").inner_text().count("Nos urge porque") == 1
    assert complaints == []
