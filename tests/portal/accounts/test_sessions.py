"""Sessions end that were not used, sooner those of staff, and are deleted when they expired."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken

from portal.accounts import tasks
from portal.checks import idle_sessions

pytestmark = pytest.mark.django_db


def is_signed_in(client, after):
    with time_machine.travel(timezone.now() + after, tick=False):
        return client.get(reverse("portal:profile")).status_code == 200


@pytest.mark.parametrize(
    ("who", "setting"),
    [("editor", "SESSION_IDLE_MINUTES"), ("reviewer", "STAFF_SESSION_IDLE_MINUTES")],
)
def test_a_session_ends_that_was_not_used(client, request, settings, who, setting):
    client.force_login(request.getfixturevalue(who))
    idle = timedelta(minutes=getattr(settings, setting))
    assert is_signed_in(client, timedelta())

    assert is_signed_in(client, idle - timedelta(minutes=1))
    assert is_signed_in(client, 2 * idle - timedelta(minutes=2))  # it slides
    assert not is_signed_in(client, 3 * idle)
    assert "_auth_user_id" not in client.session


def test_sessions_of_staff_end_sooner(client, settings, editor, reviewer):
    after = timedelta(minutes=settings.STAFF_SESSION_IDLE_MINUTES + 1)

    for person, lasts in ((editor, True), (reviewer, False)):
        client.force_login(person)
        assert is_signed_in(client, timedelta())
        assert is_signed_in(client, after) is lasts


def test_a_person_whose_session_ended_is_told_so_and_returns_to_the_page(client, editor, settings):
    client.force_login(editor)
    is_signed_in(client, timedelta())
    late = timezone.now() + timedelta(minutes=settings.SESSION_IDLE_MINUTES + 1)

    with time_machine.travel(late, tick=False):
        page = client.get(reverse("portal:profile"), follow=True)

    assert page.redirect_chain[-1][0].endswith(f"?next={reverse('portal:profile')}")
    assert "Cerramos tu sesión porque no la usaste" in page.content.decode()


def test_the_api_refuses_a_session_that_was_not_used(client, editor, settings):
    client.force_login(editor)
    is_signed_in(client, timedelta())
    late = timezone.now() + timedelta(minutes=settings.SESSION_IDLE_MINUTES + 1)

    assert client.get("/api/v1/campaigns").status_code == 200
    with time_machine.travel(late, tick=False):
        assert client.get("/api/v1/campaigns").status_code == 401


def test_with_a_long_idle_time_the_session_lasts(client, editor, settings):
    """The negative control."""
    client.force_login(editor)
    is_signed_in(client, timedelta())
    after = timedelta(minutes=settings.SESSION_IDLE_MINUTES + 1)
    settings.SESSION_IDLE_MINUTES *= 2

    assert is_signed_in(client, after)


def test_an_idle_time_that_cannot_work_is_refused(settings):
    settings.SESSION_IDLE_MINUTES, settings.STAFF_SESSION_IDLE_MINUTES = 9, 0

    assert [error.id for error in idle_sessions()] == ["portal.E030", "portal.E030"]


def test_expired_sessions_and_their_records_are_deleted(editor, owner):
    for person in (editor, owner):
        client = Client()
        client.force_login(person)
        is_signed_in(client, timedelta())
    old, fresh = Session.objects.order_by("pk")[:2]
    Session.objects.filter(pk=old.pk).update(expire_date=timezone.now() - timedelta(seconds=1))
    UserSession.objects.all().delete()
    for session, person in ((old, editor), (fresh, owner)):
        UserSession.objects.create(
            session_key=session.pk, user=person, ip="127.0.0.1", user_agent="x"
        )

    tasks.delete_expired_sessions()

    assert [kept.pk for kept in Session.objects.all()] == [fresh.pk]
    assert [kept.session_key for kept in UserSession.objects.all()] == [fresh.pk]


def test_expired_tokens_are_deleted(owner):
    now = timezone.now()
    for name, expires in (("old", now - timedelta(days=1)), ("new", now + timedelta(hours=1))):
        AccessToken.objects.create(user=owner, token=name, expires=expires, scope="")

    tasks.delete_expired_tokens()

    assert [kept.token for kept in AccessToken.objects.all()] == ["new"]
