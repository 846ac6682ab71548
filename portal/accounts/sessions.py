"""The sessions of a user: when each was last used, and on which device."""

from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
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
    """Record a session's last use, address and browser, at most once in RECORD_EVERY."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            age = timezone.now().timestamp() - request.session.get(RECORDED_AT, 0)
            if age > RECORD_EVERY.total_seconds():
                mark_recorded(request)
                UserSession.objects.create_from_request(request)
        return self.get_response(request)


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
