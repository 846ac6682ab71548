"""The rows of the table for a campaign's place in the waiting list."""

from django.utils.translation import gettext_lazy as _

from campaigns.moves.move import Actor, Button, Move
from campaigns.moves.status import Status

_BRAND = frozenset({Actor.BRAND})
_SYSTEM = frozenset({Actor.SYSTEM})
_NO_INVENTORY = frozenset({Status.NO_INVENTORY})

WAITING_ROWS = (
    Move(
        name="join",
        sources=_NO_INVENTORY,
        targets=_NO_INVENTORY,
        actors=_BRAND,
        label=_("En la lista de espera"),
        event="wait-started",
        action="wait",
        notifies=False,
        while_waiting=False,
        buttons=(
            Button(
                verb="avisarme",
                label=_("Avísame cuando haya lugar"),
                done=_("Está en la lista de espera. Te escribimos en cuanto haya lugar."),
            ),
        ),
    ),
    Move(
        name="leave",
        sources=_NO_INVENTORY,
        targets=_NO_INVENTORY,
        actors=_BRAND,
        label=_("Salió de la lista de espera"),
        event="wait-left",
        action="stop-waiting",
        notifies=False,
        while_waiting=True,
        buttons=(
            Button(
                verb="dejar-lista",
                label=_("Dejar la lista"),
                done=_("Ya no está en la lista de espera."),
                with_offer=False,
            ),
            Button(
                verb="soltar",
                label=_("No la quiero"),
                done=_("Soltaste el inventario apartado."),
                with_offer=True,
            ),
        ),
    ),
    Move(
        name="offer",
        sources=_NO_INVENTORY,
        targets=_NO_INVENTORY,
        actors=_SYSTEM,
        label=_("Se liberó inventario"),
        event="wait-offered",
        advice=_(
            "Para usarlas, envíala a revisión sin cambiarla: su inventario ya está seguro. Si ya "
            "no lo quieres, suéltalo en su página. Si nadie la envía a tiempo, el apartado vence "
            "y se ofrece a la siguiente de la lista."
        ),
    ),
    Move(
        name="lapse",
        sources=_NO_INVENTORY,
        targets=_NO_INVENTORY,
        actors=_SYSTEM,
        label=_("Venció lo que se apartó"),
        event="wait-lapsed",
        advice=_("Puedes pedir otra vez que te avisemos, o cambiarla y enviarla."),
    ),
    Move(
        name="miss",
        sources=_NO_INVENTORY,
        targets=_NO_INVENTORY,
        actors=_SYSTEM,
        label=_("Salió de la lista de espera"),
        event="wait-missed",
        advice=_("Cambia las fechas y envíala de nuevo."),
    ),
)
