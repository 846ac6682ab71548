"""Celery tasks of accounts."""

from allauth.usersessions.models import UserSession
from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone
from oauth2_provider.models import clear_expired


@shared_task
def delete_expired_tokens() -> None:
    """Delete expired tokens, daily."""
    clear_expired()


@shared_task
def delete_expired_sessions() -> None:
    """Delete expired sessions, hourly, and with each the record of its use."""
    gone = Session.objects.filter(expire_date__lt=timezone.now())
    keys = list(gone.values_list("session_key", flat=True))
    UserSession.objects.filter(session_key__in=keys).delete()
    Session.objects.filter(session_key__in=keys, expire_date__lt=timezone.now()).delete()
