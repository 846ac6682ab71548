"""The moves of a campaign's life: one table, and what follows from it.

Lifecycle, pages, API, webhooks, notices and mails read this table; none keeps a list of its own.
"""

from campaigns.moves.brand import API_ACTIONS, BRAND_MOVES, COPY, POSTED, brand_moves, buttons
from campaigns.moves.groups import EDITABLE, ENDED, EXPLAINED, ORDERED, PAUSING, UNDECIDED, WAITING
from campaigns.moves.move import Actor, Button, Move, Style
from campaigns.moves.staff import STAFF_MOVES, staff_moves
from campaigns.moves.status import PausedBy, Status, WaitingEnd
from campaigns.moves.table import MOVES

# Moves with the same result have the same type, whoever makes them.
MOVE_EVENT_TYPES = tuple(dict.fromkeys(move.event_type for move in MOVES.values()))

__all__ = [
    "API_ACTIONS",
    "BRAND_MOVES",
    "COPY",
    "EDITABLE",
    "ENDED",
    "EXPLAINED",
    "MOVES",
    "MOVE_EVENT_TYPES",
    "ORDERED",
    "PAUSING",
    "POSTED",
    "STAFF_MOVES",
    "UNDECIDED",
    "WAITING",
    "Actor",
    "Button",
    "Move",
    "PausedBy",
    "Status",
    "Style",
    "WaitingEnd",
    "brand_moves",
    "buttons",
    "staff_moves",
]
