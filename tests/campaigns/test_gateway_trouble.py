"""Trouble with the gateway: shown to staff in words, and mailed once when it lasts and ends."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import channel, gateway_trouble, gateway_words, lifecycle, outbox
from campaigns.gateway import errors
from campaigns.models import AdOrder, Campaign, ChannelSwitch, GatewayTrouble
from portal.accounts.models import User

pytestmark = pytest.mark.django_db

TOKEN = "una-ficha-de-prueba-con-32-letras"
LATE = timedelta(minutes=6)


class Failing:
    """A client of a gateway that answers every call with one error."""

    def __init__(self, error):
        self.error = error

    def put_ad_order(self, *_arguments):
        raise self.error

    def set_channel_state(self, *_arguments, **_named):
        raise self.error


NO_RESPONSE = errors.NoResponse("ConnectError", correlator="c-1")
REFUSED = errors.RequestRejected("bad", status=400, code="INVALID_ARGUMENT", correlator="c-2")


def fail(error=NO_RESPONSE, ago=timedelta()):
    """Send what is due to a failing gateway, as if it failed for some time."""
    AdOrder.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    while claimed := outbox.claim():
        outbox.send(claimed, Failing(error))
    AdOrder.objects.update(failing_since=timezone.now() - ago)


def confirm():
    for order in AdOrder.objects.all():
        AdOrder.objects.filter(pk=order.pk).update(
            acknowledged_generation=order.generation, failing_since=None, last_error=""
        )


def watch():
    """Run the two tasks, and return the subjects of new mails."""
    mail.outbox.clear()
    gateway_trouble.record()
    gateway_trouble.mail_due()
    return [message.subject for message in mail.outbox]


@pytest.fixture
def operator(reviewer):
    codes = ["view_channelswitch", "stop_channel", "view_audit"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    return reviewer


@pytest.fixture
def desk(operator):
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def second(approved, brand, editor, terms, reviewer):
    """Another approved campaign."""
    other = lifecycle.draft(brand.pk, terms | {"name": "Otra", "volume": 100}, by=editor)
    lifecycle.submit(other.pk, by=editor)
    lifecycle.hold_submitted()
    return lifecycle.approve(other.pk, version=1, by=reviewer)


def text_of(response):
    return " ".join(response.content.decode().split())


# ── mails ────────────────────────────────────────────────────────────────────


def test_staff_get_one_mail_a_trouble_and_one_when_it_is_over(approved, second, operator):
    fail()
    assert watch() == []  # it may heal in a minute

    fail(ago=LATE)
    assert watch() == ["La plataforma de entrega falla"]
    assert mail.outbox[0].to == [operator.email]
    body = mail.outbox[0].body
    assert "no contesta" in body
    assert "nada se pierde" in body
    assert "ConnectError" not in body + mail.outbox[0].alternatives[0][0]
    fail(ago=LATE * 5)
    assert watch() == watch() == []

    confirm()
    assert watch() == ["La plataforma de entrega ya toma los cambios"]
    assert watch() == []
    assert GatewayTrouble.objects.get().ended_at


def test_a_new_generation_that_was_not_tried_is_not_the_end(approved, operator, reviewer):
    fail(ago=LATE)
    watch()

    lifecycle.schedule(approved.pk)
    lifecycle.staff_pause(approved.pk, reason="R", by=reviewer)

    assert AdOrder.objects.get().failing_since is None
    assert watch() == []
    assert GatewayTrouble.objects.open().exists()


def test_refusals_are_another_trouble_with_other_words(approved, second, operator):
    fail(REFUSED, ago=LATE)
    assert watch() == ["La plataforma de entrega rechaza órdenes"]
    assert "Reintentar ahora" in mail.outbox[0].body
    AdOrder.objects.filter(campaign=second).update(refused_generation=None)
    assert watch() == ["La plataforma de entrega falla"]


def test_a_switch_that_is_not_confirmed_is_trouble_too(operator):
    channel.stop(reason="Falla de red", by=operator)
    channel.send_due(Failing(NO_RESPONSE))
    assert watch() == []
    ChannelSwitch.objects.update(at=timezone.now() - LATE)

    assert watch() == ["La plataforma de entrega falla"]

    ChannelSwitch.objects.update(acknowledged_at=timezone.now(), last_error="")
    assert watch() == ["La plataforma de entrega ya toma los cambios"]


def test_a_switch_that_a_newer_one_replaced_is_no_trouble(operator):
    channel.stop(reason="Falla de red", by=operator)
    channel.send_due(Failing(NO_RESPONSE))
    ChannelSwitch.objects.update(at=timezone.now() - LATE)

    channel.start(reason="Ya", by=operator)

    assert gateway_trouble.current() == []


def test_only_staff_who_see_orders_are_mailed(approved, operator, editor):
    User.objects.create_user("mira@telefonica.mx", is_staff=True)
    User.objects.create_superuser("jefa@telefonica.mx")
    fail(ago=LATE)
    watch()

    assert {m.to[0] for m in mail.outbox} == {operator.email, "jefa@telefonica.mx"}


def test_a_mail_server_that_is_down_delays_the_mail(approved, operator, settings, monkeypatch):
    fail(ago=LATE)

    class Broken:
        def send_messages(self, messages):
            raise OSError("down")

    with monkeypatch.context() as patch:
        patch.setattr(gateway_trouble.mail, "get_connection", Broken)
        assert watch() == []
    GatewayTrouble.objects.update(mail_due_at=timezone.now())
    assert watch() == ["La plataforma de entrega falla"]


def test_without_the_record_every_sweep_would_mail(approved, operator):
    """The negative control of «one mail»."""
    fail(ago=LATE)
    assert watch() == ["La plataforma de entrega falla"]
    GatewayTrouble.objects.all().delete()
    assert watch() == ["La plataforma de entrega falla"]


# ── words ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NO_RESPONSE, "no contesta"),
        (errors.NoResponse("Timeout", correlator="x"), "no contesta"),
        (errors.Unavailable("x", status=503, code="UNAVAILABLE"), "no puede atender"),
        (errors.Unavailable("x", status=500), "no puede atender"),
        (errors.Unavailable("x", status=408), "no puede atender"),
        (errors.TooManyRequests("x", status=429), "pide esperar"),
        (errors.Unauthenticated("x", status=401), "credenciales"),
        (errors.Unauthenticated("x"), "no contesta"),
        (errors.Forbidden("x", status=403), "credenciales"),
        (errors.StaleGeneration("x", status=409, code="C"), "algo distinto"),
        (REFUSED, "no acepta lo que se le envió"),
        (errors.NotFound("x", status=404), "no acepta lo que se le envió"),
    ],
)
def test_every_error_has_words(error, words):
    assert words in gateway_words.cause(str(error))


def test_no_error_has_no_words():
    assert gateway_words.cause("") == ""


# ── pages ────────────────────────────────────────────────────────────────────


def test_the_first_page_says_what_happens_and_what_to_do(approved, desk, editor):
    assert "no contesta" not in text_of(desk.get("/admin/"))
    fail(ago=LATE)

    page = text_of(desk.get("/admin/"))

    assert "La plataforma de entrega no contesta." in page
    assert "1 orden sin confirmar" in page
    assert "nada se pierde" in page
    assert "<summary>Detalle técnico</summary>" in page
    assert "NoResponse: ConnectError [c-1]" in page
    link = reverse("admin:campaigns_adorder_changelist") + "?envio=problema"
    assert link in page
    assert approved.folio in text_of(desk.get(link))


def test_staff_without_the_permission_are_told_nothing(approved):
    fail(ago=LATE)
    other = User.objects.create_user("mira@telefonica.mx", is_staff=True)
    other.user_permissions.set(Permission.objects.filter(codename="view_campaign"))
    client = Client()
    client.force_login(other)

    assert "no contesta" not in text_of(client.get("/admin/"))


def test_the_order_explains_itself_and_is_sent_again_on_its_page(approved, desk):
    fail(REFUSED, ago=LATE)
    order = AdOrder.objects.get()
    page = reverse("admin:campaigns_adorder_change", args=[order.pk])

    seen = text_of(desk.get(page))
    listed = text_of(desk.get(reverse("admin:campaigns_adorder_changelist")))
    case = text_of(desk.get(reverse("admin:campaigns_campaign_change", args=[approved.pk])))

    for text in (seen, case):
        assert "no acepta lo que se le envió" in text
        assert "<summary>Detalle técnico</summary><p><code>400 INVALID_ARGUMENT" in text
    assert "no acepta lo que se le envió" in listed
    assert "INVALID_ARGUMENT" not in listed
    again = reverse("admin:campaigns_adorder_try_again", args=[order.pk])
    assert f'action="{again}"' in seen
    assert desk.post(again).url == page
    order.refresh_from_db()
    assert not order.refused
    assert order.next_attempt_at <= timezone.now()
    assert "Se reintenta 1 orden" in text_of(desk.get(page))


def test_a_confirmed_order_has_no_button_and_a_stranger_cannot_send_it(approved, desk, reviewer):
    order = AdOrder.objects.get()
    again = reverse("admin:campaigns_adorder_try_again", args=[order.pk])
    reviewer.user_permissions.remove(Permission.objects.get(codename="change_adorder"))

    assert "Reintentar" not in text_of(desk.get(again.replace("reintentar", "change")))
    assert desk.post(again).status_code == 403
    assert desk.get(again).status_code == 405


def test_a_confirmed_order_has_nothing_to_send(approved, desk):
    confirm()
    page = reverse("admin:campaigns_adorder_change", args=[AdOrder.objects.get().pk])

    assert "Reintentar ahora" not in text_of(desk.get(page))
    assert "Nada: no ha fallado." in text_of(desk.get(page))


def test_an_order_that_does_not_exist_is_404(desk):
    path = reverse(
        "admin:campaigns_adorder_try_again", args=["00000000-0000-4000-8000-000000000000"]
    )

    assert desk.post(path).status_code == 404


def test_the_channels_page_explains_a_switch_that_is_not_confirmed(desk, operator):
    channel.stop(reason="Falla de red", by=operator)
    channel.send_due(Failing(NO_RESPONSE))

    page = text_of(desk.get(reverse("admin:campaigns_channelswitch_changelist")))
    first = text_of(desk.get("/admin/"))

    assert "La plataforma de entrega no contesta." in page
    assert "<summary>Detalle técnico</summary>" in page
    assert "El último paro o reinicio del canal tampoco está confirmado" in first


# ── /salud/ ──────────────────────────────────────────────────────────────────


def test_health_has_the_figures_for_staff_and_the_token_alone(approved, desk, settings):
    settings.METRICS_TOKEN = TOKEN
    fail(ago=LATE)
    client = Client()
    ask = client.get("/salud/", headers={"Authorization": f"Bearer {TOKEN}"})

    assert "gateway" not in client.get("/salud/").json()
    for response in (ask, desk.get("/salud/")):
        figures = response.json()["gateway"]
        assert figures["failing_since"]
        assert (figures["failing_orders"], figures["refused_orders"]) == (1, 0)
        assert figures["channel_unconfirmed"] is False


def test_health_is_quiet_while_all_is_well(desk):
    assert (
        desk.get("/salud/").json()["gateway"].items()
        >= {
            "failing_since": None,
            "failing_orders": 0,
            "refused_orders": 0,
            "channel_unconfirmed": False,
            "silent_since": None,
        }.items()
    )
    assert not Campaign.objects.exists()
