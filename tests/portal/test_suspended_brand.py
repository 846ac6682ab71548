"""The pages and the API of a suspended brand: everything is read, nothing is written."""

import json

import pytest
from django.urls import reverse

from campaigns import teams
from campaigns.models import Brand
from portal.accounts import api_clients
from tests.api.conftest import V1
from tests.portal.test_strangers import DATA, addresses, api_client, saved_zone, snapshot

REASON = "Debe tres facturas."


@pytest.fixture(autouse=True)
def suspended(campaign_in_review, owner, editor, viewer):
    """Suspend the brand, with something of every kind in it."""
    brand = campaign_in_review.brand
    teams.invite(brand.pk, "nueva@tienda.mx", "viewer", by=owner)
    saved_zone(campaign_in_review)
    api_client(campaign_in_review)
    own = (a for a in addresses(campaign_in_review) if "/solicitudes/" not in a)  # of another brand
    all_addresses = list(own)
    Brand.objects.filter(pk=brand.pk).update(
        active=False, suspended_at="2026-01-01T00:00:00Z", suspension_reason=REASON
    )
    return all_addresses


READ = ("brand_home", "campaigns", "brand", "team", "api_clients", "saved_zones", "reports")


@pytest.mark.parametrize("who", ["owner", "editor", "viewer"])
def test_its_people_sign_in_read_and_are_told_why(who, request, client, campaign_in_review):
    client.force_login(request.getfixturevalue(who))
    slug = campaign_in_review.brand.slug
    pages = [reverse(f"portal:{name}", args=[slug]) for name in READ]
    for name in ("campaign", "campaign_report"):
        pages.append(reverse(f"portal:{name}", args=[campaign_in_review.folio]))

    assert client.get("/")["Location"] == pages[0]
    for address in pages:
        response = client.get(address)
        text = response.content.decode()
        assert response.status_code == 200, address
        assert REASON in text, address
        assert "Nueva campaña" not in text
        assert "/retirar/" not in text


@pytest.mark.parametrize("who", ["owner", "editor", "viewer"])
def test_nothing_is_written_by_any_address(who, request, client, suspended):
    client.force_login(request.getfixturevalue(who))
    *before, _files = snapshot()

    for address in suspended:
        response = client.post(address, DATA)
        assert response.status_code < 500, address

    *after, _files = snapshot()  # of results, which they still read
    assert after == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_tries_to_write_gets_the_reason_not_a_404(method, client, editor, campaign_in_review):
    client.force_login(editor)
    slug, folio = campaign_in_review.brand.slug, campaign_in_review.folio

    for address in (
        reverse("portal:new_campaign", args=[slug]),
        reverse("portal:bulk_upload", args=[slug]),
        reverse("portal:campaign_step", args=[folio, "texto"]),
    ):
        response = getattr(client, method)(address, DATA)
        assert response.status_code == 409, address
        assert REASON in response.content.decode()


def test_a_button_on_an_old_page_is_refused_with_the_reason(client, editor, campaign_in_review):
    client.force_login(editor)
    *before, _files = snapshot()

    act = reverse("portal:act_on_campaign", args=[campaign_in_review.folio, "retirar"])
    page = client.post(act, follow=True)

    assert "Telefónica suspendió esta marca" in page.content.decode()
    *after, _files = snapshot()  # of results, which they still read
    assert after == before


def test_the_api_reads_and_refuses_to_write_with_a_code(client, editor, campaign_in_review):
    client.force_login(editor)
    one = f"{V1}/campaigns/{campaign_in_review.folio}"
    *before, _files = snapshot()
    read = client.get(one)
    writes = [
        client.post(f"{one}/withdraw"),
        client.post(f"{one}/submit?dryRun=true"),
        client.post(f"{one}/copy"),
        client.post(f"{V1}/campaigns", json.dumps({"name": "x"}), "application/json"),
        client.post(
            f"{V1}/saved-zones",
            json.dumps({"name": "x", "area": {"ladas": ["55"]}}),
            "application/json",
        ),
        client.post(f"{V1}/webhooks", json.dumps({"url": "https://a.mx/x"}), "application/json"),
        client.patch(
            one, json.dumps({"name": "x"}), "application/json", headers={"if-match": read["ETag"]}
        ),
    ]

    assert (read.status_code, read.json()["availableActions"]) == (200, [])
    for response in writes:
        assert response.status_code == 409, response.content
        assert response.json()["code"] == "BRAND_SUSPENDED"
        assert REASON in response.json()["message"]
    *after, _files = snapshot()  # of results, which they still read
    assert after == before


def test_its_programs_still_get_tokens_to_read(client, owner, campaign_in_review):
    found = api_client(campaign_in_review)

    assert found.works
    with pytest.raises(Exception, match="suspendi"):
        api_clients.renew(found.pk, by=owner)


def test_a_brand_that_was_never_activated_stays_closed(client, editor, campaign_in_review):
    """The negative control: reading is for suspended brands, not for any inactive one."""
    Brand.objects.filter(pk=campaign_in_review.brand_id).update(
        activated_at=None, suspended_at=None, suspension_reason=""
    )
    client.force_login(editor)

    assert client.get(reverse("portal:campaigns", args=["tienda"])).status_code == 404
    assert not api_client(campaign_in_review).works
