"""What was posted while signed out: kept in the session, which survives the sign-in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils.translation import gettext as _

AUTOSAVE = "autosave"  # the action of the wizard's script
SESSION_KEY = "pending_post"  # {path: data}
MAX_LENGTH = 64_000  # characters

View = Callable[..., HttpResponse]


def login_required_keeping_post(view: View) -> View:
    """Redirect to the sign-in page unless a user is signed in, and keep what was posted."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **named)
        if request.method == "POST" and request.POST.get("action") == AUTOSAVE:
            message = _("Tu sesión terminó. Entra otra vez: lo que escribiste sigue aquí.")
            return JsonResponse({"message": message}, status=401)
        keep(request)
        return redirect_to_login(request.get_full_path())

    return guarded


def keep(request: HttpRequest) -> None:
    """Keep what is posted, for this path, unless it is too long."""
    if request.method != "POST":
        return
    data = request.POST.copy()
    data.pop("csrfmiddlewaretoken", None)
    if len(text := data.urlencode()) <= MAX_LENGTH:
        request.session[SESSION_KEY] = {request.path: text}


def recover(request: HttpRequest) -> QueryDict | None:
    """Return what was kept for this path, once, with a message that it is not done yet."""
    kept = take(request)
    if kept is not None:
        report(request)
    return kept


def report(request: HttpRequest) -> None:
    """Display that what was kept is there again, and not done yet."""
    messages.info(
        request,
        _("Tu sesión había terminado: recuperamos lo que escribiste. Todavía no se hizo nada."),
    )


def take(request: HttpRequest) -> QueryDict | None:
    """Return what was kept for this path, once; None if there is nothing."""
    kept = request.session.get(SESSION_KEY, {})
    if request.path not in kept:
        return None
    del request.session[SESSION_KEY]
    return QueryDict(kept[request.path])
