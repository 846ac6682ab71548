"""The life of a campaign, and the only writer of its status.

Every move locks the campaign's row, is checked against the one table of moves
and writes one history row, all in the transaction that also moves inventory
and the order. Locks are taken in one order: campaign, inventory, ad order.
"""

from campaigns.lifecycle.brand import (
    cancel,
    copy,
    draft,
    edit,
    insert_link,
    pause,
    resume,
    submit,
    withdraw,
)
from campaigns.lifecycle.clock import follow_plan, hold_submitted, schedule, turn_clock
from campaigns.lifecycle.moves import MOVES, OF_BRAND, lock, open_to_brand
from campaigns.lifecycle.reviewer import approve, reject, request_changes
from campaigns.lifecycle.waiting import join, leave, offer_freed

__all__ = [
    "MOVES",
    "OF_BRAND",
    "approve",
    "cancel",
    "copy",
    "draft",
    "edit",
    "follow_plan",
    "hold_submitted",
    "insert_link",
    "join",
    "leave",
    "lock",
    "offer_freed",
    "open_to_brand",
    "pause",
    "reject",
    "request_changes",
    "resume",
    "schedule",
    "submit",
    "turn_clock",
    "withdraw",
]
