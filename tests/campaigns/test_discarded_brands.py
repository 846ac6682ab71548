"""A brand that asks is told to staff, and may be turned down: with a reason, and not for good."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import brands, notice_mails
from campaigns.errors import BadReason, NotAllowed
from campaigns.models import Brand, Notice
from campaigns.models.brand import MAX_DISCARD_REASON_LENGTH
from portal.accounts.models import User

pytestmark = pytest.mark.django_db

LIST = "/admin/campaigns/brand/"
REASON = "No encontramos a la empresa.\nEscribe su razón social."


@pytest.fixture
def applicant(db):
    return User.objects.create_user("ana@pizzas.mx", first_name="Ana")


@pytest.fixture
def asked(applicant):
    return brands.apply("Pizzas La Nonna", "FOOD", by=applicant)


@pytest.fixture
def doorkeeper(reviewer):
    codes = ["view_brand", "activate_brand"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    return reviewer


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def mailed():
    mail.outbox.clear()
    notice_mails.send_due()
    return {letter.to[0]: letter for letter in mail.outbox}


# ── staff hear of it ─────────────────────────────────────────────────────────


def test_staff_who_let_brands_in_are_told_once(asked, applicant, doorkeeper):
    User.objects.create_user("mira@telefonica.mx", is_staff=True)

    brands.announce(owner=applicant)
    brands.announce(owner=applicant)

    letters = mailed()
    assert list(letters) == [doorkeeper.email]
    letter = letters[doorkeeper.email]
    assert letter.subject == "Una marca pide entrar: Pizzas La Nonna"
    for form in (letter.body, letter.alternatives[0][0]):
        assert "Alimentos y restaurantes" in form
        assert "/admin/campaigns/brand/?estado=por-activar" in form


def test_who_was_let_in_meanwhile_is_not_mailed_about(asked, applicant, doorkeeper):
    brands.announce(owner=applicant)
    brands.activate(asked.pk)

    assert list(mailed()) == [applicant.email]


def test_the_board_says_how_many_wait_to_who_lets_them_in(asked, doorkeeper):
    assert "1 marca pide entrar." in signed_in(doorkeeper).get("/admin/").text

    brands.activate(asked.pk)
    assert "pide entrar" not in signed_in(doorkeeper).get("/admin/").text


def test_the_board_says_nothing_of_it_to_others(asked, reviewer):
    assert "pide entrar" not in signed_in(reviewer).get("/admin/").text


# ── turned down ──────────────────────────────────────────────────────────────


def test_a_discarded_brand_keeps_its_people_and_frees_its_address(asked, applicant):
    assert brands.discard(asked.pk, f" {REASON} ")
    assert not brands.discard(asked.pk, "Otra vez")

    asked.refresh_from_db()
    assert (asked.discard_reason, asked.is_waiting, asked.is_discarded) == (REASON, False, True)
    assert asked.is_owned_by(applicant)
    assert not Brand.objects.waiting().exists()
    assert not brands.activate(asked.pk)
    other = brands.apply("Pizzas La Nonna", "FOOD", by=applicant)
    assert other.slug == "pizzas-la-nonna"
    assert brands.activate(other.pk)


def test_its_person_is_told_why_by_mail_and_in_the_portal(asked, applicant):
    brands.discard(asked.pk, REASON)

    letter = mailed()[applicant.email]

    assert letter.subject == "No activamos tu marca: Pizzas La Nonna"
    assert REASON in letter.body
    assert "No encontramos a la empresa.<br>" in letter.alternatives[0][0]
    assert f"/solicitudes/{asked.pk}/" in letter.body
    assert "No encontramos a la empresa." in signed_in(applicant).get("/avisos/").text


def test_what_was_taken_back_at_once_is_not_mailed(asked):
    brands.discard(asked.pk, REASON)
    brands.restore(asked.pk)

    assert mailed() == {}


@pytest.mark.parametrize("reason", ["", " \r\n", "a\0b", "x" * (MAX_DISCARD_REASON_LENGTH + 1)])
def test_a_reason_that_cannot_be_sent_discards_nothing(asked, reason):
    with pytest.raises(BadReason):
        brands.discard(asked.pk, reason)

    asked.refresh_from_db()
    assert asked.is_waiting
    assert not Notice.objects.exists()


def test_only_what_waits_is_discarded(brand):
    assert not brands.discard(brand.pk, REASON)

    brand.refresh_from_db()
    assert brand.active


def test_it_can_wait_again_and_be_let_in(asked, applicant):
    brands.discard(asked.pk, REASON)

    assert brands.restore(asked.pk)
    assert not brands.restore(asked.pk)

    asked.refresh_from_db()
    assert (asked.is_waiting, asked.slug, asked.discard_reason) == (True, "pizzas-la-nonna", "")
    assert brands.activate(asked.pk)
    assert asked in Brand.objects.visible_to(applicant)


@pytest.mark.parametrize(
    "wrong",
    [
        {"discarded_at": timezone.now()},
        {"discard_reason": "x"},
        {"discarded_at": timezone.now(), "discard_reason": "x", "activated_at": timezone.now()},
    ],
)
def test_the_database_keeps_a_discarded_brand_explained_and_out(asked, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Brand.objects.filter(pk=asked.pk).update(**wrong)


# ── by its person ────────────────────────────────────────────────────────────


def test_its_person_reads_why_and_asks_again(asked, applicant, doorkeeper):
    brands.discard(asked.pk, REASON)
    browser = signed_in(applicant)

    page = browser.get("/", follow=True)
    assert "No encontramos a la empresa." in page.text
    wrong = browser.post(f"/solicitudes/{asked.pk}/", {"name": "", "category": "FOOD"})
    assert wrong.status_code == 422
    sent = {"name": "La Nonna, S.A.", "category": "RETAIL"}
    after = browser.post(f"/solicitudes/{asked.pk}/", sent, follow=True)

    assert "Estamos revisando La Nonna, S.A." in after.text
    asked.refresh_from_db()
    assert (asked.is_waiting, asked.category) == (True, "RETAIL")
    assert list(mailed()) == [doorkeeper.email]
    again = browser.post(f"/solicitudes/{asked.pk}/", sent)
    assert again.status_code == 200
    assert Notice.objects.filter(kind="applied").count() == 1


def test_nobody_else_asks_for_it(asked, stranger, applicant, brand, owner):
    brands.discard(asked.pk, REASON)
    with pytest.raises(NotAllowed):
        brands.reapply(asked.pk, "Otra", "FOOD", by=stranger)
    with pytest.raises(NotAllowed):
        brands.reapply(brand.pk, "Otra", "FOOD", by=owner)

    assert signed_in(stranger).get(f"/solicitudes/{asked.pk}/").status_code == 404
    assert signed_in(owner).get(f"/solicitudes/{brand.pk}/").status_code == 404


# ── in the admin ─────────────────────────────────────────────────────────────


def act(browser, action, *chosen, **sent):
    return browser.post(
        f"{LIST}?estado=todas",
        {"action": action, "_selected_action": [b.pk for b in chosen], **sent},
        follow=True,
    )


def test_staff_discard_with_a_reason_and_take_it_back(asked, brand, doorkeeper):
    browser = signed_in(doorkeeper)

    question = act(browser, "discard", asked, brand)
    assert "Pizzas La Nonna" in question.text
    assert "ana@pizzas.mx" in question.text
    assert ">Tienda<" not in question.text
    empty = act(browser, "discard", asked, confirmed="1", reason=" ")
    assert empty.status_code == 422
    assert "Escribe el motivo" in empty.text
    done = act(browser, "discard", asked, brand, confirmed="1", reason=REASON)
    assert "Descartadas: Pizzas La Nonna." in done.text
    brand.refresh_from_db()
    assert brand.active

    listed = browser.get(f"{LIST}?estado=descartadas").text
    assert "Pizzas La Nonna" in listed and ">Tienda<" not in listed
    shown = browser.get(reverse("admin:campaigns_brand_change", args=[asked.pk])).text
    assert "Escribe su razón social." in shown
    back = act(browser, "restore", asked, brand)
    assert "Esperan otra vez: Pizzas La Nonna." in back.text
    asked.refresh_from_db()
    assert asked.is_waiting


@pytest.mark.parametrize("action", ["discard", "restore"])
def test_it_takes_the_permission_to_let_brands_in(asked, reviewer, action):
    reviewer.user_permissions.add(Permission.objects.get(codename="view_brand"))
    if action == "restore":
        brands.discard(asked.pk, REASON)

    act(signed_in(reviewer), action, asked, confirmed="1", reason=REASON)

    asked.refresh_from_db()
    assert asked.is_discarded is (action == "restore")


def test_a_superuser_does_not_let_a_discarded_brand_in_by_a_box(asked):
    brands.discard(asked.pk, REASON)
    browser = signed_in(User.objects.create_superuser("jefa@telefonica.mx"))

    page = browser.get(reverse("admin:campaigns_brand_change", args=[asked.pk])).text

    assert 'name="active"' not in page
    assert "Descartada" in page
