"""The pages of mails of results: who gets what, and the links in the mails."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import ReportRecipient
from campaigns.report_mails import links, recipients

pytestmark = pytest.mark.django_db

BOTH = ["weekly", "end"]


def page(brand):
    return reverse("portal:report_mails", args=[brand.slug])


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def path(url):
    return "/" + url.split("/", 3)[3]


def wanting(kind):
    return {row.address for row in ReportRecipient.objects.wanting(kind)}


@pytest.fixture
def added(brand, editor):
    return recipients.add(brand.pk, "jefa@agencia.mx", BOTH, by=editor)


# ── the page of a brand ──────────────────────────────────────────────────────


def test_a_writer_saves_all_lines_at_once(brand, editor, owner, viewer, added):
    recipients.answer(added.pk, wanted=True)
    recipients.choose(brand.pk, owner.pk, BOTH, by=editor)
    web = signed_in(editor)
    shown = web.get(page(brand)).context["lines"]

    web.post(
        page(brand),
        {
            "action": "save",
            "shown": [line.key for line in shown],
            f"u{viewer.pk}": ["weekly"],
            f"u{owner.pk}": ["end"],
            f"r{added.pk}": BOTH,
        },
    )

    assert wanting("weekly") == {viewer.email, "jefa@agencia.mx"}
    assert wanting("end") == {owner.email, "jefa@agencia.mx"}


def test_a_line_that_the_page_did_not_show_stays_as_it_is(brand, editor, viewer):
    recipients.choose(brand.pk, viewer.pk, BOTH, by=editor)

    signed_in(editor).post(page(brand), {"action": "save", "shown": [f"u{editor.pk}"]})

    assert wanting("weekly") == wanting("end") == {viewer.email}


def test_a_writer_cannot_begin_what_a_person_stopped(brand, editor, viewer):
    recipients.choose(brand.pk, viewer.pk, BOTH, by=viewer)
    recipients.choose(brand.pk, viewer.pk, ["end"], by=viewer)
    web = signed_in(editor)
    seen = web.get(page(brand)).text
    key = f"u{viewer.pk}"

    assert "lo detuvo el" in seen
    web.post(page(brand), {"action": "save", "shown": [key], key: BOTH})

    assert (wanting("weekly"), wanting("end")) == (set(), {viewer.email})


def test_a_viewer_sees_and_changes_their_own_line_alone(brand, viewer, owner, added):
    recipients.choose(brand.pk, owner.pk, BOTH, by=owner)
    web = signed_in(viewer)
    seen = web.get(page(brand))

    assert [line.key for line in seen.context["lines"]] == [f"u{viewer.pk}"]
    assert owner.email not in seen.text and "jefa@agencia.mx" not in seen.text
    keys = [f"u{viewer.pk}", f"u{owner.pk}", f"r{added.pk}"]
    web.post(page(brand), {"action": "save", "shown": keys, keys[0]: ["weekly"]})
    assert wanting("weekly") == {viewer.email, owner.email}
    assert web.post(page(brand), {"action": "add", "email": "x@x.mx"}).status_code == 404
    change = reverse("portal:report_recipient", args=[brand.slug, added.pk])
    assert web.post(change, {"action": "remove"}).status_code == 404
    assert ReportRecipient.objects.get(pk=added.pk).removed_at is None


def test_an_address_is_added_asked_and_removed(brand, editor, django_capture_on_commit_callbacks):
    web = signed_in(editor)
    with django_capture_on_commit_callbacks(execute=True):
        web.post(page(brand), {"action": "add", "email": "jefa@agencia.mx", "kinds": BOTH})

    [message] = mail.outbox
    assert message.to == ["jefa@agencia.mx"]
    assert "no te enviaremos nada si no lo confirmas" in message.body.lower()
    seen = web.get(page(brand)).text
    assert "Todavía no confirma." in seen
    added = ReportRecipient.objects.get()
    change = reverse("portal:report_recipient", args=[brand.slug, added.pk])
    assert "Ya le preguntamos" in web.post(change, {"action": "ask"}, follow=True).text
    assert "Quitaste a jefa" in web.post(change, {"action": "remove"}, follow=True).text
    assert "jefa@agencia.mx</b>" not in web.get(page(brand)).text
    assert web.post(change, {"action": "remove"}).status_code == 404


@pytest.mark.parametrize(
    ("data", "status", "told"),
    [
        ({}, 422, "Escribe el correo"),
        ({"email": "x"}, 422, "Escribe el correo completo"),
        ({"email": "a@x.mx", "kinds": []}, 422, "Elige al menos uno"),
        ({"email": "a@x.mx", "kinds": ["daily"]}, 422, "no es una de las opciones"),
        ({"email": "consulta@tienda.mx", "kinds": BOTH}, 409, "ya está en la lista"),
    ],
)
def test_a_bad_address_is_refused_with_what_was_typed(data, status, told, brand, editor, viewer):
    response = signed_in(editor).post(page(brand), {"action": "add"} | data)

    assert response.status_code == status
    assert told in response.text
    assert data.get("email", "") in response.text
    assert not ReportRecipient.objects.exists()
    assert mail.outbox == []


def test_a_sample_without_campaigns_says_so(brand, viewer):
    response = signed_in(viewer).post(page(brand), {"action": "sample"}, follow=True)

    assert "no salió ninguna campaña" in response.text
    assert mail.outbox == []


def test_a_sample_while_the_mail_server_is_away_says_so_and_may_be_repeated(
    brand, viewer, monkeypatch
):
    def away(*_args, **_named):
        raise ConnectionRefusedError

    monkeypatch.setattr(recipients, "send_sample", away)

    response = signed_in(viewer).post(page(brand), {"action": "sample"}, follow=True)

    assert "El servidor de correo no contesta" in response.text


# ── the links in mails ───────────────────────────────────────────────────────


@pytest.fixture
def stop(brand, viewer, editor):
    recipients.choose(brand.pk, viewer.pk, BOTH, by=editor)
    return path(links.stop_url(ReportRecipient.objects.get(), "weekly"))


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_following_the_link_changes_nothing(method, stop, client, viewer):
    getattr(client, method)(stop)

    assert wanting("weekly") == {viewer.email}


def test_one_click_stops_without_session_cookie_or_csrf_token(stop, viewer):
    strict = Client(enforce_csrf_checks=True)

    response = strict.post(stop, {"List-Unsubscribe": "One-Click"})

    assert response.status_code == 204
    assert not response.cookies
    assert (wanting("weekly"), wanting("end")) == (set(), {viewer.email})


def test_the_page_stops_and_begins_again(stop, client, viewer):
    assert "¿Dejar de recibirlos?" in client.get(stop).text
    stopped = client.post(stop, {"action": "stop"}, follow=True)
    assert "Ya no los recibes" in stopped.text
    assert wanting("weekly") == set()

    client.post(stop, {"action": "resume"})

    assert wanting("weekly") == {viewer.email}


def test_twice_is_once(stop, client, viewer):
    for _time in range(2):
        client.post(stop, {"List-Unsubscribe": "One-Click"})
    first = ReportRecipient.objects.get().weekly_stopped_at

    client.post(stop, {"List-Unsubscribe": "One-Click"})

    assert ReportRecipient.objects.get().weekly_stopped_at == first


def test_a_suspended_brand_can_be_stopped_too(stop, client, brand):
    brand.active, brand.suspended_at, brand.suspension_reason = False, timezone.now(), "x"
    brand.save()

    assert client.get(stop).status_code == 200
    assert client.post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 204
    assert ReportRecipient.objects.get().weekly_stopped_at


@pytest.mark.parametrize("change", ["x", ""])
def test_a_token_that_was_changed_stops_nothing(change, stop, client, viewer):
    broken = stop.rstrip("/")[:-3] + change + "/"

    for response in (client.get(broken), client.post(broken, {"List-Unsubscribe": "One-Click"})):
        assert response.status_code == 404
        assert "Este enlace ya no sirve" in response.text
    assert wanting("weekly") == {viewer.email}


def test_an_address_confirms_by_a_button_and_not_by_the_link(added, client):
    address = path(links.confirm_url(added))

    assert "¿Recibir los resultados de Tienda?" in client.get(address).text
    assert wanting("weekly") == set()

    assert "Listo" in client.post(address, {"action": "confirm"}, follow=True).text
    assert wanting("weekly") == wanting("end") == {"jefa@agencia.mx"}


def test_an_address_refuses_and_may_change_its_mind(added, client, brand, editor):
    address = path(links.confirm_url(added))

    assert "No vas a recibirlos" in client.post(address, {"action": "refuse"}, follow=True).text
    assert "Contestó que no quiere" in signed_in(editor).get(page(brand)).text
    client.post(address, {"action": "confirm"})

    assert wanting("weekly") == {"jefa@agencia.mx"}


@pytest.mark.parametrize("how", ["removed", "suspended", "expired"])
def test_a_request_that_is_over_confirms_nothing(how, added, client, brand, editor, time_machine):
    address = path(links.confirm_url(added))
    if how == "removed":
        recipients.remove(added.pk, by=editor)
    elif how == "suspended":
        brand.active, brand.suspended_at, brand.suspension_reason = False, timezone.now(), "x"
        brand.save()
    else:
        time_machine.move_to(timezone.now() + links.CONFIRM_WITHIN + timedelta(hours=1))

    assert client.post(address, {"action": "confirm"}).status_code == 410
    assert ReportRecipient.objects.get().confirmed_at is None
