"""Where a person is signed in, seen often enough to tell and seldom enough to cost nothing."""

from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

SEEN_EVERY = timedelta(minutes=5)
STAMP = "seen_at"  # in the session: seconds since 1970

# Marks of a user agent, the particular before those that it also carries for company's sake.
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
    """Note a session's last use, address and browser, at most once in five minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            age = timezone.now().timestamp() - request.session.get(STAMP, 0)
            if age > SEEN_EVERY.total_seconds():
                stamp(request)
                UserSession.objects.create_from_request(request)
        return self.get_response(request)


def stamp(request: HttpRequest) -> None:
    """Remember in the session that it was just noted."""
    request.session[STAMP] = timezone.now().timestamp()


def device(user_agent: str) -> str:
    """Name a browser and its system as people do; the first name that fits wins."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("{browser} en {system}").format(browser=browser, system=system)
    return browser or system or _("Navegador desconocido")
