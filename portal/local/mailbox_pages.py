"""Pages of the development mailbox, for a portal that writes its mails to files."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from portal.local import mail_files

View = Callable[..., HttpResponseBase]
Decorator = Callable[[View], View]

# django-csp types its decorators for views without arguments from the URL.
allow_own_frames = cast(Decorator, csp_update({"frame-src": [SELF]}))
sandbox = cast(
    Decorator,
    csp(
        {
            "default-src": [NONE],
            "style-src": [UNSAFE_INLINE],
            "img-src": [SELF, "data:"],
            "base-uri": [NONE],
            "form-action": [NONE],
            "frame-ancestors": [SELF],
            "sandbox": ["allow-top-navigation-by-user-activation"],
        }
    ),
)


def mailbox_required(view: View) -> View:
    """Respond with 404 unless mails are written to files (`settings.MAILBOX`)."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.MAILBOX:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


@mailbox_required
@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """Show the mails, the newest first."""
    return render(request, "mailbox/mail_list.html", {"mails": mail_files.newest()})


@mailbox_required
@require_safe
@allow_own_frames
def mail_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show one mail as text and, in a frame, as HTML."""
    return render(request, "mailbox/mail_page.html", {"mail": _get_mail_or_404(key)})


@mailbox_required
@require_safe
@xframe_options_sameorigin
@sandbox
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """Return a mail's HTML for the sandboxed frame; its links open in the whole window."""
    html = _get_mail_or_404(key).html
    return HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))


def _get_mail_or_404(key: str) -> mail_files.Mail:
    mail = mail_files.find(key)
    if mail is None:
        raise Http404
    return mail
