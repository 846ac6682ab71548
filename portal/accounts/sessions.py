"""The sessions of a user: when each was last used, and on which device."""

from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

RECORD_EVERY = timedelta(minutes=5)
RECORDED_AT = "seen_at"  # session key: seconds since 1970

# Substrings of a user agent. Edge and Opera also carry "Chrome", and Chrome carries "Safari":
# the more particular come first.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class SessionActivityMiddleware:
    """Record a session's last use, address and browser, at most once in RECORD_EVERY.

    A session that was not used for its idle time is ended: the request goes on without it, as
    that of a stranger.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            recorded_at = request.session.get(RECORDED_AT)
            unused = timezone.now().timestamp() - (recorded_at or 0)
            if recorded_at is not None and unused > idle_seconds(request):
                logout(request)
                messages.info(request, _("Cerramos tu sesión porque no la usaste. Entra otra vez."))
            elif unused > RECORD_EVERY.total_seconds():
                mark_recorded(request)
                UserSession.objects.create_from_request(request)
        return self.get_response(request)


def idle_seconds(request: HttpRequest) -> int:
    """Return the seconds without use after which the session of a signed-in person ends."""
    is_staff = request.user.is_staff
    minutes = settings.STAFF_SESSION_IDLE_MINUTES if is_staff else settings.SESSION_IDLE_MINUTES
    return int(minutes) * 60


def mark_recorded(request: HttpRequest) -> None:
    """Store in the session that its use was recorded just now."""
    request.session[RECORDED_AT] = timezone.now().timestamp()


def device(user_agent: str) -> str:
    """Return browser and system of a user agent, as in "Chrome en Android"."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("{browser} en {system}").format(browser=browser, system=system)
    return browser or system or _("Navegador desconocido")
