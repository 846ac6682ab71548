"""The gateway's states and errors in Spanish, for the people who run the channel."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.gateway.contract import DesiredState, OrderState

DESIRED_STATE_LABELS: dict[str, str | Promise] = {
    DesiredState.ACTIVE.value: gettext_lazy("Que salga al aire"),
    DesiredState.PAUSED.value: gettext_lazy("Que quede en pausa"),
    DesiredState.CANCELLED.value: gettext_lazy("Que no salga más"),
}
GATEWAY_STATE_LABELS: dict[str, str | Promise] = {
    OrderState.SCHEDULED.value: gettext_lazy("Programada"),
    OrderState.ACTIVE.value: gettext_lazy("Al aire"),
    OrderState.PAUSED.value: gettext_lazy("En pausa"),
    OrderState.COMPLETED.value: gettext_lazy("Completa"),
    OrderState.EXPIRED.value: gettext_lazy("Vencida"),
    OrderState.CANCELLED.value: gettext_lazy("Cancelada"),
    OrderState.REJECTED.value: gettext_lazy("Rechazada"),
}

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


def silence() -> str:
    return _("La plataforma de entrega no manda datos.")


def silent() -> str:
    """Return what it means that no events come, and what a person can do."""
    return _(
        "Los anuncios pueden seguir saliendo, pero sus cuentas no avanzan. El portal pide solo lo "
        "que falte cuando vuelva. Avisa a quien opera la plataforma."
    )


def taken_again() -> str:
    return _("Lo que esperaba ya está confirmado o se envía solo.")


def heard_again() -> str:
    return _("Sus cuentas avanzan otra vez, y el portal pide solo lo que falte.")
