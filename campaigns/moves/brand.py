"""The moves that a brand may make with a campaign now, and the buttons of its pages."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from campaigns.moves.move import Actor, Button, Move, Style
from campaigns.moves.table import MOVES

BRAND_MOVES = tuple(m for m in MOVES.values() if Actor.BRAND in m.actors and m.sources)

# A copy is a new campaign: no move of its source, and allowed whatever its status.
COPY = Button(
    verb="copiar",
    label=_("Copiar"),
    done=_("Copiada como borrador. Cambia lo que haga falta."),
    style=Style.LINK,
    in_list=True,
)

# The moves by the verbs that pages post, and the buttons with these verbs.
POSTED: Mapping[str, tuple[Move, Button]] = {
    button.verb: (move, button) for move in BRAND_MOVES for button in move.buttons if button.done
}

API_ACTIONS = (*(move.api_action for move in BRAND_MOVES), "copy")


def brand_moves(status: str, *, waiting: bool | None, paused_by: str = "") -> list[Move]:
    """Return the moves that a brand may make of a campaign, in the order of the table.

    `waiting`: whether the campaign has an open entry in the waiting list; None: it has none,
    and cannot get one. `paused_by` is a PausedBy, or empty.
    """
    return [
        move
        for move in BRAND_MOVES
        if status in move.sources
        and move.while_waiting in (None, waiting)
        and move.may_end(paused_by)
    ]


def buttons(
    status: str, *, waiting: bool | None = None, offered: bool = False, paused_by: str = ""
) -> list[Button]:
    """Return the buttons of a campaign's page, the most important first.

    `waiting` and `paused_by` are as above. `offered`: the campaign holds an offer of the waiting
    list.
    """
    found = [
        button
        for move in brand_moves(status, waiting=waiting, paused_by=paused_by)
        for button in move.buttons
        if button.with_offer in (None, offered) and status not in button.not_in
    ]
    return sorted([*found, COPY], key=lambda button: list(Style).index(button.style))
