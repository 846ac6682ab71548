"""A move has the same outcome by every entry point: status, history, notices, hold, order.

Entry points are the buttons of a campaign's page and of the list, the wizard, a file, and the
API one by one and in bulk. The lists here are compared with the routes, so that none is missed.
"""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from campaigns import bulk, lifecycle
from campaigns.api.campaigns import CampaignViewSet
from campaigns.api.many_campaigns import ManyCampaignsViewSet
from campaigns.models import AdOrder, Campaign, WaitingListEntry
from campaigns.moves import BRAND_MOVES, COPY, POSTED
from portal.urls import brand_pages, campaign_pages
from tests import statuses
from tests.api.conftest import V1

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(editor):
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def api(web):
    """A function that calls the API as the same user, so that only the entry point differs."""

    def call(method, path, body=None, **headers):
        data = b"" if body is None else json.dumps(body).encode()
        return web.generic(method, V1 + path, data, content_type="application/json", **headers)

    return call


def button(verb):
    def enter(web, _api, campaign):
        return web.post(reverse("portal:act_on_campaign", args=[campaign.folio, verb]))

    return enter


def list_button(verb):
    def enter(web, _api, campaign):
        address = reverse("portal:act_on_campaign", args=[campaign.folio, verb])
        return web.post(address, {"volver": "lista"})

    return enter


def action(name):
    def enter(_web, api, campaign):
        return api("POST", f"/campaigns/{campaign.folio}/{name}")

    return enter


def action_with_key(name):
    def enter(_web, api, campaign):
        return api("POST", f"/campaigns/{campaign.folio}/{name}", headers={"idempotency-key": name})

    return enter


def wizard_send(web, _api, campaign):
    address = reverse("portal:campaign_step", args=[campaign.folio, "revisar"])
    revision = web.get(address).context["form"]["revision"].value()
    return web.post(address, {"action": "submit", "revision": revision})


def wizard_edit(web, _api, campaign):
    address = reverse("portal:campaign_step", args=[campaign.folio, "datos"])
    form = web.get(address).context["form"]
    return web.post(
        address,
        {
            "name": "Otro nombre",
            "use": "broadcast",
            "action": "save",
            "revision": form["revision"].value(),
        },
    )


def patch(_web, api, campaign):
    tag = api("GET", f"/campaigns/{campaign.folio}")["ETag"]
    return api(
        "PATCH", f"/campaigns/{campaign.folio}", {"name": "Otro nombre"}, headers={"if-match": tag}
    )


def buttons(verb, *names):
    found = {f"button {verb}": button(verb), f"list button {verb}": list_button(verb)}
    for name in names:
        found |= {f"API {name}": action(name), f"API {name}, key": action_with_key(name)}
    return found


# Every move of a brand: its start, the function that makes it, and all its entry points.
ENTRY_POINTS = {
    "submit": (
        "draft",
        lifecycle.submit,
        buttons("enviar", "submit") | {"wizard, submit": wizard_send},
    ),
    "withdraw": ("in_review", lifecycle.withdraw, buttons("retirar", "withdraw")),
    "pause": ("scheduled", lifecycle.pause, buttons("pausar", "pause")),
    "resume": ("paused", lifecycle.resume, buttons("reanudar", "resume")),
    "cancel": ("scheduled", lifecycle.cancel, buttons("cancelar", "cancel")),
    "delete": ("draft", lifecycle.delete, buttons("eliminar", "delete")),
    "restore": ("deleted", lifecycle.restore, buttons("recuperar", "restore")),
    "join": ("no_inventory", lifecycle.join, buttons("avisarme", "wait")),
    "leave": (
        "waiting",
        lifecycle.leave,
        buttons("dejar-lista", "stop-waiting") | buttons("soltar"),
    ),
    "edit": (
        "draft",
        lambda pk, by: lifecycle.edit(
            pk,
            {"name": "Otro nombre"},
            revision=Campaign.objects.get(pk=pk).revision,
            by=by,
        ),
        {"wizard, save": wizard_edit, "API PATCH": patch},
    ),
    "copy": ("draft", lifecycle.copy, buttons("copiar", "copy")),
}


@pytest.fixture
def campaign_in(request, editor):
    """Return a function that returns a campaign in a status."""

    def bring(start):
        if start == "draft":
            return request.getfixturevalue("draft")
        if start == "deleted":
            return lifecycle.delete(request.getfixturevalue("draft").pk, by=editor)
        if start == "in_review":
            return request.getfixturevalue("campaign_in_review")
        if start in ("no_inventory", "waiting"):
            campaign = request.getfixturevalue("draft")
            statuses.put(campaign.pk, "no_inventory")
            if start == "waiting":
                lifecycle.join(campaign.pk, by=editor)
            return campaign
        campaign = request.getfixturevalue("approved")
        lifecycle.schedule(campaign.pk)
        if start == "paused":
            lifecycle.pause(campaign.pk, by=editor)
        return campaign

    return bring


EVENT_FIELDS = (
    "move",
    "from_status",
    "to_status",
    "version_number",
    "by_id",
    "comment",
    "reasons",
    "label",
)


def outcome(campaign):
    """Return all that a move writes, without random names."""
    found = []
    for each in Campaign.objects.filter(brand=campaign.brand).order_by("id"):
        held = each.reservation
        found.append(
            {
                "terms": [
                    (name, getattr(each, name)) for name in (*each.TERMS, "status", "created_by_id")
                ],
                "version": each.version_number,
                "revision": each.revision,
                "history": [
                    [getattr(line, name) for name in EVENT_FIELDS]
                    for line in each.events.order_by("id")
                ],
                "notices": sorted(
                    each.brand.notices.filter(event__campaign=each).values_list(
                        "user__email", "kind", "event__move"
                    )
                ),
                "hold": held and (held.status, held.quantity),
                "orders": list(
                    AdOrder.objects.filter(campaign=each).values_list("desired_state", "generation")
                ),
                "waiting": list(
                    WaitingListEntry.objects.filter(campaign=each).values_list("ending", flat=True)
                ),
            }
        )
    return found


def outcome_of(campaign, make):
    """Return the outcome of an action, and roll it back."""
    with transaction.atomic():
        before = outcome(campaign)
        response = make()
        after = outcome(campaign)
        transaction.set_rollback(True)
    assert after != before, getattr(response, "content", response)
    return after


@pytest.mark.parametrize("move", ENTRY_POINTS)
def test_a_move_has_the_same_outcome_by_every_entry_point(move, campaign_in, editor, web, api):
    start, function, entry_points = ENTRY_POINTS[move]
    campaign = campaign_in(start)
    expected = outcome_of(campaign, lambda: function(campaign.pk, by=editor))
    assert len(entry_points) >= 2

    for name, enter in entry_points.items():
        actual = outcome_of(campaign, lambda enter=enter: enter(web, api, campaign))
        assert actual == expected, name


def create_by(entry, brand, terms, web, api):
    days = {"startsOn": terms["starts_on"].isoformat(), "endsOn": terms["ends_on"].isoformat()}
    body = {
        "name": terms["name"],
        "adText": terms["text"],
        "area": terms["area"],
        "volume": terms["volume"],
    } | days
    if entry == "API":
        return api("POST", "/campaigns", body)
    if entry == "API, key":
        return api("POST", "/campaigns", body, headers={"idempotency-key": "k"})
    if entry == "API bulk":
        return api("POST", "/campaigns/bulk", {"campaigns": [body]})
    if entry == "API bulk, all or nothing":
        return api("POST", "/campaigns/bulk", {"campaigns": [body], "allOrNothing": True})
    columns = {
        "nombre": terms["name"],
        "texto": terms["text"],
        "zona": "; ".join(terms["area"]["ladas"]),
        "primer_dia": terms["starts_on"].isoformat(),
        "ultimo_dia": terms["ends_on"].isoformat(),
        "notificaciones": str(terms["volume"]),
    }
    header = list(bulk.SHAPE.columns)
    row = [columns.get(name, "") for name in header]
    text = io.StringIO()
    text.write(",".join(header) + "\n" + ",".join(f'"{cell}"' for cell in row) + "\n")
    file = SimpleUploadedFile("lista.csv", text.getvalue().encode())
    page = web.post(reverse("portal:bulk_upload", args=[brand.slug]), {"archivo": file})
    return web.post(page["Location"], {})


def test_a_campaign_is_created_alike_by_every_entry_point(brand, terms, editor, web, api):
    def created(make):
        with transaction.atomic():
            response = make()
            made = Campaign.objects.filter(brand=brand).first()
            assert made is not None, response.content.decode()[:2000]
            found = outcome(made)
            transaction.set_rollback(True)
        return found

    area = {
        "nationwide": False,
        "states": [],
        **terms["area"],
        "excluded_states": [],
        "excluded_ladas": [],
    }
    expected = created(lambda: lifecycle.draft(brand.pk, {**terms, "area": area}, by=editor))

    for entry in ("API", "API, key", "API bulk", "API bulk, all or nothing", "file"):
        actual = created(lambda entry=entry: create_by(entry, brand, terms, web, api))
        assert actual == expected, entry


# The pages of campaigns, by what is done to a campaign there.
MOVING = {"act_on_campaign", "edit_campaign", "campaign_step", "new_campaign"}
MOVING |= {"bulk_upload", "bulk_file"}
READING = {"campaign_progress", "campaigns", "export_campaigns", "bulk_template", "campaign"}
READING |= {"campaign_report"}
CERTIFYING = {"certificates", "certificate_file", "answer_certificate"}  # it stays in its status
MESSAGING = {"send_message"}  # a message is not a move


def test_no_entry_point_is_missed():
    of_entries = {name for _start, _function, by_name in ENTRY_POINTS.values() for name in by_name}
    pages = {each.name for each in campaign_pages}
    pages |= {each.name for each in brand_pages if "campanas" in str(each.pattern)}
    actions = {
        each.url_path
        for each in CampaignViewSet.get_extra_actions()
        if each.detail and "post" in each.mapping
    }
    whole = {each.url_path for each in ManyCampaignsViewSet.get_extra_actions()}

    assert pages == MOVING | READING | MESSAGING | CERTIFYING
    assert {*POSTED, COPY.verb} == {
        name.removeprefix("button ") for name in of_entries if name.startswith("button ")
    }
    assert actions == {
        name.removeprefix("API ")
        for name in of_entries - {"API PATCH"}
        if name.startswith("API ") and not name.endswith(", key")
    }
    assert whole == {"bulk", "submit"}  # each goes through the functions of one
    assert {move.name for move in BRAND_MOVES} | {"copy"} == ENTRY_POINTS.keys()


def test_another_outcome_is_noticed(campaign_in, editor, web, api):
    """The negative control: an entry point with another outcome is found."""
    campaign = campaign_in("scheduled")
    paused = outcome_of(campaign, lambda: lifecycle.pause(campaign.pk, by=editor))

    cancelled = outcome_of(campaign, lambda: button("cancelar")(web, api, campaign))
    commented = outcome_of(
        campaign, lambda: lifecycle.pause(campaign.pk, by=editor, comment="por la API")
    )

    assert cancelled != paused
    assert commented != paused
