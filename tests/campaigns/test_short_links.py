"""A campaign's short link: created once, kept, redirected, and replaced in a copy."""

import pytest
from django.db import IntegrityError, transaction

from campaigns import lifecycle, links, readiness
from campaigns.errors import NotAllowed, NotReady, StaleRevision
from campaigns.models import Campaign, Link, Version
from campaigns.models.link import LinkTarget, NoCodeLeft

URL = "https://tienda.mx/promo"

pytestmark = pytest.mark.django_db


def edit(campaign, editor, **terms):
    campaign.refresh_from_db()
    return lifecycle.edit(campaign.pk, terms, revision=campaign.revision, by=editor)


def send(campaign, editor):
    lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.IN_REVIEW
    return campaign


def approve(campaign, reviewer):
    return lifecycle.approve(campaign.pk, version=campaign.version_number, by=reviewer)


@pytest.fixture
def linked(draft, editor):
    """A draft with a destination, and its link in its text."""
    edited = edit(draft, editor, destination=URL)
    return lifecycle.insert_link(edited.pk, revision=edited.revision, by=editor)


# ── creation ─────────────────────────────────────────────────────────────────


def test_a_campaign_without_destination_has_no_link(draft):
    assert draft.short_link == ""
    assert not Link.objects.exists()


def test_the_link_is_created_with_the_first_destination_and_stays(draft, editor):
    edit(draft, editor, destination=URL)
    first = Link.objects.get(campaign=draft).code

    edit(draft, editor, destination="https://otra.mx")
    edit(draft, editor, destination="")
    edit(draft, editor, destination="https://otra.mx")

    assert [link.code for link in Link.objects.all()] == [first]
    assert Campaign.objects.get(pk=draft.pk).short_link == links.address_of(first)


def test_a_campaign_that_begins_with_a_destination_has_its_link_at_once(brand, editor, terms):
    campaign = lifecycle.draft(brand.pk, terms | {"destination": URL}, by=editor)

    assert campaign.short_link == links.address_of(Link.objects.get().code)


def test_a_refused_destination_stays_in_the_draft(draft, editor):
    edited = edit(draft, editor, destination="http://10.0.0.1/ mi promo")

    assert Campaign.objects.get(pk=edited.pk).destination == "http://10.0.0.1/ mi promo"


def test_a_code_that_is_taken_is_no_error(linked, brand, editor, terms, monkeypatch):
    taken = Link.objects.get().code
    codes = iter([taken, taken, "bcdfg", "unused"])
    monkeypatch.setattr(links, "new_code", lambda: next(codes))

    second = lifecycle.draft(brand.pk, terms | {"destination": URL}, by=editor)

    assert second.link.code == "bcdfg"
    assert next(codes) == "unused"


def test_creating_a_link_gives_up_where_every_code_is_taken(
    linked, brand, editor, terms, monkeypatch
):
    taken = Link.objects.get().code
    monkeypatch.setattr(links, "new_code", lambda: taken)

    with pytest.raises(NoCodeLeft):
        lifecycle.draft(brand.pk, terms | {"destination": URL}, by=editor)

    assert Campaign.objects.count() == 1


@pytest.mark.parametrize("code", ["aeiou", "BCDFG", "bcd", "bcdf1", "bcd-g"])
def test_the_database_refuses_other_codes(draft, code):
    with pytest.raises(IntegrityError), transaction.atomic():
        Link.objects.create(campaign=draft, code=code)


# ── the text ─────────────────────────────────────────────────────────────────


def test_one_click_puts_the_link_into_the_text(draft, editor):
    edited = edit(draft, editor, destination=URL)

    saved = lifecycle.insert_link(edited.pk, revision=edited.revision, by=editor)

    assert saved.text == f"{draft.text} {saved.short_link}"
    assert readiness.problems(saved) == {}


def test_a_click_without_destination_changes_nothing(draft, editor):
    saved = lifecycle.insert_link(draft.pk, revision=draft.revision, by=editor)

    assert (saved.text, saved.revision) == (draft.text, draft.revision)


def test_users_who_may_not_edit_insert_no_link(linked, stranger, viewer, editor):
    text = linked.text
    edited = edit(linked, editor, text="Sin enlace")

    for person in (stranger, viewer):
        with pytest.raises(NotAllowed):
            lifecycle.insert_link(linked.pk, revision=edited.revision, by=person)
    with pytest.raises(StaleRevision):
        lifecycle.insert_link(linked.pk, revision=edited.revision - 1, by=editor)

    linked.refresh_from_db()
    assert linked.text == "Sin enlace" != text


@pytest.mark.parametrize(
    ("terms", "field", "message"),
    [
        ({"destination": "http://tienda.mx"}, "destination", "https://"),
        ({"destination": "https://bit.ly/x"}, "destination", "acorta"),
        ({"text": "Compra hoy"}, "destination", "agrega «"),
        ({"destination": ""}, "destination", "a qué página lleva"),
        ({"text": "Ve 127.0.0.1/l/zzzzz"}, "text", "no es el enlace de esta campaña"),
    ],
)
def test_a_problem_of_a_link_prevents_the_submission(
    linked, editor, settings, terms, field, message
):
    assert settings.SHORT_LINK_DOMAIN == "127.0.0.1/l"
    edit(linked, editor, **terms)

    with pytest.raises(NotReady) as refused:
        lifecycle.submit(linked.pk, by=editor)

    assert message in " ".join(refused.value.problems[field])
    assert not Version.objects.exists()


def test_a_link_counts_in_the_limit(linked, editor, settings):
    room = settings.AD_TEXT_LIMIT - len(linked.short_link) - 1

    edited = edit(linked, editor, text=f"{'a' * room} {linked.short_link}")
    assert readiness.problems(edited) == {}

    edited = edit(linked, editor, text=f"{'a' * (room + 1)} {linked.short_link}")
    assert list(readiness.problems(edited)) == ["text"]


def test_a_copy_has_a_link_of_its_own_in_its_text(linked, editor):
    copied = lifecycle.copy(linked.pk, by=editor)

    copied.refresh_from_db()
    assert copied.short_link != linked.short_link
    assert copied.text == linked.text.replace(linked.short_link, copied.short_link)
    assert copied.destination == URL
    assert readiness.problems(copied) == {}


# ── versions ─────────────────────────────────────────────────────────────────


def test_a_version_holds_the_destination_as_it_is_redirected_to(linked, editor):
    edit(linked, editor, destination=" HTTPS://Ñandú.mx/año ")

    version = send(linked, editor).version

    assert version.destination == "https://xn--and-6ma2c.mx/a%C3%B1o"
    linked.refresh_from_db()
    assert linked.destination == " HTTPS://Ñandú.mx/año "


def test_another_destination_is_another_version_to_review(linked, editor, reviewer):
    send(linked, editor)
    lifecycle.request_changes(linked.pk, version=1, reasons=["x"], by=reviewer)
    edit(linked, editor, destination="https://otra.mx")
    send(linked, editor)

    destinations = linked.versions.order_by("number").values_list("destination", flat=True)
    assert list(destinations) == [URL, "https://otra.mx"]


@pytest.mark.parametrize(
    "url", ["http://tienda.mx", "https://127.0.0.1", "https://a@tienda.mx", "https://t.mx:8443/"]
)
def test_the_database_refuses_a_version_with_another_destination(linked, editor, url):
    version = send(linked, editor).version
    version.pk, version.number, version.destination = None, 2, url

    with pytest.raises(IntegrityError, match="version_destination_is_https"), transaction.atomic():
        version.save(force_insert=True)


# ── redirects ────────────────────────────────────────────────────────────────


def target(campaign):
    return Link.objects.resolve(campaign.link.code)


def test_a_link_redirects_only_while_its_campaign_runs(linked, editor, reviewer):
    found = [target(linked)]
    send(linked, editor)
    found.append(target(linked))
    approve(linked, reviewer)
    found.append(target(linked))
    lifecycle.schedule(linked.pk)
    found.append(target(linked))
    lifecycle.pause(linked.pk, by=editor)
    found.append(target(linked))
    lifecycle.resume(linked.pk, by=editor)
    found.append(target(linked))
    lifecycle.cancel(linked.pk, by=editor)
    found.append(target(linked))

    there = LinkTarget(linked.link.pk, URL)
    assert found == [None, None, there, there, None, there, None]


def test_a_link_redirects_to_the_approved_destination(linked, editor, reviewer):
    send(linked, editor)
    lifecycle.request_changes(linked.pk, version=1, reasons=["x"], by=reviewer)
    edit(linked, editor, destination="https://aprobada.mx")
    send(linked, editor)
    approve(linked, reviewer)
    # Whatever a draft or a later version has:
    Campaign.objects.filter(pk=linked.pk).update(destination="https://mala.mx")
    later = linked.versions.first()
    later.pk, later.number, later.destination = None, 3, "https://mala.mx"
    later.save(force_insert=True)
    Campaign.objects.filter(pk=linked.pk).update(version_number=3)

    assert target(linked).url == "https://aprobada.mx"


def test_an_approved_campaign_without_destination_has_no_redirect(linked, editor, reviewer):
    edit(linked, editor, destination="", text="Sin enlace")
    send(linked, editor)
    approve(linked, reviewer)

    assert target(linked) is None


def test_the_order_carries_the_link_in_its_text_and_no_destination(linked, editor, reviewer):
    send(linked, editor)

    document = approve(linked, reviewer).ad_order.document

    assert document["adText"].endswith(linked.short_link)
    assert URL not in str(document)
