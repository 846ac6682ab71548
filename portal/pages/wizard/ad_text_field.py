"""The text field: what the server shows of a text, its fixes by button, the law for the browser."""

import hashlib
import json
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from campaigns import ad_text
from campaigns.ad_text import marked_copy


def field_context(text: str, *, undo: str = "") -> dict[str, Any]:
    """Give the context of `wizard/ad_text_field.html`. `undo` is the text before a fix."""
    return {
        "reading": marked_copy.read(text, limit=settings.AD_TEXT_LIMIT),
        "law_url": reverse("portal:ad_text_law", args=[_law()[0]]),
        "undo": undo,
    }


def apply_fix(request: HttpRequest, text: str, action: str) -> str:
    """Apply what a fix button stands for, and say what was changed.

    `fix` mends all that has one right answer, `fix:12` what is offered at position 12.
    """
    place = action.removeprefix("fix").removeprefix(":")
    only = int(place) if place.isdecimal() else None
    fixed = ad_text.fix(text, limit=settings.AD_TEXT_LIMIT, only=only)
    changed = [
        f"«{before}» → «{after}»"
        for before, after in marked_copy.words_changed(text, fixed.changes)
    ]
    if changed:
        messages.success(request, _("Corregido: {words}.").format(words=", ".join(changed)))
    else:
        messages.info(request, _("No había nada que corregir con un botón."))
    return fixed.text


@login_required
@require_safe
@cache_control(private=True, immutable=True, max_age=30 * 24 * 3600)
def ad_text_law(request: HttpRequest, digest: str) -> HttpResponse:
    """Hand the law to the browser; its address changes with it, so it is kept for long."""
    current, data = _law()
    if digest != current:
        raise Http404
    return HttpResponse(data, content_type="application/json")


@cache
def _law() -> tuple[str, bytes]:
    """Give the law as JSON under the limit in force, and the digest that names it."""
    data = ad_text.as_data() | {"limit": settings.AD_TEXT_LIMIT}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(text).hexdigest()[:16], text
