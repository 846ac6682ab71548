"""The moves that staff may make with a campaign outside of a review."""

from campaigns.moves.move import Move
from campaigns.moves.table import MOVES

STAFF_MOVES = tuple(move for move in MOVES.values() if move.staff_label)


def staff_moves(status: str, *, paused_by: str) -> list[Move]:
    """Return the moves that staff may make of a campaign, in the order of the table."""
    return [move for move in STAFF_MOVES if status in move.sources and move.may_end(paused_by)]
