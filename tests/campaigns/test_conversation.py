"""Messages about a campaign: who may write them, read or unread, and immutable."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from campaigns import conversation, lifecycle
from campaigns.conversation import Side
from campaigns.errors import BadMessage, BrandSuspended, NotAllowed, OwnBrand
from campaigns.models import Brand, Membership, Message, ReadMark

pytestmark = pytest.mark.django_db


def write(campaign, body, by, side=Side.BRAND):
    return conversation.write(campaign.pk, body, side=side, by=by)


def test_a_message_names_the_version_that_was_sent_last(campaign_in_review, editor):
    message = write(campaign_in_review, "  ¿Falta algo?\r\nGracias.  ", editor)

    assert (message.version_number, message.side, message.author) == (1, "brand", editor)
    assert message.body == "¿Falta algo?\nGracias."


def test_messages_of_the_other_side_are_unread_until_marked_read(
    campaign_in_review, editor, reviewer
):
    write(campaign_in_review, "¿Falta algo?", editor)
    write(campaign_in_review, "La vigencia.", reviewer, Side.STAFF)

    for_brand = conversation.messages_for(campaign_in_review, Side.BRAND)
    assert [(line.own, line.unread) for line in for_brand] == [(True, False), (False, True)]
    for_staff = conversation.messages_for(campaign_in_review, Side.STAFF)
    assert [(line.own, line.unread) for line in for_staff] == [(False, True), (True, False)]

    conversation.mark_read(campaign_in_review, Side.BRAND, for_brand)

    assert not any(
        line.unread for line in conversation.messages_for(campaign_in_review, Side.BRAND)
    )
    ids = [campaign_in_review.pk]
    assert conversation.campaigns_with_unread(ids, Side.BRAND) == set()
    assert conversation.campaigns_with_unread(ids, Side.STAFF) == set(ids)
    write(campaign_in_review, "Y el precio.", reviewer, Side.STAFF)
    assert conversation.campaigns_with_unread(ids, Side.BRAND) == set(ids)


def test_a_message_that_came_after_the_page_stays_unread(campaign_in_review, editor, reviewer):
    write(campaign_in_review, "Uno", reviewer, Side.STAFF)
    drawn = conversation.messages_for(campaign_in_review, Side.BRAND)
    write(campaign_in_review, "Dos", reviewer, Side.STAFF)

    conversation.mark_read(campaign_in_review, Side.BRAND, drawn)

    unread = [line.unread for line in conversation.messages_for(campaign_in_review, Side.BRAND)]
    assert unread == [False, True]


def test_nothing_is_written_where_nothing_was_unread(campaign_in_review, editor):
    write(campaign_in_review, "Hola", editor)

    lines = conversation.messages_for(campaign_in_review, Side.BRAND)
    conversation.mark_read(campaign_in_review, Side.BRAND, lines)

    assert not ReadMark.objects.exists()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "Escribe el mensaje"),
        (" \r\n ", "Escribe el mensaje"),
        ("a\0b", "carácter nulo"),
        ("x" * 1_001, "pasa por 1 carácter de los 1,000"),
        ("x" * 1_500, "pasa por 500 caracteres de los 1,000"),
    ],
)
def test_a_refused_message_is_explained_with_its_fix(campaign_in_review, editor, body, message):
    with pytest.raises(BadMessage, match=message):
        write(campaign_in_review, body, editor)

    assert not Message.objects.exists()


def test_a_newline_of_a_browser_counts_as_one(campaign_in_review, editor):
    write(campaign_in_review, "x" * 500 + "\r\n" + "x" * 499, editor)

    assert len(Message.objects.get().body) == 1_000


def test_a_message_about_a_draft_is_refused(draft, editor):
    with pytest.raises(BadMessage, match="Todavía no se envía"):
        write(draft, "Hola", editor)


def test_viewers_and_strangers_write_nothing(
    campaign_in_review, viewer, stranger, reviewer, editor
):
    for by, side in (
        (viewer, Side.BRAND),
        (stranger, Side.BRAND),
        (reviewer, Side.BRAND),
        (stranger, Side.STAFF),
    ):
        with pytest.raises(NotAllowed):
            write(campaign_in_review, "Hola", by, side)
    with pytest.raises(OwnBrand):
        write(campaign_in_review, "Hola", editor, Side.STAFF)

    assert not Message.objects.exists()


def test_a_reviewer_of_ones_own_brand_does_not_speak_for_telefonica(campaign_in_review, reviewer):
    Membership.objects.create(brand=campaign_in_review.brand, user=reviewer, role="viewer")

    with pytest.raises(OwnBrand):
        write(campaign_in_review, "Hola", reviewer, Side.STAFF)


def test_a_suspended_brand_writes_nothing(campaign_in_review, editor):
    Brand.objects.update(active=False)

    with pytest.raises(BrandSuspended):
        write(campaign_in_review, "Hola", editor)


def test_a_double_click_writes_one_message(campaign_in_review, editor, owner, time_machine):
    first = write(campaign_in_review, "Nos urge", editor)

    assert write(campaign_in_review, "Nos urge ", editor) == first
    write(campaign_in_review, "Nos urge", owner)  # another person means it
    assert Message.objects.count() == 2
    time_machine.move_to(timezone.now() + 2 * conversation.DUPLICATE_WITHIN)
    write(campaign_in_review, "Nos urge", owner)  # and so does the same one, later
    assert Message.objects.count() == 3


def test_the_database_keeps_messages_immutable(campaign_in_review, editor):
    write(campaign_in_review, "Nos urge", editor)

    for change in (
        lambda: Message.objects.update(body="No urge"),
        lambda: Message.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(
            campaign=campaign_in_review, version_number=1, side="brand", author=editor, body=" "
        )
    assert Message.objects.get().body == "Nos urge"


def test_later_messages_name_the_later_version(campaign_in_review, editor, reviewer):
    write(campaign_in_review, "Uno", editor)
    lifecycle.withdraw(campaign_in_review.pk, by=editor)
    lifecycle.submit(campaign_in_review.pk, by=editor)

    assert write(campaign_in_review, "Dos", editor).version_number == 2
