"""The gateway's errors in Spanish, for the people who run the channel."""

import re

from django.utils.translation import gettext as _

_STATUS = re.compile(r"(\d{3})\b")


def cause(last_error: str) -> str:
    """Return what happened, from the stored text of a GatewayError; empty for none."""
    if not last_error:
        return ""
    found = _STATUS.match(last_error)
    if found is None:
        return _("La plataforma de entrega no contesta.")
    status = int(found[1])
    if status in (401, 403):
        return _("La plataforma de entrega no acepta las credenciales del portal.")
    if status == 429:
        return _("La plataforma de entrega pide esperar: tiene demasiado que atender.")
    if status == 408 or status >= 500:
        return _("La plataforma de entrega contesta que no puede atender ahora.")
    if status == 409:
        return _("La plataforma de entrega tiene algo distinto de lo que se le envió.")
    return _("La plataforma de entrega no acepta lo que se le envió.")


def retrying() -> str:
    """Return what is done about an error that may heal, and what a person can do."""
    return _(
        "El portal lo intenta otra vez solo, y nada se pierde: no tienes que hacer nada. Si tarda, "
        "avisa a quien opera la plataforma."
    )


def refused() -> str:
    """Return what is done about an error that does not heal, and what a person can do."""
    return _(
        "El portal no lo intenta más hasta que alguien lo pida. Corrige la causa con quien opera "
        "la plataforma y usa «Reintentar ahora»."
    )
