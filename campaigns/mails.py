"""Mails as text and HTML, in the colours of the operator's skin.

Mail programs do not support CSS variables, so the values are read from the skin's style sheet:
no other file names a colour.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.staticfiles import finders
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

COLOUR = re.compile(r"--(\w+):\s*(#[0-9a-fA-F]{6})\s*;")


def base_context() -> dict[str, Any]:
    """Return the context of every mail: colours by day and by night, and the portal's URL."""
    day, night = _colours(settings.SKIN)
    return {"colour": day, "night": night, "portal": settings.PORTAL_URL}


def compose(name: str, to: str, subject: str, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    """Return the mail of `mail/<name>.txt` and `.html` for one address; the subject is one line."""
    subject = " ".join(subject.split())
    context = {**base_context(), "subject": subject, **context}
    body = render_to_string(f"mail/{name}.txt", context)
    message = EmailMultiAlternatives(subject, body, to=[to])
    message.attach_alternative(render_to_string(f"mail/{name}.html", context), "text/html")
    return message


def for_each(
    users: Iterable[AbstractUser], compose_for: Callable[[AbstractUser], EmailMultiAlternatives]
) -> list[EmailMultiAlternatives]:
    """Return the mail for each user, composed in their language."""
    messages = []
    for user in users:
        with translation.override(user.language):  # type: ignore[attr-defined]
            messages.append(compose_for(user))
    return messages


@cache
def _colours(skin: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the light and the dark scheme; the dark one inherits what it does not change."""
    found = finders.find(skin)
    if not isinstance(found, str):
        return {}, {}
    light, _media, dark = Path(found).read_text().partition("prefers-color-scheme: dark")
    day = dict(COLOUR.findall(light))
    return day, day | dict(COLOUR.findall(dark))
