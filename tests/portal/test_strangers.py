"""Access to another brand's rows: every URL of the portal, requested by four users."""

import hashlib
from collections.abc import Iterable, Iterator

import pytest
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from campaigns import brands, teams
from campaigns.models import (
    AdOrder,
    Brand,
    BulkFile,
    Campaign,
    Certificate,
    CertificateAnswer,
    Event,
    Export,
    Invitation,
    Membership,
    Message,
    Notice,
    ReportRecipient,
    SavedZone,
)
from campaigns.moves import COPY, POSTED
from portal.accounts import api_clients
from portal.accounts.models import ApiClient
from portal.urls import account_pages, portal_pages

pytestmark = pytest.mark.django_db

# For everybody. Short links are tested in tests/portal/pages/test_short_links.py.
PUBLIC = {"health", "account_login", "account_logout", "account_reset_password"}
PUBLIC |= {"short_link", "short_link_target", "help", "language", "contact", "privacy", "terms"}
PUBLIC |= {"verify_certificate"}
# For whoever holds the link that was mailed to them.
BY_LINK = {"invitation", "stop_report_mails", "confirm_report_mails"}
# For everybody who is signed in: they display nothing of other brands.
PERSONAL = {"home", "ad_text_law", "availability", "profile", "notices", "read_notices"}
PERSONAL |= {"search_zones", "read_pasted"}
# For staff with a permission, and for Prometheus with a token: 404 for others.
MONITORING = {"metrics"}
ARGUMENTS = {
    "brand": lambda c: [c.brand.slug],
    "team": lambda c: [c.brand.slug],
    "team_member": lambda c: [c.brand.slug, c.brand.memberships.earliest("id").pk],
    "team_invitation": lambda c: [c.brand.slug, c.brand.invitations.earliest("id").pk],
    "api_clients": lambda c: [c.brand.slug],
    "api_client": lambda c: [c.brand.slug, api_client(c).pk],
    "create_sandbox": lambda c: [c.brand.slug],
    "notice": lambda c: [c.brand.notices.earliest("id").pk],
    "brand_home": lambda c: [c.brand.slug],
    "application": lambda c: [discarded_brand(c).pk],
    "campaigns": lambda c: [c.brand.slug],
    "export_campaigns": lambda c: [c.brand.slug],
    "export_results": lambda c: [c.brand.slug],
    "exports": lambda c: [c.brand.slug],
    "export_file": lambda c: [c.brand.slug, export(c).pk],
    "bulk_upload": lambda c: [c.brand.slug],
    "bulk_template": lambda c: [c.brand.slug],
    "bulk_file": lambda c: [c.brand.slug, bulk_file(c).pk],
    "send_message": lambda c: [c.folio],
    "new_campaign": lambda c: [c.brand.slug],
    "report_mails": lambda c: [c.brand.slug],
    "report_recipient": lambda c: [c.brand.slug, report_recipient(c).pk],
    "saved_zones": lambda c: [c.brand.slug],
    "rename_zone": lambda c: [c.brand.slug, saved_zone(c).pk],
    "delete_zone": lambda c: [c.brand.slug, saved_zone(c).pk],
    "campaign": lambda c: [c.folio],
    "campaign_progress": lambda c: [c.folio],
    "reports": lambda c: [c.brand.slug],
    "campaign_report": lambda c: [c.folio],
    "edit_campaign": lambda c: [c.folio],
    "campaign_step": lambda c: [c.folio, "texto"],
    "certificates": lambda c: [c.folio],
    "certificate_file": lambda c: [c.folio, certificate(c).folio],
    "answer_certificate": lambda c: [c.folio, certificate(c).folio],
}
DATA = {"name": "x", "action": "submit", "revision": 1, "role": "viewer", "email": "x@x.mx"}
DATA |= {"category": "FOOD", "scopes": ["campaigns:read"]}
DATA |= {"claimed": "1", "reason": "x"}
DATA |= {"once": "5f0c1d1e-6a0f-4a5e-9d52-0c86a0f4b6b1"}
VERBS = [*POSTED, COPY.verb, "otra-cosa"]


def saved_zone(campaign):
    found = SavedZone.objects.filter(brand=campaign.brand).first()
    return found or SavedZone.objects.create(
        brand=campaign.brand,
        name=campaign.name,
        area=campaign.area,
        created_by=campaign.created_by,
    )


def discarded_brand(campaign):
    """Return a brand that the same user applied for, and that staff discarded."""
    name = f"Otra de {campaign.name}"
    if found := Brand.objects.filter(name=name).first():
        return found
    brand = brands.apply(name, "FOOD", by=campaign.created_by)
    brands.discard(brand.pk, "No es una marca")
    return brand


def api_client(campaign):
    """Return an API client of the campaign's brand."""
    found = ApiClient.objects.filter(brand=campaign.brand).first()
    owner = campaign.brand.memberships.filter(role=Membership.Role.OWNER).first().user
    scopes = ["campaigns:read"]
    return found or api_clients.create(campaign.brand.pk, "Agencia", scopes, by=owner).client


def report_recipient(campaign):
    """Return an address outside of the brand that was asked whether it wants its results."""
    return ReportRecipient.objects.get_or_create(
        brand=campaign.brand, email="fuera@agencia.mx", added_by=campaign.created_by
    )[0]


def export(campaign):
    """Return a file of results of the brand that failed."""
    own = {"brand": campaign.brand, "requested_by": campaign.created_by}
    found = Export.objects.filter(**own).first()
    return found or Export.objects.create(
        **own,
        first_day=campaign.starts_on,
        last_day=campaign.ends_on,
        grain="day",
        file_format="csv",
        failed_at=timezone.now(),
    )


def certificate(campaign):
    """Return a certificate of the campaign, though it is not over."""
    found = Certificate.objects.filter(campaign=campaign).first()
    hashes = {
        "content_sha256": hashlib.sha256(b"{}").hexdigest(),
        "pdf_sha256": hashlib.sha256(b"%PDF").hexdigest(),
    }
    return found or Certificate.objects.create(
        campaign=campaign,
        folio="CE-22222222",
        content="{}",
        pdf=b"%PDF",
        template=1,
        issued_by=campaign.created_by,
        **hashes,
    )


def bulk_file(campaign):
    """Return a file of the brand with one row that would make a draft."""
    row = {"line": 2, "values": ["De un archivo", *[""] * 9], "odd": ""}
    return BulkFile.objects.get_or_create(
        brand=campaign.brand, sent_by=campaign.created_by, name="x.csv", defaults={"rows": [row]}
    )[0]


def url_patterns(entries: Iterable[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    """Yield the patterns of a list and of all lists that it includes."""
    for entry in entries:
        if isinstance(entry, URLResolver):
            assert entry.namespace is None
            yield from url_patterns(entry.url_patterns)
        else:
            yield entry


def addresses(campaign):
    """Yield every URL of the portal that names a brand or one of its campaigns."""
    for pattern in url_patterns(portal_pages):
        if pattern.name in PUBLIC | PERSONAL | MONITORING | BY_LINK:
            continue
        if pattern.name == "act_on_campaign":
            for verb in VERBS:
                yield reverse("portal:act_on_campaign", args=[campaign.folio, verb])
        else:
            yield reverse(f"portal:{pattern.name}", args=ARGUMENTS[pattern.name](campaign))


def snapshot():
    return (
        list(Campaign.objects.order_by("id").values()),
        Event.objects.count(),
        AdOrder.objects.count(),
        list(SavedZone.objects.values("name", "area")),
        Message.objects.count(),
        BulkFile.objects.filter(used_at__isnull=False).count(),
        list(Brand.objects.order_by("id").values()),
        list(Membership.objects.order_by("id").values()),
        list(Invitation.objects.order_by("id").values()),
        list(Notice.objects.order_by("id").values()),
        list(ApiClient.objects.order_by("id").values()),
        list(ReportRecipient.objects.order_by("id").values()),
        Certificate.objects.count(),
        CertificateAnswer.objects.count(),
        list(Export.objects.order_by("id").values()),
    )


@pytest.fixture(autouse=True)
def invited(campaign_in_review, owner):
    discarded_brand(campaign_in_review)
    report_recipient(campaign_in_review)
    certificate(campaign_in_review)
    return teams.invite(campaign_in_review.brand.pk, "nueva@tienda.mx", "viewer", by=owner)


@pytest.mark.parametrize("who", ["stranger", "reviewer"])
def test_a_stranger_finds_nothing_and_changes_nothing(who, campaign_in_review, client, request):
    client.force_login(request.getfixturevalue(who))
    saved_zone(campaign_in_review)
    api_client(campaign_in_review)
    export(campaign_in_review)
    before = snapshot()

    for address in addresses(campaign_in_review):
        for method in (client.get, client.post):
            response = method(address, DATA)
            assert response.status_code in (404, 405), f"{method.__name__} {address}"
            assert campaign_in_review.name not in response.content.decode()

    assert snapshot() == before


def test_anonymous_requests_are_redirected_to_the_sign_in_page(campaign_in_review, client):
    saved_zone(campaign_in_review)
    api_client(campaign_in_review)
    export(campaign_in_review)
    before = snapshot()

    for address in addresses(campaign_in_review):
        for method in (client.get, client.post):
            response = method(address)
            assert response.status_code == 302
            assert response["Location"].startswith(reverse("account_login"))

    assert snapshot() == before


def test_a_viewer_reads_and_changes_nothing(campaign_in_review, viewer, client):
    client.force_login(viewer)
    saved_zone(campaign_in_review)
    api_client(campaign_in_review)
    export(campaign_in_review)
    before = snapshot()

    page = client.get(reverse("portal:campaign", args=[campaign_in_review.folio]))
    assert page.status_code == 200
    assert "Retirar" not in page.content.decode()
    listed = client.get(reverse("portal:campaigns", args=[campaign_in_review.brand.slug]))
    assert "Nueva campaña" not in listed.content.decode()
    for name, argument in (
        ("new_campaign", campaign_in_review.brand.slug),
        ("edit_campaign", campaign_in_review.folio),
    ):
        assert client.get(reverse(f"portal:{name}", args=[argument])).status_code == 404
    for address in addresses(campaign_in_review):
        client.post(address, DATA)

    *after, exports = snapshot()
    assert after == list(before[:-1])
    assert [each["attempts"] for each in exports] == [0]  # files are for those who read, too


def test_a_stranger_finds_no_staff_page(campaign_in_review, stranger, client):
    client.force_login(stranger)

    models = ("campaign", "version", "event", "adorder", "brand", "testdelivery", "certificate")
    for model in models:
        for address in (
            reverse(f"admin:campaigns_{model}_changelist"),
            reverse(f"admin:campaigns_{model}_change", args=[campaign_in_review.pk]),
        ):
            response = client.get(address)
            assert response.status_code in (302, 403), address
            assert campaign_in_review.folio not in response.content.decode()


@pytest.mark.parametrize("who", ["nobody", "stranger", "owner", "reviewer"])
def test_metrics_are_not_found_without_permission(who, client, request):
    if who != "nobody":
        client.force_login(request.getfixturevalue(who))

    for name in MONITORING:
        assert client.get(reverse(f"portal:{name}")).status_code == 404


def test_every_url_is_listed():
    """A new page fails this test until it is on one of the lists above."""
    names = {pattern.name for pattern in url_patterns(portal_pages)}
    listed = PUBLIC & names | PERSONAL | MONITORING | BY_LINK | ARGUMENTS.keys()
    assert names == listed | {"act_on_campaign"}


def test_account_pages_that_need_a_user_redirect_to_sign_in(client):
    for pattern in account_pages:
        try:
            address = reverse(pattern.name)
        except NoReverseMatch:
            continue
        response = client.get(address)
        assert response.status_code in (200, 302), address
        if address.startswith("/cuenta/") and pattern.name != "account_inactive":
            assert response["Location"].startswith(reverse("account_login")), address


def test_nothing_else_is_reachable():
    """There are no URLs but those of the lists above, of accounts and of the admin."""
    top = get_resolver().url_patterns
    routes = [str(entry.pattern) for entry in top]
    of_development = ""  # portal.local.urls
    sink = "api/gateway/v0.1/events"
    assert routes == ["", "", "oauth2/token", "api/", sink, "api/v1/", "admin/", of_development]
    patterns = [*url_patterns(portal_pages), *url_patterns(account_pages)]
    assert all(isinstance(pattern, URLPattern) for pattern in patterns)
    names = [pattern.name for pattern in patterns]
    assert {name for name in names if names.count(name) > 1} == {"verify_certificate"}
