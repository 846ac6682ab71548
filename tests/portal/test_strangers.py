"""Nobody sees another brand's rows: every address of the portal, walked as four people."""

import pytest
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from campaigns import brands, teams
from campaigns.models import (
    AdOrder,
    Brand,
    BulkFile,
    Campaign,
    Event,
    Invitation,
    Membership,
    Message,
    Notice,
    SavedZone,
)
from portal.accounts import api_clients
from portal.accounts.models import ApiClient
from portal.urls import account_pages, portal_pages

pytestmark = pytest.mark.django_db

# What anybody may see. Links are for everybody: tests/portal/test_short_links.py.
OPEN = {"health", "account_login", "account_logout", "account_reset_password", "terms"}
OPEN |= {"short_link", "short_link_target"}
# What opens to who holds the link that was mailed to them.
BY_LINK = {"invitation"}
# What is not found but in development: its own tests are in `test_mailbox`, `test_components`.
OF_DEVELOPMENT = {"mailbox", "letter", "letter_html", "components"}
# What anybody who is signed in may see: it shows nothing of any brand.
PERSONAL = {"home", "ad_text_law", "availability", "profile", "notices", "read_notices"}
PERSONAL |= {"help"}
# What staff with a permission of its own may see, and programs with a token: not found by others.
METERED = {"metrics"}
ARGUMENTS = {
    "brand": lambda c: [c.brand.slug],
    "team": lambda c: [c.brand.slug],
    "team_member": lambda c: [c.brand.slug, c.brand.memberships.earliest("id").pk],
    "team_invitation": lambda c: [c.brand.slug, c.brand.invitations.earliest("id").pk],
    "programs": lambda c: [c.brand.slug],
    "program": lambda c: [c.brand.slug, program(c).pk],
    "notice": lambda c: [c.brand.notices.earliest("id").pk],
    "start": lambda c: [c.brand.slug],
    "application": lambda c: [applied(c).pk],
    "campaigns": lambda c: [c.brand.slug],
    "export_campaigns": lambda c: [c.brand.slug],
    "bulk": lambda c: [c.brand.slug],
    "bulk_template": lambda c: [c.brand.slug],
    "bulk_file": lambda c: [c.brand.slug, bulk_file(c).pk],
    "say": lambda c: [c.folio],
    "new_campaign": lambda c: [c.brand.slug],
    "saved_zones": lambda c: [c.brand.slug],
    "rename_zone": lambda c: [c.brand.slug, kept_zone(c).pk],
    "forget_zone": lambda c: [c.brand.slug, kept_zone(c).pk],
    "campaign": lambda c: [c.folio],
    "edit_campaign": lambda c: [c.folio],
    "campaign_step": lambda c: [c.folio, "texto"],
}
SENT = {"name": "x", "action": "submit", "revision": 1, "role": "viewer", "email": "x@x.mx"}
SENT |= {"category": "FOOD", "scopes": ["campaigns:read"]}
SENT |= {"once": "5f0c1d1e-6a0f-4a5e-9d52-0c86a0f4b6b1"}
VERBS = ["enviar", "retirar", "pausar", "reanudar", "cancelar", "copiar", "otra-cosa"]


def kept_zone(campaign):
    found = SavedZone.objects.filter(brand=campaign.brand).first()
    return found or SavedZone.objects.create(
        brand=campaign.brand,
        name=campaign.name,
        area=campaign.area,
        created_by=campaign.created_by,
    )


def applied(campaign):
    """A brand that the same people asked for, and that was turned down."""
    name = f"Otra de {campaign.name}"
    if found := Brand.objects.filter(name=name).first():
        return found
    asked = brands.apply(name, "FOOD", by=campaign.created_by)
    brands.discard(asked.pk, "No es una marca")
    return asked


def program(campaign):
    """A program of the brand; an owner has made it."""
    found = ApiClient.objects.filter(brand=campaign.brand).first()
    owner = campaign.brand.memberships.filter(role=Membership.Role.OWNER).first().user
    scopes = ["campaigns:read"]
    return found or api_clients.create(campaign.brand.pk, "Agencia", scopes, by=owner).client


def bulk_file(campaign):
    """A file of the brand that would make a draft."""
    row = {"line": 2, "values": ["De un archivo", *[""] * 9], "odd": ""}
    return BulkFile.objects.get_or_create(
        brand=campaign.brand, sent_by=campaign.created_by, name="x.csv", defaults={"rows": [row]}
    )[0]


def addresses(campaign):
    """Give every address of the portal that names a brand or one of its campaigns."""
    for pattern in portal_pages:
        if pattern.name in OPEN | PERSONAL | METERED | BY_LINK | OF_DEVELOPMENT:
            continue
        if pattern.name == "act_on_campaign":
            for verb in VERBS:
                yield reverse("portal:act_on_campaign", args=[campaign.folio, verb])
        else:
            yield reverse(f"portal:{pattern.name}", args=ARGUMENTS[pattern.name](campaign))


def everything():
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
    )


@pytest.fixture(autouse=True)
def invited(campaign_in_review, owner):
    applied(campaign_in_review)
    return teams.invite(campaign_in_review.brand.pk, "nueva@tienda.mx", "viewer", by=owner)


@pytest.mark.parametrize("who", ["stranger", "reviewer"])
def test_a_stranger_finds_nothing_and_changes_nothing(who, campaign_in_review, client, request):
    client.force_login(request.getfixturevalue(who))
    kept_zone(campaign_in_review)
    program(campaign_in_review)
    before = everything()

    for address in addresses(campaign_in_review):
        for method in (client.get, client.post):
            answer = method(address, SENT)
            assert answer.status_code in (404, 405), f"{method.__name__} {address}"
            assert campaign_in_review.name not in answer.content.decode()

    assert everything() == before


def test_who_is_not_signed_in_is_asked_to(campaign_in_review, client):
    kept_zone(campaign_in_review)
    program(campaign_in_review)
    before = everything()

    for address in addresses(campaign_in_review):
        for method in (client.get, client.post):
            answer = method(address)
            assert answer.status_code == 302
            assert answer["Location"].startswith(reverse("account_login"))

    assert everything() == before


def test_a_viewer_reads_and_changes_nothing(campaign_in_review, viewer, client):
    client.force_login(viewer)
    kept_zone(campaign_in_review)
    program(campaign_in_review)
    before = everything()

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
        client.post(address, SENT)

    assert everything() == before


def test_a_stranger_finds_no_staff_page(campaign_in_review, stranger, client):
    client.force_login(stranger)

    for model in ("campaign", "version", "event", "adorder", "brand"):
        for address in (
            reverse(f"admin:campaigns_{model}_changelist"),
            reverse(f"admin:campaigns_{model}_change", args=[campaign_in_review.pk]),
        ):
            answer = client.get(address)
            assert answer.status_code in (302, 403), address
            assert campaign_in_review.folio not in answer.content.decode()


@pytest.mark.parametrize("who", ["nobody", "stranger", "owner", "reviewer"])
def test_figures_are_not_found_by_who_may_not_see_them(who, client, request):
    if who != "nobody":
        client.force_login(request.getfixturevalue(who))

    for name in METERED:
        assert client.get(reverse(f"portal:{name}")).status_code == 404


def test_every_address_has_been_walked():
    """A new page must be put on one of the lists above before it can be forgotten."""
    names = {pattern.name for pattern in portal_pages}
    listed = OPEN & names | PERSONAL | METERED | BY_LINK | OF_DEVELOPMENT | ARGUMENTS.keys()
    assert names == listed | {"act_on_campaign"}


def test_the_account_pages_that_need_a_person_ask_for_one(client):
    for pattern in account_pages:
        try:
            address = reverse(pattern.name)
        except NoReverseMatch:
            continue
        answer = client.get(address)
        assert answer.status_code in (200, 302), address
        if address.startswith("/cuenta/") and pattern.name != "account_inactive":
            assert answer["Location"].startswith(reverse("account_login")), address


def test_nothing_else_is_reachable():
    """The portal's own list of addresses is all there is, beside accounts and the admin."""
    top = get_resolver().url_patterns
    routes = [str(entry.pattern) for entry in top]
    assert routes == ["", "", "oauth2/token", "api/", "api/v1/", "admin/"]
    assert all(isinstance(entry, URLPattern) for entry in portal_pages + account_pages)
