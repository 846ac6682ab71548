"""The living page of components: for developers, and for nobody in production."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["DEBUG", "EMBEDDED"])
def test_developers_see_every_component_and_its_markup(name, client, settings):
    settings.DEBUG = settings.EMBEDDED = False
    setattr(settings, name, True)

    page = client.get(reverse("portal:components"))

    assert page.status_code == 200
    assert '<section class="living-piece" id="badge"' in page.text
    assert '<span class="badge in_review">' in page.text
    assert "&lt;span class=&quot;badge in_review&quot;&gt;" in page.text


def test_in_production_there_is_no_such_page(client, admin_client, settings):
    settings.DEBUG = settings.EMBEDDED = False

    for person in (client, admin_client):
        assert person.get(reverse("portal:components")).status_code == 404
        assert person.post(reverse("portal:components")).status_code == 404


def test_what_an_example_sends_is_answered_with_a_toast(client, settings):
    settings.DEBUG = True

    page = client.post(reverse("portal:components"), follow=True)

    assert page.redirect_chain == [(reverse("portal:components"), 302)]
    region = page.text.split('<div class="toasts" role="status"')[1].split("<div class=living")[0]
    assert '<div class="toast notice success" data-passing>' in region
    assert "nada cambió" in region
