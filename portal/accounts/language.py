"""The language of a person: kept with their account and, for each browser, in a cookie."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.models import User

COOKIE = settings.LANGUAGE_COOKIE_NAME
LANGUAGES = dict(settings.LANGUAGES)


class LanguageMiddleware:
    """Use the language that the browser's cookie names, from the first middleware to the last.

    A browser's own preference is not asked: whoever reads Spanish best may have it in English.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # It stays in use while a response streams; the next request of the thread sets its own.
        translation.activate(of_request(request))
        response = self.get_response(request)
        if chosen := getattr(request, "chosen_language", None):
            _set_cookie(response, chosen)
        response.headers.setdefault("Content-Language", translation.get_language())
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Cookie"])  # a shared cache has one for each language
        return response


def of_request(request: HttpRequest) -> str:
    """Return the language of the browser's cookie, or else that of the portal."""
    named = request.COOKIES.get(COOKIE, "")
    return named if named in LANGUAGES else settings.LANGUAGE_CODE


@receiver(user_logged_in)
def use_own_language(request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """Give the browser in which a person signs in their language."""
    if request is not None and of_request(request) != user.language:
        request.chosen_language = user.language  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def language_page(request: HttpRequest) -> HttpResponse:
    """Let a person choose a language; of one who is signed in it is kept with their account."""
    chosen = request.POST.get("language", "")
    came_from = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure()):
        came_from = ""
    if chosen not in LANGUAGES:
        wrong = _("Elige uno de los dos.") if request.method == "POST" else ""
        context = {"languages": LANGUAGES.items(), "next": came_from, "wrong": wrong}
        return render(request, "account/language.html", context, status=422 if wrong else 200)
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    request.chosen_language = chosen  # type: ignore[attr-defined]
    return redirect(came_from or "portal:home")


def _set_cookie(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        COOKIE,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
