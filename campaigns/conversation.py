"""What a brand and those who review say to each other of a campaign that was sent."""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import notices
from campaigns.errors import BadMessage, NotAllowed, OwnBrand
from campaigns.models import Campaign, Message, ReadMark

Side = Message.Side

SAME_CLICK = timedelta(minutes=1)


class ConversationMessage(NamedTuple):
    """A message as one side reads it."""

    message: Message
    own: bool
    unread: bool


@transaction.atomic
def write(campaign_id: int, body: str, *, side: Side, by: User) -> Message:
    """Say something to the other side, of the version that was sent last, and tell them of it.

    What the same person has just said word by word is not said again: it is the second
    click on one button. Raises NotAllowed, OwnBrand, or BadMessage with how to mend it.
    """
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)
    _require_part(campaign, side, by)
    body = body.replace("\r\n", "\n").strip()
    _require_sense(campaign, body)
    last = campaign.messages.order_by("-id").first()
    if last and _is_same_click(last, body, side, by):
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
    """Say whether a person may say something for a side, of a campaign that was sent."""
    return campaign.version_number > 0 and _speaks_for(side, campaign, user)


def messages_for(campaign: Campaign, side: Side) -> list[ConversationMessage]:
    """Give what was said, oldest first, with what this side has not seen marked."""
    unread = set(campaign.messages.unread_by(side).values_list("pk", flat=True))
    return [
        ConversationMessage(message, message.side == side, message.pk in unread)
        for message in campaign.messages.select_related("author")
    ]


def mark_read(campaign: Campaign, side: Side, lines: Collection[ConversationMessage]) -> None:
    """Remember that a side has seen these lines. Nothing is written where none was new."""
    if any(line.unread for line in lines):
        newest = max(line.message.pk for line in lines)
        ReadMark.objects.update_or_create(
            campaign=campaign, side=side, defaults={"message_id": newest}
        )
        notices.mark_messages_read(campaign, side, newest)


def campaigns_with_unread(campaign_ids: Collection[int], side: Side) -> set[int]:
    """Give which of some campaigns have something that a side has not seen. One query."""
    unread = Message.objects.filter(campaign__in=campaign_ids).unread_by(side)
    return set(unread.order_by().values_list("campaign_id", flat=True).distinct())


def _is_same_click(last: Message, body: str, side: Side, by: User) -> bool:
    said = (last.author_id, last.side, last.body) == (by.pk, side, body)
    return said and timezone.now() - last.at < SAME_CLICK


def _require_part(campaign: Campaign, side: Side, by: User) -> None:
    if side == Side.STAFF and campaign.brand.has_member(by):
        raise OwnBrand
    if not _speaks_for(side, campaign, by):
        raise NotAllowed


def _speaks_for(side: Side, campaign: Campaign, user: User) -> bool:
    if side == Side.BRAND:
        return campaign.brand.active and campaign.brand.may_edit(user)
    return user.has_perm("campaigns.review_campaign") and not campaign.brand.has_member(user)


def _require_sense(campaign: Campaign, body: str) -> None:
    if not campaign.version_number:
        raise BadMessage(_("Todavía no se envía a revisión: nadie leería el mensaje."))
    if not body:
        raise BadMessage(_("Escribe el mensaje antes de enviarlo."))
    if "\0" in body:
        raise BadMessage(_("El mensaje trae un carácter nulo: escríbelo de nuevo."))
    if (over := len(body) - Message.MOST) > 0:
        raise BadMessage(
            ngettext(
                "El mensaje pasa por {over} carácter de los {most:,} que caben: acórtalo.",
                "El mensaje pasa por {over} caracteres de los {most:,} que caben: acórtalo.",
                over,
            ).format(over=over, most=Message.MOST)
        )
