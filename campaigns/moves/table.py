"""The table of moves: everything that the portal knows of each step of a campaign's life.

A person's move is made by the function of `campaigns.lifecycle` that has its name.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from campaigns.moves.move import Actor, Button, Move, Style
from campaigns.moves.staff_rows import STAFF_ROWS
from campaigns.moves.status import PausedBy, Status, WaitingEnd
from campaigns.moves.waiting_rows import WAITING_ROWS


def _statuses(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


BRAND = frozenset({Actor.BRAND})
REVIEWER = frozenset({Actor.REVIEWER})
SYSTEM = frozenset({Actor.SYSTEM})

_WITH_BRAND = _statuses(Status.DRAFT, Status.NO_INVENTORY, Status.CHANGES_REQUESTED)
_NO_INVENTORY = _statuses(Status.NO_INVENTORY)

_ROWS = (
    Move(
        name="draft",
        sources=_statuses(),
        targets=_statuses(Status.DRAFT),
        actors=BRAND,
        label=_("Se creó el borrador"),
        event="created",
        notifies=False,
    ),
    Move(
        name="edit",
        sources=_WITH_BRAND,
        targets=_statuses(Status.DRAFT, Status.CHANGES_REQUESTED),
        actors=BRAND,
        label=_("Se cambió y volvió a ser borrador"),
        event="reopened",
        ends_waiting=WaitingEnd.EDITED,
        buttons=(
            Button(verb="editar", label=_("Editar"), style=Style.PRIMARY, with_offer=False),
            Button(verb="editar", label=_("Editar"), style=Style.LINK, with_offer=True),
        ),
    ),
    Move(
        name="submit",
        sources=_WITH_BRAND,
        targets=_statuses(Status.RESERVING),
        actors=BRAND,
        label=_("Se envió"),
        event="submitted",
        buttons=(
            Button(
                verb="enviar",
                label=_("Enviar a revisión"),
                done=_("Enviada. Estamos apartando tu inventario."),
                style=Style.PRIMARY,
                with_offer=True,
            ),
        ),
    ),
    Move(
        name="hold",
        sources=_statuses(Status.RESERVING),
        targets=_statuses(Status.IN_REVIEW),
        actors=SYSTEM,
        label=_("Inventario apartado, en revisión"),
        event="reserved",
        ends_waiting=WaitingEnd.TAKEN,
    ),
    Move(
        name="lose_hold",
        sources=_statuses(Status.IN_REVIEW),
        targets=_statuses(Status.IN_REVIEW),
        actors=SYSTEM,
        label=_("Venció su apartado, en revisión"),
        event="reservation-expired",
        advice=_(
            "Para apartarlo de nuevo, retírala de revisión y envíala otra vez. Si la dejas en "
            "revisión, quien revisa puede apartarlo, si todavía hay lugar."
        ),
    ),
    Move(
        name="decline",
        sources=_statuses(Status.RESERVING),
        targets=_NO_INVENTORY,
        actors=SYSTEM,
        label=_("Sin inventario"),
        event="declined",
        advice=_(
            "Cambia zona, fechas o volumen y envíala de nuevo, o pide en su página que te "
            "avisemos cuando haya lugar."
        ),
        closes_version=True,
    ),
    Move(
        name="withdraw",
        sources=_statuses(Status.IN_REVIEW),
        targets=_statuses(Status.DRAFT),
        actors=BRAND,
        label=_("La marca la retiró de revisión"),
        event="withdrawn",
        closes_version=True,
        buttons=(
            Button(
                verb="retirar",
                label=_("Retirar de revisión"),
                done=_("La retiraste de revisión: vuelve a ser un borrador."),
                question=_("¿Retirarla de revisión?"),
                consequence=_(
                    "Vuelve a borrador y suelta el inventario apartado. Para que salga tendrás "
                    "que enviarla otra vez."
                ),
                confirm_label=_("Sí, retirarla"),
            ),
        ),
    ),
    Move(
        name="approve",
        sources=_statuses(Status.IN_REVIEW),
        targets=_statuses(Status.APPROVED),
        actors=REVIEWER,
        label=_("Aprobada: inventario comprometido"),
        event="approved",
        needs_active_brand=True,
        closes_version=True,
    ),
    Move(
        name="request_changes",
        sources=_statuses(Status.IN_REVIEW),
        targets=_statuses(Status.CHANGES_REQUESTED),
        actors=REVIEWER,
        label=_("Se pidieron cambios"),
        event="changes-requested",
        advice=_("Corrige lo que se pide y envíala de nuevo."),
        closes_version=True,
    ),
    Move(
        name="reject",
        sources=_statuses(Status.IN_REVIEW),
        targets=_statuses(Status.REJECTED),
        actors=REVIEWER,
        label=_("Rechazada"),
        event="rejected",
        advice=_("Puedes copiarla como un borrador nuevo."),
        closes_version=True,
    ),
    Move(
        name="schedule",
        sources=_statuses(Status.APPROVED),
        targets=_statuses(Status.SCHEDULED),
        actors=SYSTEM,
        label=_("Programada en la plataforma de entrega"),
        event="scheduled",
    ),
    Move(
        name="start",
        sources=_statuses(Status.SCHEDULED),
        targets=_statuses(Status.LIVE),
        actors=SYSTEM,
        label=_("Al aire"),
        event="started",
    ),
    Move(
        name="pause",
        sources=_statuses(Status.SCHEDULED, Status.LIVE),
        targets=_statuses(Status.PAUSED),
        actors=BRAND,
        label=_("Pausada"),
        event="paused",
        pauses_as=PausedBy.BRAND,
        buttons=(
            Button(
                verb="pausar",
                label=_("Pausar"),
                done=_(
                    "Pausada. El inventario sigue siendo tuyo: lo de cada día entero en pausa pasa "
                    "a los días que le quedan."
                ),
                in_list=True,
            ),
        ),
    ),
    Move(
        name="resume",
        sources=_statuses(Status.PAUSED),
        targets=_statuses(Status.SCHEDULED, Status.LIVE),
        actors=BRAND,
        label=_("Reanudada"),
        event="resumed",
        ends_pauses=frozenset({PausedBy.BRAND}),
        buttons=(
            Button(
                verb="reanudar",
                label=_("Reanudar"),
                done=_("Reanudada."),
                style=Style.PRIMARY,
                in_list=True,
            ),
        ),
    ),
    Move(
        name="finish",
        sources=_statuses(Status.LIVE, Status.PAUSED, Status.SCHEDULED),
        targets=_statuses(Status.FINISHED),
        actors=SYSTEM,
        label=_("Terminada"),
        event="finished",
    ),
    Move(
        name="cancel",
        sources=_WITH_BRAND
        | _statuses(Status.APPROVED, Status.SCHEDULED, Status.LIVE, Status.PAUSED),
        targets=_statuses(Status.CANCELLED),
        actors=BRAND,
        label=_("Cancelada"),
        event="cancelled",
        ends_waiting=WaitingEnd.CANCELLED,
        buttons=(
            Button(
                verb="cancelar",
                label=_("Cancelar campaña"),
                done=_("Cancelada. Lo que no se había enviado quedó libre."),
                style=Style.DANGER,
                question=_("¿Cancelar esta campaña?"),
                consequence=_(
                    "No se puede deshacer. Lo que aún no se envía queda libre para otras marcas."
                ),
                confirm_label=_("Sí, cancelarla"),
                not_in=_statuses(Status.DRAFT),  # it is deleted
            ),
        ),
    ),
    Move(
        name="delete",
        sources=_statuses(Status.DRAFT),
        targets=_statuses(Status.DELETED),
        actors=BRAND,
        label=_("Se eliminó el borrador"),
        event="deleted",
        notifies=False,
        buttons=(
            Button(
                verb="eliminar",
                label=_("Eliminar borrador"),
                done=_("Borrador eliminado. Puedes recuperarlo cuando quieras."),
                style=Style.LINK,
            ),
        ),
    ),
    Move(
        name="restore",
        sources=_statuses(Status.DELETED),
        targets=_statuses(Status.DRAFT),
        actors=BRAND,
        label=_("Se recuperó el borrador"),
        event="restored",
        notifies=False,
        buttons=(
            Button(
                verb="recuperar",
                label=_("Recuperar borrador"),
                done=_("Recuperado: vuelve a ser un borrador."),
                style=Style.PRIMARY,
                in_list=True,
            ),
        ),
    ),
    Move(
        name="expire",
        sources=_statuses(Status.RESERVING, Status.IN_REVIEW, Status.APPROVED),
        targets=_statuses(Status.EXPIRED),
        actors=SYSTEM,
        label=_("Vencida"),
        event="expired",
        advice=_("Puedes copiarla como un borrador nuevo."),
        closes_version=True,
        ends_waiting=WaitingEnd.MISSED,
    ),
)

MOVES: Mapping[str, Move] = {move.name: move for move in (*_ROWS, *WAITING_ROWS, *STAFF_ROWS)}
