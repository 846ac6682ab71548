"""Mail in two forms, text and HTML, in the colours of the operator's skin.

A mail program knows no variables of a style sheet, so the values are read from the
skin's own file: nothing else names a colour.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

COLOUR = re.compile(r"--(\w+):\s*(#[0-9a-fA-F]{6})\s*;")


def base_context() -> dict[str, Any]:
    """Give what every mail's template needs: colours by day and by night, and the portal."""
    day, night = _colours(settings.SKIN)
    return {"colour": day, "night": night, "portal": settings.PORTAL_URL}


def compose(name: str, to: str, subject: str, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    """Render `mail/<name>.txt` and `.html` for one address; the subject becomes one line."""
    subject = " ".join(subject.split())
    shown = {**base_context(), "subject": subject, **context}
    letter = EmailMultiAlternatives(subject, render_to_string(f"mail/{name}.txt", shown), to=[to])
    letter.attach_alternative(render_to_string(f"mail/{name}.html", shown), "text/html")
    return letter


@cache
def _colours(skin: str) -> tuple[dict[str, str], dict[str, str]]:
    """Read the light and the dark scheme; the dark one keeps what it does not change."""
    found = finders.find(skin)
    if not isinstance(found, str):
        return {}, {}
    light, _media, dark = Path(found).read_text().partition("prefers-color-scheme: dark")
    day = dict(COLOUR.findall(light))
    return day, day | dict(COLOUR.findall(dark))
