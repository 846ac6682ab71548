"""Members of a brand: invited, changed, removed, and never without an owner."""

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from campaigns import teams
from campaigns.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationOver,
    JustSent,
    LastOwner,
    NotAllowed,
    NotForYou,
    TooManyInvitations,
)
from campaigns.models import Invitation, Membership
from campaigns.models.invitation import hash_token
from portal.accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

Role = Membership.Role
EMAIL = "nueva@tienda.mx"


def roles(brand):
    return dict(brand.memberships.values_list("user__email", "role"))


def member(brand, user):
    return brand.memberships.get(user=user)


@pytest.fixture
def invite(brand, owner, django_capture_on_commit_callbacks):
    """Return a function that invites: it returns the invitation and the token of its mail."""

    def invite(email=EMAIL, role=Role.EDITOR):
        with django_capture_on_commit_callbacks(execute=True):
            invitation = teams.invite(brand.pk, email, role, by=owner)
        return invitation, token_of(mail.outbox[-1])

    return invite


def token_of(message):
    return re.search(r"/invitaciones/([\w-]+)/", message.body)[1]


@pytest.fixture
def newcomer(db):
    return User.objects.create_user(EMAIL, PASSWORD)


def test_an_invitation_is_mailed_in_both_forms_and_its_token_is_not_stored(brand, owner, invite):
    invitation, token = invite()

    [message] = mail.outbox
    assert message.to == [EMAIL]
    assert message.subject == f"{owner} te invita a Tienda"
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert f"/invitaciones/{token}/" in html
    assert invitation.token_hash == hash_token(token)
    assert token not in str(list(Invitation.objects.values()))
    assert invitation.expires_at - invitation.sent_at == timedelta(days=7)


def test_an_invited_user_joins_once_with_the_role_of_the_invitation(brand, owner, newcomer, invite):
    invitation, token = invite(role=Role.VIEWER)

    assert teams.accept(token, by=newcomer) == brand

    assert roles(brand) == {owner.email: "owner", EMAIL: "viewer"}
    invitation.refresh_from_db()
    assert invitation.accepted_at is not None
    with pytest.raises(InvitationOver):
        teams.accept(token, by=newcomer)


def test_an_invitation_is_for_its_address_only(brand, stranger, invite):
    _invitation, token = invite()

    with pytest.raises(NotForYou, match=EMAIL):
        teams.accept(token, by=stranger)

    assert stranger.email not in roles(brand)
    assert Invitation.objects.open().count() == 1


def test_a_link_ends_with_its_time_its_renewal_its_revocation_and_its_brand(
    brand, owner, newcomer, invite, django_capture_on_commit_callbacks
):
    invitation, token = invite()
    Invitation.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    with django_capture_on_commit_callbacks(execute=True):
        teams.resend(invitation.pk, by=owner)
    newer = token_of(mail.outbox[-1])
    with pytest.raises(InvitationOver):
        teams.accept(token, by=newcomer)

    Invitation.objects.update(expires_at=timezone.now())
    with pytest.raises(InvitationOver):
        teams.accept(newer, by=newcomer)

    Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
    brand.active = False
    brand.save()
    with pytest.raises(InvitationOver):
        teams.accept(newer, by=newcomer)

    brand.active = True
    brand.save()
    teams.revoke(invitation.pk, by=owner)
    with pytest.raises(InvitationOver):
        teams.accept(newer, by=newcomer)
    assert roles(brand) == {owner.email: "owner"}


def test_an_expired_invitation_is_renewed(brand, owner, invite):
    first, _token = invite()
    past = timezone.now() - timedelta(days=8)
    Invitation.objects.update(expires_at=past, sent_at=past)

    second, _token = invite(role=Role.OWNER)

    assert second.pk == first.pk
    assert (second.role, second.expired) == ("owner", False)


def test_nobody_is_invited_twice_or_into_a_team_they_are_in(brand, owner, editor, invite):
    invite()

    with pytest.raises(AlreadyInvited):
        teams.invite(brand.pk, EMAIL.upper(), Role.VIEWER, by=owner)
    with pytest.raises(AlreadyMember):
        teams.invite(brand.pk, editor.email.upper(), Role.VIEWER, by=owner)

    assert Invitation.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            brand=brand,
            email=EMAIL.upper(),
            role=Role.VIEWER,
            token_hash="x",
            invited_by=owner,
            expires_at=timezone.now(),
        )


def test_mails_to_one_address_are_a_minute_apart_even_when_revoked(brand, owner, invite):
    invitation, _token = invite()

    with pytest.raises(JustSent):
        teams.resend(invitation.pk, by=owner)
    teams.revoke(invitation.pk, by=owner)
    with pytest.raises(JustSent):
        teams.invite(brand.pk, EMAIL, Role.VIEWER, by=owner)

    assert len(mail.outbox) == 1


def test_a_brand_sends_no_more_invitations_than_it_may(brand, owner, monkeypatch):
    monkeypatch.setattr(teams, "MAX_INVITATIONS", 2)
    first = teams.invite(brand.pk, "a@x.mx", Role.VIEWER, by=owner)
    teams.revoke(first.pk, by=owner)
    teams.invite(brand.pk, "b@x.mx", Role.VIEWER, by=owner)

    with pytest.raises(TooManyInvitations):
        teams.invite(brand.pk, "c@x.mx", Role.VIEWER, by=owner)

    Invitation.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(days=2))
    teams.invite(brand.pk, "c@x.mx", Role.VIEWER, by=owner)


@pytest.mark.parametrize("who", ["editor", "viewer", "stranger", "reviewer"])
def test_only_owners_manage_the_team(who, brand, owner, invite, request):
    invitation, _token = invite()
    by = request.getfixturevalue(who)
    before = roles(brand)

    for forbidden in (
        lambda: teams.invite(brand.pk, "otra@x.mx", Role.OWNER, by=by),
        lambda: teams.resend(invitation.pk, by=by),
        lambda: teams.revoke(invitation.pk, by=by),
        lambda: teams.change_role(member(brand, owner).pk, Role.VIEWER, by=by),
        lambda: teams.remove(member(brand, owner).pk, by=by),
    ):
        with pytest.raises(NotAllowed):
            forbidden()

    assert roles(brand) == before
    assert Invitation.objects.open().count() == 1


def test_anybody_may_leave(brand, owner, editor):
    teams.remove(member(brand, editor).pk, by=editor)

    assert roles(brand) == {owner.email: "owner"}


def test_the_last_owner_who_can_sign_in_stays(brand, owner, editor, newcomer):
    asleep = Membership.objects.create(brand=brand, user=newcomer, role=Role.OWNER)
    newcomer.is_active = False
    newcomer.save()

    with pytest.raises(LastOwner):
        teams.remove(member(brand, owner).pk, by=owner)
    with pytest.raises(LastOwner):
        teams.change_role(member(brand, owner).pk, Role.EDITOR, by=owner)
    teams.remove(asleep.pk, by=owner)
    teams.change_role(member(brand, editor).pk, Role.OWNER, by=owner)
    teams.change_role(member(brand, owner).pk, Role.VIEWER, by=owner)

    assert roles(brand) == {owner.email: "viewer", editor.email: "owner"}


@pytest.mark.parametrize("how", ["leave", "step down", "put out the other"])
@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one(how, brand, owner, editor):
    """Each runs in a thread with its own connection; repeated twenty times."""
    refused = []
    for _round in range(20):
        brand.memberships.all().delete()
        pair = [
            Membership.objects.create(brand=brand, user=user, role=Role.OWNER)
            for user in (owner, editor)
        ]
        start, outcomes = Barrier(2), []

        def run(own, other, start=start, outcomes=outcomes):
            try:
                start.wait(10)
                if how == "leave":
                    teams.remove(own.pk, by=own.user)
                elif how == "step down":
                    teams.change_role(own.pk, Role.VIEWER, by=own.user)
                else:
                    teams.remove(other.pk, by=own.user)
                outcomes.append("done")
            except (LastOwner, NotAllowed) as error:
                outcomes.append(type(error).__name__)
            finally:
                connection.close()

        threads = [Thread(target=run, args=(pair[i], pair[1 - i])) for i in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert brand.memberships.filter(role=Role.OWNER).count() == 1
        assert outcomes.count("done") == 1
        refused += [outcome for outcome in outcomes if outcome != "done"]

    assert set(refused) == ({"NotAllowed"} if how == "put out the other" else {"LastOwner"})


def test_a_mail_that_is_lost_keeps_the_invitation(
    brand, owner, monkeypatch, django_capture_on_commit_callbacks
):
    def fail(*_args, **_options):
        raise ConnectionRefusedError("no mail today")

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", fail)

    with django_capture_on_commit_callbacks(execute=True):
        teams.invite(brand.pk, EMAIL, Role.VIEWER, by=owner)

    assert Invitation.objects.open().count() == 1
