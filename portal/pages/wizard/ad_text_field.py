"""The ad text field: its context, the fixes by button, and the text law as JSON."""

import hashlib
import json
import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from campaigns import ad_text, text_limit
from campaigns.ad_text import display
from core.languages import cache_by_language
from portal.accounts.access import SignedInRequest, login_required


def field_context(text: str, *, undo: str = "") -> dict[str, Any]:
    """Return the context of `wizard/ad_text_field.html`. `undo` is the text before the last fix,
    which made it `text`.
    """
    return {
        "reading": display.build(text, limit=text_limit.current()),
        "law_url": reverse("portal:ad_text_law", args=[_law(text_limit.current())[0]]),
        "undo": undo,
    }


def apply_fix(request: HttpRequest, text: str, action: str) -> str:
    """Return the text after the fix of a button, and report the changes as a message.

    The action `fix` applies every unambiguous fix, `fix:12` the one at code point 12.
    """
    position = action.removeprefix("fix").removeprefix(":")
    only = int(position) if position.isdecimal() else None
    fixed = ad_text.fix(text, limit=text_limit.current(), only=only)
    changes = [
        f"«{before}» → «{after}»" for before, after in display.words_changed(text, fixed.changes)
    ]
    if changes:
        messages.success(request, _("Corregido: {words}.").format(words=", ".join(changes)))
    else:
        messages.info(request, _("No había nada que corregir con un botón."))
    return fixed.text


def undo_fix(before: str, fixed: str, typed: str) -> str:
    """Return what was typed since a fix with the fix undone: `fixed` was `before` until then.

    Where what was typed reaches into what the fix had changed, nothing is undone. The script of
    the field does the same.
    """
    start = _common(before, fixed)
    end = _common(before[start:][::-1], fixed[start:][::-1])  # equal characters at the end
    if typed.startswith(fixed[: len(fixed) - end]):  # typed after the fix
        return before[: len(before) - end] + typed[len(fixed) - end :]
    if typed.endswith(fixed[start:]):  # typed before it
        return typed[: len(typed) - len(fixed[start:])] + before[start:]
    return typed


def _common(first: str, second: str) -> int:
    """Return the length of the longest common start."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(first), len(second)))


@login_required
@require_safe
@cache_control(private=True, immutable=True, max_age=30 * 24 * 3600)
def ad_text_law(request: SignedInRequest, digest: str) -> HttpResponse:
    """Return the text law as JSON. Its URL names its digest, so it is cached for thirty days.

    The digest begins with the limit: a process that has not read a new one yet serves it too.
    """
    limit = digest.partition("-")[0]
    if not re.fullmatch("[0-9]{1,3}", limit) or not 1 <= int(limit) <= ad_text.MAX_LIMIT:
        raise Http404
    current, content = _law(int(limit))
    if digest != current:
        raise Http404
    return HttpResponse(content, content_type="application/json")


@cache_by_language
def _law(limit: int) -> tuple[str, bytes]:
    """Return the digest of the text law with a limit, and the law as JSON."""
    data = ad_text.as_data() | {"limit": limit}
    content = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return f"{limit}-{hashlib.sha256(content).hexdigest()[:16]}", content
