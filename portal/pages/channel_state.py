"""How the channel is doing, in the words of those who buy it."""

from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import AdOrder
from inventory import audit

FRESH = timedelta(hours=1)  # an older recount says nothing of now


class Part(NamedTuple):
    """One thing the channel does: `ok`, or `tight` while somebody looks into it."""

    name: str
    level: str
    told: str


def state() -> list[Part]:
    """Say how inventory and delivery are. Three queries, of any number of campaigns."""
    return [_inventory(), _delivery()]


def _inventory() -> Part:
    newest = audit.latest()
    name = _("Inventario")
    if newest is None or timezone.now() - newest.at > FRESH:
        return Part(name, "tight", _("Estamos por recontarlo. Puedes apartar como siempre."))
    if newest.breaches:
        return Part(
            name,
            "tight",
            _("Estamos revisando sus cuentas. Lo que ya apartaste sigue siendo tuyo."),
        )
    return Part(name, "ok", _("Al día: lo que ves disponible se puede apartar."))


def _delivery() -> Part:
    name = _("Plataforma de entrega")
    now = timezone.now()
    if AdOrder.objects.needing_attention(now).exists():
        return Part(
            name,
            "tight",
            _("Tarda en confirmar algunos cambios. Quedan guardados y ya los estamos atendiendo."),
        )
    if AdOrder.objects.pending().filter(failing_since__isnull=False).exists():
        return Part(name, "tight", _("Responde con retraso. Tus cambios se envían solos."))
    return Part(name, "ok", _("Confirma los cambios con normalidad."))
