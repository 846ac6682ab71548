"""The style guide shows every component and its markup."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_every_component_is_displayed_with_its_markup(client):
    page = client.get(reverse("local:components"))

    assert page.status_code == 200
    assert '<section class="style-guide-component" id="badge"' in page.text
    assert '<span class="badge in_review">' in page.text
    assert "&lt;span class=&quot;badge in_review&quot;&gt;" in page.text


def test_an_example_that_is_submitted_shows_a_toast(client):
    page = client.post(reverse("local:components"), follow=True)

    assert page.redirect_chain == [(reverse("local:components"), 302)]
    region = page.text.split('<div class="toasts" role="status"')[1].split(
        '<div class="style-guide"'
    )[0]
    assert '<div class="toast notice success" data-passing>' in region
    assert "nada cambió" in region
