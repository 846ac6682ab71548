"""The pages Equipo, Mi marca, Perfil and Avisos."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from campaigns import lifecycle, notices
from campaigns.models import Brand, Invitation, Membership, Notice
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def team(brand):
    return reverse("portal:team", args=[brand.slug])


def test_an_owner_invites_resends_and_revokes_on_the_page(client, brand, owner, team):
    client.force_login(owner)

    client.post(team, {"email": "nueva@x.mx", "role": "viewer"})
    page = client.get(team)

    assert "nueva@x.mx" in page.text
    invitation = Invitation.objects.get()
    address = reverse("portal:team_invitation", args=[brand.slug, invitation.pk])
    assert "Espera un minuto" in client.post(address, {"action": "resend"}, follow=True).text
    assert "Anulaste" in client.post(address, {"action": "revoke"}, follow=True).text
    assert not Invitation.objects.open().exists()


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        ({"email": "sin-arroba", "role": "viewer"}, 422, "Escribe el correo completo"),
        ({"email": "", "role": "viewer"}, 422, "Escribe el correo de quien"),
        ({"email": "titular@tienda.mx", "role": "viewer"}, 409, "ya está en el equipo"),
        ({"email": "a@x.mx", "role": "jefa"}, 422, "jefa"),
    ],
)
def test_errors_of_an_invitation_are_displayed(client, owner, team, data, status, message):
    client.force_login(owner)

    response = client.post(team, data)

    assert response.status_code == status
    assert message in response.text
    assert f'value="{data["email"]}"' in response.text or not data["email"]
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("who", ["editor", "viewer"])
def test_others_see_the_team_and_only_leave_it(client, brand, owner, team, who, request):
    person = request.getfixturevalue(who)
    client.force_login(person)
    own = brand.memberships.get(user=person)

    page = client.get(team)
    assert owner.email in page.text
    assert "Salir de la marca" in page.text
    assert "Enviar invitación" not in page.text
    change = reverse("portal:team_member", args=[brand.slug, own.pk])
    client.post(change, {"role": "owner"})
    own.refresh_from_db()
    assert own.role == who
    theirs = brand.memberships.get(user=owner).pk
    other = reverse("portal:team_member", args=[brand.slug, theirs])
    assert client.post(other, {"action": "remove"}).status_code == 404
    assert client.post(team, {"email": "a@x.mx", "role": "owner"}).status_code == 404

    client.post(change, {"action": "remove"})

    assert not brand.has_member(person)
    assert client.get(team).status_code == 404


def test_the_last_owner_cannot_leave_and_sees_why(client, brand, owner, team):
    client.force_login(owner)
    own = reverse("portal:team_member", args=[brand.slug, brand.memberships.get().pk])

    for data in ({"action": "remove"}, {"role": "viewer"}):
        assert "necesita una persona titular" in client.post(own, data, follow=True).text

    assert brand.is_owned_by(owner)


def test_an_owner_changes_roles_and_removes(client, brand, owner, editor, team):
    client.force_login(owner)
    member = brand.memberships.get(user=editor)
    address = reverse("portal:team_member", args=[brand.slug, member.pk])

    assert "ahora es: Consulta" in client.post(address, {"role": "viewer"}, follow=True).text
    assert client.post(address, {"role": "jefa"}).status_code == 404
    assert "ya no está" in client.post(address, {"action": "remove"}, follow=True).text

    assert not brand.has_member(editor)


def test_a_member_of_another_brand_is_not_reached_through_ones_own(client, brand, owner, stranger):
    theirs = Membership.objects.get(user=stranger)
    client.force_login(owner)

    response = client.post(
        reverse("portal:team_member", args=[brand.slug, theirs.pk]), {"action": "remove"}
    )

    assert response.status_code == 404
    assert Membership.objects.filter(pk=theirs.pk).exists()


def test_mi_marca_is_changed_by_owners_and_read_by_others(client, brand, owner, viewer):
    address = reverse("portal:brand", args=[brand.slug])
    client.force_login(viewer)
    assert "Solo sus titulares" in client.get(address).text
    assert client.post(address, {"name": "X", "category": "FOOD"}).status_code == 404

    client.force_login(owner)
    Brand.objects.create(name="Otra", slug="otra")
    refused = client.post(address, {"name": "otra", "category": "FOOD"})
    assert refused.status_code == 422
    assert "Ya hay una marca activa que se llama «otra»" in refused.text
    client.post(address, {"name": "Tienda Nueva", "category": "FOOD"})

    brand.refresh_from_db()
    assert (brand.name, brand.category) == ("Tienda Nueva", "FOOD")


def test_one_person_in_two_brands_switches_and_stays_where_they_were(client, brand, owner):
    other = Brand.objects.create(name="Otra", slug="otra")
    Membership.objects.create(brand=other, user=owner, role=Membership.Role.VIEWER)
    client.force_login(owner)

    page = client.get(f"/marcas/{other.slug}/campanas/")

    assert "Cambiar de marca" in page.text
    assert f'href="/marcas/{brand.slug}/inicio/"' in page.text
    assert client.get("/").url == f"/marcas/{other.slug}/inicio/"
    client.get(reverse("portal:team", args=[brand.slug]))
    assert client.get("/").url == f"/marcas/{brand.slug}/inicio/"


def test_a_name_is_changed_in_the_profile(client, owner):
    client.force_login(owner)

    assert client.post("/perfil/", {"first_name": "", "last_name": "X"}).status_code == 422
    client.post("/perfil/", {"first_name": "Lía", "last_name": "Paz"})

    owner.refresh_from_db()
    assert str(owner) == "Lía Paz"
    assert "Solo en este equipo" in client.get("/perfil/").text


def enter(client, email):
    return client.post(reverse("account_login"), {"login": email, "password": PASSWORD})


def request_address_change(client, email):
    """Request another address; confirm the password, after which the request is completed."""
    response = client.post(reverse("account_email"), {"email": email, "action_add": ""})
    client.post(response.url, {"password": PASSWORD})


def test_an_address_is_changed_once_the_new_one_is_confirmed(client, owner):
    enter(client, owner.email)
    address = reverse("account_email")

    request_address_change(client, "nuevo@tienda.mx")

    owner.refresh_from_db()
    assert owner.email == "titular@tienda.mx"
    assert "Falta confirmar <b>nuevo@tienda.mx</b>" in client.get(address).text
    link = next(word for word in mail.outbox[-1].body.split() if "/registro/correo/" in word)
    client.post(link.partition("testserver")[2])
    owner.refresh_from_db()
    assert owner.email == "nuevo@tienda.mx"
    assert list(EmailAddress.objects.filter(user=owner).values_list("email", "verified")) == [
        ("nuevo@tienda.mx", True)
    ]
    mails = [mailed for mailed in mail.outbox if mailed.subject == "El correo de tu cuenta cambió"]
    assert [mailed.to for mailed in mails] == [["titular@tienda.mx"]]


def test_an_address_that_became_anothers_meanwhile_is_not_taken(client, owner, editor):
    enter(client, owner.email)
    request_address_change(client, "nuevo@tienda.mx")
    link = next(word for word in mail.outbox[-1].body.split() if "/registro/correo/" in word)
    editor.email = "nuevo@tienda.mx"
    editor.save()

    client.post(link.partition("testserver")[2])

    owner.refresh_from_db()
    assert owner.email == "titular@tienda.mx"


def test_changing_the_address_needs_the_password_again(client, owner):
    client.force_login(owner)

    response = client.post(reverse("account_email"), {"email": "a@x.mx", "action_add": ""})

    assert response.url.startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.filter(email="a@x.mx").exists()


# ── avisos ───────────────────────────────────────────────────────────────────


def test_notices_are_counted_followed_and_read(client, draft, owner, editor):
    client.force_login(owner)
    assert "No hay avisos" in client.get("/avisos/").text
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()

    page = client.get("/avisos/")
    assert "2 sin leer" in page.text
    newest, older = Notice.objects.filter(user=owner).order_by("-id")
    assert page.text.index("Inventario apartado") < page.text.index("Se envió")
    assert client.get(f"/avisos/{newest.pk}/").url == f"/campanas/{draft.folio}/"
    assert "1 sin leer" in client.get("/avisos/").text
    client.post("/avisos/leidos/")

    older.refresh_from_db()
    assert older.read_at is not None
    assert "sin leer </p>" in " ".join(client.get("/avisos/").text.split())
    assert "Marcar todos" not in client.get("/avisos/").text


def test_nobody_follows_or_reads_anothers_notice(client, campaign_in_review, editor, owner):
    lifecycle.withdraw(campaign_in_review.pk, by=editor)
    theirs = Notice.objects.filter(user=owner).latest("id")
    client.force_login(editor)

    assert client.get(f"/avisos/{theirs.pk}/").status_code == 404
    client.post("/avisos/leidos/")

    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_the_list_of_notices_takes_a_fixed_number_of_queries(
    client, draft, owner, editor, django_assert_max_num_queries
):
    for _turn in range(6):
        lifecycle.submit(draft.pk, by=editor)
        lifecycle.hold_submitted()
        lifecycle.withdraw(draft.pk, by=editor)
    client.force_login(owner)
    client.get("/avisos/")

    with django_assert_max_num_queries(12):
        assert client.get("/avisos/").text.count("Sin leer") == 18

    assert notices.mark_all_read(owner) == 18
