"""The moves of a campaign's life: one table, and what follows from it.

Lifecycle, pages, API, webhooks, notices and mails read this table; none keeps a list of its own.
"""

from campaigns.moves.brand import API_ACTIONS, BRAND_MOVES, COPY, POSTED, brand_moves, buttons
from campaigns.moves.groups import EDITABLE, ENDED, EXPLAINED, ORDERED, UNDECIDED, WAITING
from campaigns.moves.move import Actor, Button, Move, Style
from campaigns.moves.status import Status, WaitingEnd
from campaigns.moves.table import MOVES

EVENT_TYPES = tuple(move.event_type for move in MOVES.values())

__all__ = [
    "API_ACTIONS",
    "BRAND_MOVES",
    "COPY",
    "EDITABLE",
    "ENDED",
    "EVENT_TYPES",
    "EXPLAINED",
    "MOVES",
    "ORDERED",
    "POSTED",
    "UNDECIDED",
    "WAITING",
    "Actor",
    "Button",
    "Move",
    "Status",
    "Style",
    "WaitingEnd",
    "brand_moves",
    "buttons",
]
