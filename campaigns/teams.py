"""Members of a brand and their roles: invitations, changes and removal.

Each function locks the brand first, so that a brand keeps an owner even when two of them leave
at the same time.
"""

from datetime import timedelta
from functools import partial

import structlog
from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import mails, rights
from campaigns.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationOver,
    JustSent,
    LastOwner,
    NotForYou,
    TooManyInvitations,
)
from campaigns.models import Brand, Invitation, Membership
from campaigns.models.invitation import OPEN

log = structlog.get_logger(__name__)

Role = Membership.Role

MAX_INVITATIONS = 50  # of a brand, open or created within a day
A_DAY = timedelta(days=1)
MAIL_INTERVAL = timedelta(minutes=1)  # between mails to one address


@transaction.atomic
def invite(brand_id: int, email: str, role: str, *, by: User) -> Invitation:
    """Invite an e-mail address to join a brand, by a link in a mail.

    Raises NotAllowed, AlreadyMember, AlreadyInvited, JustSent or TooManyInvitations.
    """
    brand = _lock(brand_id, by)
    email = email.lower()
    now = timezone.now()
    if brand.memberships.filter(user__email__iexact=email).exists():
        raise AlreadyMember(email)
    previous = brand.invitations.open().filter(email__iexact=email).first()
    if previous is not None and not previous.expired:
        raise AlreadyInvited(email)
    if brand.invitations.filter(email__iexact=email, sent_at__gt=now - MAIL_INTERVAL).exists():
        raise JustSent
    if brand.invitations.filter(OPEN | Q(created_at__gt=now - A_DAY)).count() >= MAX_INVITATIONS:
        raise TooManyInvitations
    invitation = previous or Invitation(brand=brand, email=email)
    invitation.role = role
    invitation.invited_by_id = by.pk
    _send(invitation)
    return invitation


@transaction.atomic
def resend(invitation_id: int, *, by: User) -> Invitation:
    """Send a new link; the previous one stops working.

    Raises NotAllowed, InvitationOver or JustSent.
    """
    invitation = _lock_open(invitation_id, by)
    if timezone.now() - invitation.sent_at < MAIL_INTERVAL:
        raise JustSent
    _send(invitation)
    return invitation


@transaction.atomic
def revoke(invitation_id: int, *, by: User) -> Invitation:
    """Revoke an invitation. Raises NotAllowed or InvitationOver."""
    invitation = _lock_open(invitation_id, by)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


@transaction.atomic
def accept(token: str, *, by: User) -> Brand:
    """Join the brand of an invitation that was sent to the person's own address.

    Raises InvitationOver or NotForYou.
    """
    found = Invitation.objects.find_by_token(token)
    if found is None:
        raise InvitationOver
    Brand.objects.select_for_update(no_key=True).get(pk=found.brand_id)
    invitation = Invitation.objects.find_by_token(token)
    if invitation is None:
        raise InvitationOver
    if invitation.email.lower() != by.email.lower():
        raise NotForYou(invitation.email)
    Membership.objects.get_or_create(
        brand=invitation.brand, user_id=by.pk, defaults={"role": invitation.role}
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    return invitation.brand


@transaction.atomic
def change_role(membership_id: int, role: str, *, by: User) -> Membership:
    """Change a member's role. Raises NotAllowed or LastOwner."""
    rows = Membership.objects.people()
    brand = _lock(rows.values_list("brand_id", flat=True).get(pk=membership_id), by)
    member = brand.memberships.select_related("user").get(pk=membership_id)
    if role != Role.OWNER:
        _require_another_owner(brand, member)
    member.role = role
    member.save(update_fields=["role"])
    return member


@transaction.atomic
def remove(membership_id: int, *, by: User) -> Membership:
    """Remove a member; anybody may leave by themselves. Raises NotAllowed or LastOwner."""
    member = Membership.objects.people().select_related("user").get(pk=membership_id)
    brand = _lock(member.brand_id, None if member.user_id == by.pk else by)
    _require_another_owner(brand, member)
    member.delete()
    return member


def _lock(brand_id: int, owner: User | None) -> Brand:
    """Lock a brand for this transaction. Raises NotAllowed or BrandSuspended.

    `owner` has to own it, and it has to be active. With None for `owner` nobody's role is checked.
    """
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand_id)
    if owner is None:
        rights.require_active(brand)
    else:
        rights.require_owner(brand, owner)
    return brand


def _lock_open(invitation_id: int, by: User) -> Invitation:
    brand_id = Invitation.objects.values_list("brand_id", flat=True).get(pk=invitation_id)
    _lock(brand_id, by)
    invitation = Invitation.objects.open().filter(pk=invitation_id).first()
    if invitation is None:
        raise InvitationOver
    return invitation


def _require_another_owner(brand: Brand, member: Membership) -> None:
    """Raise LastOwner if a locked brand would be left without an owner who can sign in."""
    owners = brand.memberships.filter(role=Role.OWNER, user__is_active=True)
    if owners.filter(pk=member.pk).exists() and not owners.exclude(pk=member.pk).exists():
        raise LastOwner


def _send(invitation: Invitation) -> None:
    """Save an invitation with a new token, and mail its link after the commit."""
    token = invitation.renew()
    invitation.save()
    transaction.on_commit(partial(_mail, invitation, token), robust=True)


def _mail(invitation: Invitation, token: str) -> None:
    """Mail the link. It is stored nowhere, so after a lost mail a person has to resend it."""
    context = {
        "invitation": invitation,
        "url": settings.PORTAL_URL + reverse("portal:invitation", args=[token]),
    }
    subject = _("{who} te invita a {brand}").format(
        who=invitation.invited_by, brand=invitation.brand
    )
    try:
        mails.compose("invitation", invitation.email, subject, context).send()
    except OSError as error:  # as are all errors of SMTP
        log.warning("mail_lost", invitation=invitation.pk, error=error)
