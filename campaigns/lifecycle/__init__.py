"""The life of a campaign, and the only writer of its status.

Every move locks the campaign's row, is checked against the table of `campaigns.moves`
and is recorded in the history, all in the transaction that also moves inventory
and the order. Locks are taken in one order: campaign, inventory, ad order.
"""

from campaigns.lifecycle.brand import (
    cancel,
    copy,
    delete,
    draft,
    edit,
    insert_link,
    pause,
    restore,
    resume,
    submit,
    withdraw,
)
from campaigns.lifecycle.paused_days import replan_paused
from campaigns.lifecycle.reviewer import approve, hold_again, reject, request_changes
from campaigns.lifecycle.risk import report_risk
from campaigns.lifecycle.staff import staff_cancel, staff_pause, staff_resume
from campaigns.lifecycle.suspension import reinstate, suspend
from campaigns.lifecycle.system import (
    advance_due,
    advance_sandbox,
    follow_plan,
    hold_one,
    hold_submitted,
    schedule,
)
from campaigns.lifecycle.transitions import lock
from campaigns.lifecycle.waiting import join, leave, offer_freed

__all__ = [
    "advance_due",
    "advance_sandbox",
    "approve",
    "cancel",
    "copy",
    "delete",
    "draft",
    "edit",
    "follow_plan",
    "hold_again",
    "hold_one",
    "hold_submitted",
    "insert_link",
    "join",
    "leave",
    "lock",
    "offer_freed",
    "pause",
    "reinstate",
    "reject",
    "replan_paused",
    "report_risk",
    "request_changes",
    "restore",
    "resume",
    "schedule",
    "staff_cancel",
    "staff_pause",
    "staff_resume",
    "submit",
    "suspend",
    "withdraw",
]
