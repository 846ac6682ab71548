"""The rows of the table for what staff do to campaigns outside of a review."""

from django.utils.translation import gettext_lazy as _

from campaigns.moves.move import Actor, Move
from campaigns.moves.status import PausedBy, Status

_REVIEWER = frozenset({Actor.REVIEWER})
_SYSTEM = frozenset({Actor.SYSTEM})
_RUNNING = frozenset({Status.SCHEDULED, Status.LIVE})
_PAUSED = frozenset({Status.PAUSED})
_ORDERED = frozenset({Status.APPROVED, *_RUNNING, *_PAUSED})

STAFF_ROWS = (
    Move(
        name="hold_again",
        sources=frozenset({Status.IN_REVIEW}),
        targets=frozenset({Status.IN_REVIEW}),
        actors=_REVIEWER,
        label=_("Inventario apartado otra vez, en revisión"),
        event="reserved",
        needs_active_brand=True,
    ),
    Move(
        name="staff_pause",
        sources=_RUNNING | _PAUSED,
        targets=_PAUSED,
        actors=_REVIEWER,
        label=_("Telefónica la pausó"),
        event="paused",
        advice=_(
            "Su inventario sigue siendo tuyo. Solo Telefónica puede reanudarla: pregunta en la "
            "conversación de su página."
        ),
        pauses_as=PausedBy.STAFF,
        ends_pauses=frozenset({PausedBy.BRAND}),  # which becomes one of staff
        staff_label=_("Pausar"),
        staff_done=_("Pausaste {campaign}. La marca ya sabe por qué."),
        consequence=_(
            "No sale hasta que Telefónica la reanude: la marca no puede. Su inventario sigue "
            "apartado, y lo de cada día en pausa pasa a los días que le quedan."
        ),
    ),
    Move(
        name="staff_resume",
        sources=_PAUSED,
        targets=_RUNNING,
        actors=_REVIEWER,
        label=_("Telefónica la reanudó"),
        event="resumed",
        ends_pauses=frozenset({PausedBy.BRAND, PausedBy.STAFF}),
        staff_label=_("Reanudar"),
        staff_done=_("Reanudaste {campaign}. La marca ya lo sabe."),
        consequence=_("Vuelve a salir con el inventario que tiene."),
        needs_active_brand=True,
    ),
    Move(
        name="staff_cancel",
        sources=_ORDERED,
        targets=frozenset({Status.CANCELLED}),
        actors=_REVIEWER,
        label=_("Telefónica la canceló"),
        event="cancelled",
        advice=_("Puedes copiarla como un borrador nuevo."),
        staff_label=_("Cancelar campaña"),
        staff_done=_("Cancelaste {campaign}. Lo que no se había enviado quedó libre."),
        consequence=_(
            "No se puede deshacer. Lo que aún no se envía queda libre para otras marcas."
        ),
    ),
    # A cut of capacity took the place of more of it than its brand has read of.
    Move(
        name="lose_place",
        sources=_ORDERED,
        targets=_ORDERED,
        actors=_SYSTEM,
        label=_("Parte de sus notificaciones se quedó sin lugar"),
        event="at-risk",
    ),
    # By its pace it will end with more missing than its brand has read of.
    Move(
        name="fall_short",
        sources=frozenset({Status.LIVE}),
        targets=frozenset({Status.LIVE}),
        actors=_SYSTEM,
        label=_("Se espera que no llegue a lo contratado"),
        event="falling-short",
        advice=_(
            "Puedes copiarla y pedir lo que falta con más LADA o más días, o preguntar en la "
            "conversación de su página."
        ),
    ),
    # Days have passed in pause: what they carried has later days now, as far as it fits.
    Move(
        name="replan",
        sources=_PAUSED,
        targets=_PAUSED,
        actors=_SYSTEM,
        label=_("Lo de sus días en pausa se planeó de nuevo"),
        event="replanned",
    ),
    # What the suspension of a brand does to each of its campaigns, and what its end does. The
    # brand's people get one notice of it, not one a campaign.
    Move(
        name="suspend",
        sources=frozenset({Status.APPROVED, *_RUNNING}),
        targets=_PAUSED,
        actors=_SYSTEM,
        label=_("Pausada: su marca está suspendida"),
        event="paused",
        advice=_("Sigue donde iba cuando Telefónica levante la suspensión de la marca."),
        notifies=False,
        pauses_as=PausedBy.SUSPENSION,
    ),
    Move(
        name="reinstate",
        sources=_PAUSED,
        targets=frozenset({Status.APPROVED, *_RUNNING}),
        actors=_SYSTEM,
        label=_("Reanudada: su marca ya no está suspendida"),
        event="resumed",
        notifies=False,
        ends_pauses=frozenset({PausedBy.SUSPENSION}),
    ),
)
