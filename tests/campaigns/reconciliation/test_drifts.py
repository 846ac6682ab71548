"""The log of differences: who reads it, in which words, and what a person resolves."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.errors import BadReason, DriftResolved, NotAllowed
from campaigns.models import Drift, ReconciliationRun
from campaigns.reconciliation import drift_mails, drifts, words
from campaigns.reconciliation.drifts import Finding
from portal.accounts.models import User

pytestmark = pytest.mark.django_db

LIST = "/admin/campaigns/drift/"
Kind = Drift.Kind


def finding(kind=Kind.EXTRA, order_id="de-nadie", found="Generación 3", **fields):
    return Finding(
        kind=kind, order_id=order_id, expected="Nadie la pidió", found=found, action="Se pausó",
        **{"needs_person": True} | fields,
    )  # fmt: skip


def write(*findings):
    return drifts.write(findings, was_compared=lambda drift: True, now=timezone.now())


def text_of(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def keeper(reviewer):
    codes = ["view_drift", "change_drift", "view_reconciliationrun"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    return User.objects.get(pk=reviewer.pk)


@pytest.fixture
def desk(keeper):
    client = Client()
    client.force_login(keeper)
    return client


@pytest.fixture
def extra(db):
    write(finding())
    return Drift.objects.get()


# ── the log ──────────────────────────────────────────────────────────────────


def test_a_difference_is_one_row_while_it_is_found_and_calls_once():
    assert write(finding()) == 1
    assert write(finding(found="Generación 4")) == 0

    drift = Drift.objects.get()
    assert (drift.times, drift.found, drift.is_open) == (2, "Generación 4", True)
    assert write() == 0
    drift.refresh_from_db()
    assert not drift.is_open
    assert write(finding()) == 1
    assert Drift.objects.count() == 2


def test_what_was_not_compared_stays_open(extra):
    drifts.write([], was_compared=lambda drift: False, now=timezone.now())

    assert Drift.objects.open().get() == extra


def test_what_the_portal_cannot_heal_in_three_runs_calls_a_person():
    stale = finding(Kind.STALE, needs_person=False)

    assert [write(stale) for _ in range(4)] == [0, 0, 0, 1]


# ── by hand ──────────────────────────────────────────────────────────────────


def test_one_that_a_person_resolved_is_not_opened_again_as_it_was(extra, keeper):
    drifts.resolve(extra.pk, reason="Era una prueba de la red", by=keeper)

    assert write(finding()) == 0
    assert not Drift.objects.open().exists()
    assert write(finding(found="Generación 5")) == 1  # it has changed since


def test_without_that_memory_it_would(extra, keeper, monkeypatch):
    """The negative control."""
    drifts.resolve(extra.pk, reason="Era una prueba de la red", by=keeper)
    Drift.objects.update(resolved_by=None)

    assert write(finding()) == 1


@pytest.mark.parametrize(
    ("kind", "reason", "error"),
    [
        (Kind.EXTRA, " \n", BadReason),
        (Kind.EXTRA, "x" * 501, BadReason),
        (Kind.MISSING, "Ya", DriftResolved),
        (Kind.SILENT, "Ya", DriftResolved),
    ],
)
def test_a_person_cannot_resolve_without_reason_or_what_heals_itself(keeper, kind, reason, error):
    write(finding(kind))
    drift = Drift.objects.get()

    with pytest.raises(error):
        drifts.resolve(drift.pk, reason=reason, by=keeper)

    drift.refresh_from_db()
    assert (drift.is_open, drift.reason, drift.resolved_by) == (True, "", None)


def test_only_who_may_resolves_and_only_once(extra, keeper, editor):
    with pytest.raises(NotAllowed):
        drifts.resolve(extra.pk, reason="Ya", by=editor)
    extra.refresh_from_db()
    assert extra.is_open

    drifts.resolve(extra.pk, reason="Primero", by=keeper)
    with pytest.raises(DriftResolved):
        drifts.resolve(extra.pk, reason="Segundo", by=keeper)
    extra.refresh_from_db()
    assert extra.reason == "Primero"


# ── mails ────────────────────────────────────────────────────────────────────


def test_staff_get_one_mail_a_run_that_needs_them(extra, keeper):
    write(finding(), finding(Kind.COUNT, "b"), finding(Kind.COUNT, "c"))
    run = ReconciliationRun.objects.create(kind="running", mail_due_at=timezone.now())
    mail.outbox.clear()

    assert drift_mails.mail_due() == 1
    assert drift_mails.mail_due() == 0

    run.refresh_from_db()
    message = mail.outbox[0]
    assert run.mail_due_at is None
    assert message.to == [keeper.email]
    assert message.subject == "La plataforma de entrega tiene algo distinto"
    for part in (message.body, message.alternatives[0][0]):
        assert "Tiene una orden que no pedimos" in part
        assert LIST in part
    assert "- Las cuentas no coinciden: 2" in message.body


def test_a_loss_of_state_is_one_mail_with_its_number(keeper):
    write(*(finding(Kind.MISSING, f"o-{n}", needs_person=False) for n in range(1_200)))
    ReconciliationRun.objects.create(kind="running", mail_due_at=timezone.now(), lost_state=True)
    mail.outbox.clear()
    drift_mails.mail_due()

    assert [m.subject for m in mail.outbox] == ["La plataforma de entrega perdió órdenes"]
    assert "Le faltan 1,200 órdenes" in mail.outbox[0].body
    assert "requiere a una persona" not in mail.outbox[0].body


def test_a_mail_server_that_is_down_delays_the_mail(extra, keeper, monkeypatch):
    run = ReconciliationRun.objects.create(kind="running", mail_due_at=timezone.now())

    class Broken:
        def send_messages(self, messages):
            raise OSError("down")

    with monkeypatch.context() as patch:
        patch.setattr(drift_mails.mail, "get_connection", Broken)
        assert drift_mails.mail_due() == 0
    run.refresh_from_db()
    assert run.mail_due_at > timezone.now()


# ── pages ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_says_what_it_means_what_was_done_and_what_to_do(desk, kind):
    write(finding(kind))
    drift = Drift.objects.get()

    page = text_of(desk.get(f"{LIST}{drift.pk}/change/"))

    for part in (words.MEANING[kind], words.REMEDY[kind], "Se pausó", drift.found):
        assert str(part) in page
    assert ("Marcar como resuelta" in page) == (kind in Drift.BY_HAND)


def test_the_list_has_the_open_ones_first_with_their_campaigns(
    desk, approved, django_assert_max_num_queries
):
    order = approved.ad_order
    write(finding(Kind.CONTENT, str(order.pk)))
    write(finding())

    page = text_of(desk.get(LIST))
    with django_assert_max_num_queries(14):
        every = text_of(desk.get(LIST + "?estado=todas"))
    solved = text_of(desk.get(LIST + "?estado=resueltas"))

    assert "de-nadie" in page
    assert approved.folio not in page
    assert every.index("de-nadie") < every.index(approved.folio)
    assert reverse("admin:campaigns_adorder_change", args=[order.pk]) in solved
    assert "de-nadie" not in solved


def test_the_list_says_when_it_was_compared_last(desk):
    assert "Todavía no se ha conciliado" in text_of(desk.get(LIST))
    run = ReconciliationRun.objects.create(kind="running")
    assert "Se está conciliando" in text_of(desk.get(LIST))
    run.ended_at, run.orders = timezone.now(), 1_234
    run.save()
    assert "1,234 órdenes comparadas" in text_of(desk.get(LIST))
    ReconciliationRun.objects.update(error="503 UNAVAILABLE: x [c-1]")
    assert "no puede atender" in text_of(desk.get(LIST))
    ReconciliationRun.objects.update(error=ReconciliationRun.INTERRUPTED)
    assert "Se interrumpió" in text_of(desk.get("/admin/campaigns/reconciliationrun/"))


def test_the_first_page_says_what_needs_a_person(desk, extra):
    write(finding(), finding(Kind.MISSING, "a", needs_person=False))

    page = text_of(desk.get("/admin/"))

    assert "requiere a una persona:" in page
    assert f'{LIST}?estado=persona&amp;kind__exact=extra">Tiene una orden que no pedimos' in page
    assert "El portal arregla solo 1 diferencia" in page
    Drift.objects.all().delete()
    assert "El portal arregla" not in text_of(desk.get("/admin/"))


def test_a_difference_is_resolved_on_its_page_with_a_reason(desk, extra, keeper):
    page = f"{LIST}{extra.pk}/resolver/"

    refused = desk.post(page, {"reason": " "})
    assert refused.status_code == 422
    assert "Escribe el motivo" in text_of(refused)
    extra.refresh_from_db()
    assert extra.is_open
    assert desk.post(page, {"reason": "Era una prueba"}).url == LIST
    extra.refresh_from_db()
    assert (extra.resolved_by, extra.reason) == (keeper, "Era una prueba")
    assert "Era una prueba" in text_of(desk.get(f"{LIST}{extra.pk}/change/"))


def test_a_comparison_is_asked_for_with_a_button(desk, monkeypatch):
    asked = []
    monkeypatch.setattr("campaigns.admin.drifts.wake", asked.append)

    assert desk.post(LIST + "conciliar/").url == LIST
    assert desk.get(LIST + "conciliar/").status_code == 405

    assert asked == ["campaigns.tasks.reconcile"]


def test_who_only_sees_changes_nothing(extra, monkeypatch):
    asked = []
    monkeypatch.setattr("campaigns.admin.drifts.wake", asked.append)
    viewer = User.objects.create_user("mira@telefonica.mx", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_drift"))
    client = Client()
    client.force_login(viewer)

    page = text_of(client.get(f"{LIST}{extra.pk}/change/"))
    listed = text_of(client.get(LIST))

    assert "Marcar como resuelta" not in page
    assert "Conciliar ahora" not in listed
    assert client.get(f"{LIST}{extra.pk}/resolver/").status_code == 403
    assert client.post(f"{LIST}{extra.pk}/resolver/", {"reason": "Ya"}).status_code == 403
    assert client.post(LIST + "conciliar/").status_code == 403
    extra.refresh_from_db()
    assert extra.is_open
    assert asked == []


def test_one_that_does_not_exist_is_404(desk):
    assert desk.get(f"{LIST}999/resolver/").status_code == 404
