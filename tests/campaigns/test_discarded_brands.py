"""Applications of brands: staff are notified, and may discard one with a reason, reversibly."""

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
from campaigns.models.brand import MAX_REASON_LENGTH
from portal.accounts.models import User

pytestmark = pytest.mark.django_db

LIST = "/admin/campaigns/brand/"
REASON = "No encontramos a la empresa.\nEscribe su razón social."


@pytest.fixture
def applicant(db):
    return User.objects.create_user("ana@pizzas.mx", first_name="Ana")


@pytest.fixture
def applied(applicant):
    return brands.apply("Pizzas La Nonna", "FOOD", by=applicant)


@pytest.fixture
def activator(reviewer):
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
    return {message.to[0]: message for message in mail.outbox}


# ── notices to staff ─────────────────────────────────────────────────────────


def test_staff_who_activate_brands_are_notified_once(applied, applicant, activator):
    User.objects.create_user("mira@telefonica.mx", is_staff=True)

    brands.announce(owner=applicant)
    brands.announce(owner=applicant)

    mails = mailed()
    assert list(mails) == [activator.email]
    message = mails[activator.email]
    assert message.subject == "Una marca pide entrar: Pizzas La Nonna"
    for form in (message.body, message.alternatives[0][0]):
        assert "Alimentos y restaurantes" in form
        assert "/admin/campaigns/brand/?estado=por-activar" in form


def test_no_mail_is_sent_about_a_brand_activated_meanwhile(applied, applicant, activator):
    brands.announce(owner=applicant)
    brands.activate(applied.pk)

    assert list(mailed()) == [applicant.email]


def test_the_index_counts_waiting_brands_for_staff_who_may_activate_them(applied, activator):
    assert "1 marca pide entrar." in signed_in(activator).get("/admin/").text

    brands.activate(applied.pk)
    assert "pide entrar" not in signed_in(activator).get("/admin/").text


def test_the_index_does_not_count_them_for_others(applied, reviewer):
    assert "pide entrar" not in signed_in(reviewer).get("/admin/").text


# ── discarding ───────────────────────────────────────────────────────────────


def test_a_discarded_brand_keeps_its_members_and_frees_its_slug(applied, applicant):
    assert brands.discard(applied.pk, f" {REASON} ")
    assert not brands.discard(applied.pk, "Otra vez")

    applied.refresh_from_db()
    assert (applied.discard_reason, applied.is_waiting, applied.is_discarded) == (
        REASON,
        False,
        True,
    )
    assert applied.is_owned_by(applicant)
    assert not Brand.objects.waiting().exists()
    assert not brands.activate(applied.pk)
    other = brands.apply("Pizzas La Nonna", "FOOD", by=applicant)
    assert other.slug == "pizzas-la-nonna"
    assert brands.activate(other.pk)


def test_its_owner_is_notified_of_the_reason_by_mail_and_in_the_portal(applied, applicant):
    brands.discard(applied.pk, REASON)

    message = mailed()[applicant.email]

    assert message.subject == "No activamos tu marca: Pizzas La Nonna"
    assert REASON in message.body
    assert "No encontramos a la empresa.<br>" in message.alternatives[0][0]
    assert f"/solicitudes/{applied.pk}/" in message.body
    assert "No encontramos a la empresa." in signed_in(applicant).get("/avisos/").text


def test_no_mail_is_sent_of_a_discard_that_was_undone(applied):
    brands.discard(applied.pk, REASON)
    brands.restore(applied.pk)

    assert mailed() == {}


@pytest.mark.parametrize("reason", ["", " \r\n", "a\0b", "x" * (MAX_REASON_LENGTH + 1)])
def test_a_reason_that_cannot_be_sent_discards_nothing(applied, reason):
    with pytest.raises(BadReason):
        brands.discard(applied.pk, reason)

    applied.refresh_from_db()
    assert applied.is_waiting
    assert not Notice.objects.exists()


def test_only_what_waits_is_discarded(brand):
    assert not brands.discard(brand.pk, REASON)

    brand.refresh_from_db()
    assert brand.active


def test_it_can_wait_again_and_be_activated(applied, applicant):
    brands.discard(applied.pk, REASON)

    assert brands.restore(applied.pk)
    assert not brands.restore(applied.pk)

    applied.refresh_from_db()
    assert (applied.is_waiting, applied.slug, applied.discard_reason) == (
        True,
        "pizzas-la-nonna",
        "",
    )
    assert brands.activate(applied.pk)
    assert applied in Brand.objects.visible_to(applicant)


@pytest.mark.parametrize(
    "wrong",
    [
        {"discarded_at": timezone.now()},
        {"discard_reason": "x"},
        {"discarded_at": timezone.now(), "discard_reason": "x", "activated_at": timezone.now()},
    ],
)
def test_the_database_requires_a_reason_of_an_inactive_discarded_brand(applied, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Brand.objects.filter(pk=applied.pk).update(**wrong)


# ── applying again ───────────────────────────────────────────────────────────


def test_its_owner_reads_the_reason_and_applies_again(applied, applicant, activator):
    brands.discard(applied.pk, REASON)
    browser = signed_in(applicant)

    page = browser.get("/", follow=True)
    assert "No encontramos a la empresa." in page.text
    wrong = browser.post(f"/solicitudes/{applied.pk}/", {"name": "", "category": "FOOD"})
    assert wrong.status_code == 422
    data = {"name": "La Nonna, S.A.", "category": "RETAIL"}
    after = browser.post(f"/solicitudes/{applied.pk}/", data, follow=True)

    assert "Estamos revisando La Nonna, S.A." in after.text
    applied.refresh_from_db()
    assert (applied.is_waiting, applied.category) == (True, "RETAIL")
    assert list(mailed()) == [activator.email]
    again = browser.post(f"/solicitudes/{applied.pk}/", data)
    assert again.status_code == 200
    assert Notice.objects.filter(kind="applied").count() == 1


def test_nobody_else_applies_for_it(applied, stranger, applicant, brand, owner):
    brands.discard(applied.pk, REASON)
    with pytest.raises(NotAllowed):
        brands.reapply(applied.pk, "Otra", "FOOD", by=stranger)
    with pytest.raises(NotAllowed):
        brands.reapply(brand.pk, "Otra", "FOOD", by=owner)

    assert signed_in(stranger).get(f"/solicitudes/{applied.pk}/").status_code == 404
    assert signed_in(owner).get(f"/solicitudes/{brand.pk}/").status_code == 404


# ── in the admin ─────────────────────────────────────────────────────────────


def act(browser, action, *chosen, **data):
    return browser.post(
        f"{LIST}?estado=todas",
        {"action": action, "_selected_action": [b.pk for b in chosen], **data},
        follow=True,
    )


def test_staff_discard_with_a_reason_and_restore(applied, brand, activator):
    browser = signed_in(activator)

    question = act(browser, "discard", applied, brand)
    assert "Pizzas La Nonna" in question.text
    assert "ana@pizzas.mx" in question.text
    assert ">Tienda<" not in question.text
    empty = act(browser, "discard", applied, confirmed="1", reason=" ")
    assert empty.status_code == 422
    assert "Escribe el motivo" in empty.text
    done = act(browser, "discard", applied, brand, confirmed="1", reason=REASON)
    assert "Descartadas: Pizzas La Nonna." in done.text
    brand.refresh_from_db()
    assert brand.active

    listed = browser.get(f"{LIST}?estado=descartadas").text
    assert "Pizzas La Nonna" in listed and ">Tienda<" not in listed
    text = browser.get(reverse("admin:campaigns_brand_change", args=[applied.pk])).text
    assert "Escribe su razón social." in text
    back = act(browser, "restore", applied, brand)
    assert "Esperan otra vez: Pizzas La Nonna." in back.text
    applied.refresh_from_db()
    assert applied.is_waiting


@pytest.mark.parametrize("action", ["discard", "restore"])
def test_it_needs_the_permission_to_activate_brands(applied, reviewer, action):
    reviewer.user_permissions.add(Permission.objects.get(codename="view_brand"))
    if action == "restore":
        brands.discard(applied.pk, REASON)

    act(signed_in(reviewer), action, applied, confirmed="1", reason=REASON)

    applied.refresh_from_db()
    assert applied.is_discarded is (action == "restore")


def test_a_superuser_cannot_activate_a_discarded_brand_in_the_form(applied):
    brands.discard(applied.pk, REASON)
    browser = signed_in(User.objects.create_superuser("jefa@telefonica.mx"))

    page = browser.get(reverse("admin:campaigns_brand_change", args=[applied.pk])).text

    assert 'name="active"' not in page
    assert "Descartada" in page
