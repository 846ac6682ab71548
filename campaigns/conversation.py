"""The conversation between a brand and its reviewers about a submitted campaign."""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import notices, rights
from campaigns.errors import BadMessage, NotAllowed, OwnBrand
from campaigns.models import Campaign, Message, ReadMark

Side = Message.Side

DUPLICATE_WITHIN = timedelta(minutes=1)


class ConversationMessage(NamedTuple):
    """A message as one side reads it: written by it (`own`), or not read by it yet."""

    message: Message
    own: bool
    unread: bool


@transaction.atomic
def write(campaign_id: int, body: str, *, side: Side, by: User) -> Message:
    """Write a message about the version submitted last, and notify the other side.

    The same text from the same person within DUPLICATE_WITHIN is taken for a double click: the
    first message is returned. Raises NotAllowed, OwnBrand, or BadMessage.
    """
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)
    _require_participant(campaign, side, by)
    body = body.replace("\r\n", "\n").strip()
    _require_valid(campaign, body)
    last = campaign.messages.order_by("-id").first()
    if last and _is_duplicate(last, body, side, by):
        return last
    message = Message.objects.create(
        campaign=campaign,
        version_number=campaign.version_number,
        side=side,
        author_id=by.pk,
        body=body,
    )
    notices.notify_message(message)
    return message


def may_write(campaign: Campaign, side: Side, user: User) -> bool:
    """Return whether a person may write for a side about a campaign that was submitted."""
    return campaign.version_number > 0 and _may_write_for(side, campaign, user)


def messages_for(campaign: Campaign, side: Side) -> list[ConversationMessage]:
    """Return the messages, oldest first, with those marked that the side has not read."""
    unread = set(campaign.messages.unread_by(side).values_list("pk", flat=True))
    return [
        ConversationMessage(message, message.side == side, message.pk in unread)
        for message in campaign.messages.select_related("author")
    ]


def mark_read(campaign: Campaign, side: Side, messages: Collection[ConversationMessage]) -> None:
    """Record that a side has read these messages. Writes nothing where all were read before."""
    if any(item.unread for item in messages):
        newest = max(item.message.pk for item in messages)
        ReadMark.objects.update_or_create(
            campaign=campaign, side=side, defaults={"message_id": newest}
        )
        notices.mark_messages_read(campaign, side, newest)


def campaigns_with_unread(campaign_ids: Collection[int], side: Side) -> set[int]:
    """Return which of some campaigns have messages that a side has not read. One query."""
    unread = Message.objects.filter(campaign__in=campaign_ids).unread_by(side)
    return set(unread.order_by().values_list("campaign_id", flat=True).distinct())


def _is_duplicate(last: Message, body: str, side: Side, by: User) -> bool:
    same = (last.author_id, last.side, last.body) == (by.pk, side, body)
    return same and timezone.now() - last.at < DUPLICATE_WITHIN


def _require_participant(campaign: Campaign, side: Side, by: User) -> None:
    if side == Side.STAFF and campaign.brand.has_member(by):
        raise OwnBrand
    if side == Side.BRAND:
        rights.require_editor(campaign.brand, by)
    elif not _may_write_for(side, campaign, by):
        raise NotAllowed


def _may_write_for(side: Side, campaign: Campaign, user: User) -> bool:
    if side == Side.BRAND:
        return campaign.brand.may_edit(user)
    return user.has_perm("campaigns.review_campaign") and not campaign.brand.has_member(user)


def _require_valid(campaign: Campaign, body: str) -> None:
    if not campaign.version_number:
        raise BadMessage(_("Todavía no se envía a revisión: nadie leería el mensaje."))
    if not body:
        raise BadMessage(_("Escribe el mensaje antes de enviarlo."))
    if "\0" in body:
        raise BadMessage(_("El mensaje trae un carácter nulo: escríbelo de nuevo."))
    if (over := len(body) - Message.MAX_LENGTH) > 0:
        raise BadMessage(
            ngettext(
                "El mensaje pasa por {over} carácter de los {most:,} que caben: acórtalo.",
                "El mensaje pasa por {over} caracteres de los {most:,} que caben: acórtalo.",
                over,
            ).format(over=over, most=Message.MAX_LENGTH)
        )
