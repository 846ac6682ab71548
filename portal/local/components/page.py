"""Componentes: the pieces pages are made of, for developers only."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.local.components import pieces

TOKEN = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>')


def for_developers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer only on an embedded or DEBUG portal."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **names: Any) -> HttpResponse:
        if not (settings.EMBEDDED or settings.DEBUG):
            raise Http404
        return view(request, *args, **names)

    return guarded


@for_developers
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show every component live and as markup; what its examples send changes nothing."""
    if request.method == "POST":
        messages.success(request, _("Listo. Así se dice que algo quedó; nada cambió."))
        return redirect("portal:components")
    groups = [
        (name, [(piece, *_example(request, piece)) for piece in group])
        for name, group in pieces.GROUPS
    ]
    context = {"groups": groups, "colours": pieces.colours(), "types": pieces.types()}
    return render(request, "components/living/page.html", context)


def _example(request: HttpRequest, piece: pieces.Piece) -> tuple[SafeString, str]:
    """Render a piece once: what is shown, and the same as markup to copy."""
    live = render_to_string(piece.template, pieces.context(piece), request)
    written = TOKEN.sub("{% csrf_token %}", live)
    return live, "\n".join(line.rstrip() for line in written.splitlines() if line.strip())
