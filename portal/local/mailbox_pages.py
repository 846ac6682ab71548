"""Correo: the mails of a portal without a mail server, for development only."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from portal.local import mailbox


def for_developers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer only where mails are written to files of an embedded or DEBUG portal."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **names: Any) -> HttpResponse:
        if not settings.MAILBOX:
            raise Http404
        return view(request, *args, **names)

    return guarded


@for_developers
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List the mails, the newest first."""
    return render(request, "mailbox/list.html", {"letters": mailbox.letters()})


@for_developers
@require_safe
@csp_update({"frame-src": [SELF]})
def letter(request: HttpRequest, key: str) -> HttpResponse:
    """Show one mail in both of its forms."""
    found = _find(key)
    return render(request, "mailbox/letter.html", {"letter": found})


@for_developers
@require_safe
@xframe_options_sameorigin
@csp(
    {
        "default-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
        "sandbox": ["allow-top-navigation-by-user-activation"],
    }
)
def html(request: HttpRequest, key: str) -> HttpResponse:
    """Give a mail's HTML for a sandboxed frame; its links open in the whole window."""
    found = _find(key)
    return HttpResponse(found.html.replace("<head>", '<head><base target="_top">', 1))


def _find(key: str) -> mailbox.Letter:
    found = mailbox.letter(key)
    if found is None:
        raise Http404
    return found
