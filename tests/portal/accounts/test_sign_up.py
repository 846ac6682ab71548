"""Sign-up of a brand: the address is confirmed, the brand waits, and no other one is revealed."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from campaigns import brands, teams
from campaigns.errors import InvitationOver
from campaigns.models import Brand, Membership, Notice
from portal.accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

SIGN_UP = reverse("account_signup")
SENT_PAGE = reverse("account_email_verification_sent")
FORM = {
    "first_name": "Ana",
    "last_name": "Ruiz",
    "email": "Ana@Pizzas.mx",
    "password1": PASSWORD,
    "brand": "Pizzas La Nonna",
    "category": "FOOD",
    "terms": "on",
}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def link_in(mailed):
    return re.search(r"http://[^/]+(/registro/correo/\S+/)", mailed.body)[1]


def enter(client, email=FORM["email"]):
    return client.post(reverse("account_login"), {"login": email, "password": PASSWORD})


def test_from_the_form_to_the_first_campaign(client):
    staff = User.objects.create_superuser("jefa@telefonica.mx")
    page = client.get(SIGN_UP)
    assert "Registra tu marca" in page.text

    response = client.post(SIGN_UP, FORM)

    assert response.url == SENT_PAGE
    person = User.objects.get(is_staff=False)
    assert (person.email, str(person)) == ("ana@pizzas.mx", "Ana Ruiz")
    assert person.terms_accepted_at is not None
    brand = Brand.objects.get()
    assert (brand.name, brand.category, brand.is_waiting) == ("Pizzas La Nonna", "FOOD", True)
    assert brand.is_owned_by(person)
    assert enter(client).url == SENT_PAGE  # the password alone lets nobody in

    link = link_in(mail.outbox[0])
    assert "Sí, confirmar mi correo" in client.get(link).text
    address = EmailAddress.objects.get(user=person)
    assert not address.verified  # a mail program that looks changes nothing
    assert not Notice.objects.exists()
    client.post(link)
    assert [(n.kind, n.user) for n in Notice.objects.all()] == [("applied", staff)]
    address.refresh_from_db()
    assert address.verified

    waiting = client.get("/")
    assert "Estamos revisando Pizzas La Nonna" in waiting.text
    assert client.get(f"/marcas/{brand.slug}/campanas/").status_code == 404

    brands.activate(brand.pk)
    assert client.get("/", follow=True).redirect_chain[-1][0] == f"/marcas/{brand.slug}/inicio/"


def test_the_link_signs_nobody_in_who_did_not_sign_up_here(client):
    client.post(SIGN_UP, FORM)
    link = link_in(mail.outbox[0])
    elsewhere = type(client)()

    assert elsewhere.post(link).url == reverse("account_login")

    assert "_auth_user_id" not in elsewhere.session
    assert enter(elsewhere).url == "/"
    assert "ya no sirve" in type(client)().get(link).text


def test_an_address_that_is_known_gets_the_same_response(client, owner):
    before = list(User.objects.values())
    client.post(SIGN_UP, FORM)
    new, new_page = mail.outbox.pop(), client.get(SENT_PAGE)
    known_client = type(client)()

    response = known_client.post(SIGN_UP, FORM | {"email": owner.email.upper()})

    assert response.url == SENT_PAGE
    page = known_client.get(SENT_PAGE)
    assert re.sub(r'value="\w+"', "", page.text) == re.sub(r'value="\w+"', "", new_page.text)
    [mailed] = mail.outbox
    assert (mailed.to, mailed.subject) == ([owner.email], "Ya tienes una cuenta")
    assert new.subject == "Confirma tu correo"
    assert list(User.objects.filter(pk=owner.pk).values()) == before
    assert Brand.objects.filter(memberships__user=owner).count() == 1


def test_two_sign_ups_at_once_get_the_response_of_a_known_address(client, monkeypatch):
    client.post(SIGN_UP, FORM)
    monkeypatch.setattr(  # both looked before either was saved
        "portal.accounts.sign_up.SignUpForm.validate_unique_email", lambda _form, value: value
    )

    response = type(client)().post(SIGN_UP, FORM)

    assert response.url == SENT_PAGE
    assert (User.objects.count(), Brand.objects.count()) == (1, 1)


def test_a_taken_brand_name_is_not_revealed(client, brand):
    response = client.post(SIGN_UP, FORM | {"brand": brand.name})

    assert response.url == SENT_PAGE
    assert Brand.objects.filter(name=brand.name).count() == 2


@pytest.mark.parametrize("missing", FORM)
def test_missing_fields_are_errors_and_the_others_keep_their_values(client, missing):
    response = client.post(SIGN_UP, {name: v for name, v in FORM.items() if name != missing})

    assert response.status_code == 200
    assert "Hay 1 dato por corregir" in response.text
    if missing != "brand":
        assert 'value="Pizzas La Nonna"' in response.text
    assert not User.objects.exists()
    assert not Brand.objects.exists()


@pytest.mark.parametrize("password", ["corta", "1234567890123", "password123", "ana@pizzas.mx"])
def test_a_weak_password_is_refused(client, password):
    response = client.post(SIGN_UP, FORM | {"password1": password})

    assert response.status_code == 200
    assert "Hay 1 dato por corregir" in response.text
    assert not User.objects.exists()


def test_sign_ups_are_limited_by_address(client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"signup": "2/m/ip"}
    responses = [client.post(SIGN_UP, FORM | {"email": f"a{n}@x.mx"}).status_code for n in range(3)]

    assert responses == [302, 302, 429]
    assert User.objects.count() == 2


def test_mails_to_one_address_are_limited(client):
    client.post(SIGN_UP, FORM)
    enter(client)
    enter(client)

    assert len(mail.outbox) == 1


def test_accounts_that_staff_create_need_no_confirmation(client, admin_client):
    admin_client.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "Nueva@Marca.mx",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    assert EmailAddress.objects.filter(email="nueva@marca.mx", verified=True).exists()
    assert enter(client, "nueva@marca.mx").url == "/"


# ── by invitation ────────────────────────────────────────────────────────────


@pytest.fixture
def token(brand, owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        teams.invite(brand.pk, "beto@tienda.mx", Membership.Role.VIEWER, by=owner)
    return re.search(r"/invitaciones/([\w-]+)/", mail.outbox.pop().body)[1]


INVITED = {"first_name": "Beto", "last_name": "Lara", "password1": PASSWORD, "terms": "on"}


def test_an_invited_user_signs_up_without_a_brand_and_joins(client, brand, token):
    assert "Crear mi cuenta" in client.get(f"/invitaciones/{token}/").text
    page = client.get(SIGN_UP)
    assert "Únete a Tienda" in page.text
    assert 'name="brand"' not in page.text

    response = client.post(SIGN_UP, INVITED | {"email": "otra@otra.mx"}, follow=True)

    person = User.objects.get(first_name="Beto")
    assert person.email == "beto@tienda.mx"
    assert EmailAddress.objects.get(user=person).verified
    assert brand.memberships.get(user=person).role == "viewer"
    assert Brand.objects.count() == 1
    assert response.redirect_chain[-1][0] == f"/marcas/{brand.slug}/inicio/"


def test_an_invitation_taken_back_meanwhile_makes_no_account(client, brand, token, monkeypatch):
    def over(*_args, **_options):
        raise InvitationOver

    client.get(f"/invitaciones/{token}/")
    monkeypatch.setattr(teams, "accept", over)

    response = client.post(SIGN_UP, INVITED)

    assert response.url == f"/invitaciones/{token}/"
    assert not User.objects.filter(first_name="Beto").exists()


def test_an_invited_user_with_an_account_signs_in_and_accepts(client, brand, token):
    person = User.objects.create_user("beto@tienda.mx", PASSWORD)
    page = client.get(f"/invitaciones/{token}/")
    assert "Ya tienes cuenta con" in page.text

    client.force_login(person)
    assert "Unirme al equipo" in client.get(f"/invitaciones/{token}/").text
    client.post(f"/invitaciones/{token}/")

    assert brand.memberships.get(user=person).role == "viewer"


def test_another_user_sees_whom_the_invitation_is_for_and_does_not_join(
    client, brand, stranger, token
):
    client.force_login(stranger)

    page = client.get(f"/invitaciones/{token}/")
    client.post(f"/invitaciones/{token}/")

    assert "La invitación es para <b>beto@tienda.mx</b>" in page.text
    assert not brand.has_member(stranger)


def test_an_unknown_link_is_refused(client):
    assert client.get("/invitaciones/no-es-ninguna/").status_code == 410
    assert "invitation" not in client.session
