"""The state of the channel, as the home page of a brand displays it."""

from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import AdOrder, ChannelSwitch
from inventory import audit

AUDIT_MAX_AGE = timedelta(hours=1)  # an older audit is not current


class ComponentState(NamedTuple):
    """A component of the channel; `level` is "ok", "tight" while it has a problem, or "out"."""

    name: str
    level: str
    message: str


def components() -> list[ComponentState]:
    """Return the states of the channel, inventory and delivery, in four queries."""
    return [_channel(), _inventory(), _delivery()]


def _channel() -> ComponentState:
    stop = ChannelSwitch.objects.current_stop()
    if stop is None:
        return ComponentState(_("Canal"), "ok", _("Al aire: salen las campañas que tienen su día."))
    message = _("Detenido por Telefónica: {reason}").format(reason=stop.reason)
    return ComponentState(_("Canal"), "out", message)


def _inventory() -> ComponentState:
    newest = audit.latest()
    name = _("Inventario")
    if newest is None or timezone.now() - newest.at > AUDIT_MAX_AGE:
        return ComponentState(
            name, "ok", _("Puedes apartar como siempre. Su recuento de rutina está por hacerse.")
        )
    if newest.breaches:
        return ComponentState(
            name,
            "tight",
            _("Estamos revisando sus cuentas. Lo que ya apartaste sigue siendo tuyo."),
        )
    return ComponentState(name, "ok", _("Al día: lo que ves disponible se puede apartar."))


def _delivery() -> ComponentState:
    name = _("Plataforma de entrega")
    now = timezone.now()
    if AdOrder.objects.needing_attention(now).exists():
        return ComponentState(
            name,
            "tight",
            _("Tarda en confirmar algunos cambios. Quedan guardados y ya los estamos atendiendo."),
        )
    if AdOrder.objects.pending().filter(failing_since__isnull=False).exists():
        return ComponentState(
            name, "tight", _("Responde con retraso. Tus cambios se envían solos.")
        )
    return ComponentState(name, "ok", _("Confirma los cambios con normalidad."))
