"""Private pages are kept by no cache, and no page may use a feature of the device."""

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from portal.pages.wizard import ad_text_field
from portal.response_headers import PrivacyHeadersMiddleware


@pytest.mark.django_db
def test_what_depends_on_the_session_is_kept_by_no_cache(client, editor, brand, draft):
    client.force_login(editor)

    for address in (
        reverse("portal:home"),
        reverse("portal:brand_home", args=[brand.slug]),
        reverse("portal:campaigns", args=[brand.slug]),
        reverse("portal:export_campaigns", args=[brand.slug]),
        reverse("portal:campaign", args=[draft.folio]),
        reverse("portal:team", args=[brand.slug]),
        reverse("portal:notices"),
        reverse("portal:profile"),
        reverse("usersessions_list"),
        "/no-existe/",
        "/admin/",
        "/api/v1/campaigns",
    ):
        caching = client.get(address)["Cache-Control"]
        assert "private" in caching, address
        assert "no-store" in caching or address.startswith("/api/"), address


@pytest.mark.django_db
def test_what_a_view_says_of_caches_stays(client, editor):
    client.force_login(editor)

    assert "immutable" in law_of(client)["Cache-Control"]


def law_of(client):
    digest, _law = ad_text_field._law(90)
    return client.get(reverse("portal:ad_text_law", args=[digest]))


@pytest.mark.django_db
def test_features_of_the_device_are_off_everywhere(client, editor):
    for address in ("/entrar/", "/no-existe/", "/salud/", "/api/v1/campaigns", "/l/abcde"):
        policy = client.get(address)["Permissions-Policy"]
        assert {"camera=()", "geolocation=()", "microphone=()"} <= set(policy.split(", ")), address


def test_what_depends_on_no_cookie_may_be_kept(rf):
    """The negative control."""
    public, private = HttpResponse(), HttpResponse()
    patch_vary_headers(private, ["Cookie"])

    assert "Cache-Control" not in PrivacyHeadersMiddleware(lambda _: public)(rf.get("/"))
    assert PrivacyHeadersMiddleware(lambda _: private)(rf.get("/"))["Cache-Control"] == (
        "private, no-store"
    )
