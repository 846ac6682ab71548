"""The booking status of a campaign as OpenDirect names it.

Source: IAB Tech Lab OpenDirect 2.1, "Line.BookingStatus".
"""

from collections.abc import Mapping

from campaigns.models import Campaign

Status = Campaign.Status

BOOKING: Mapping[str, str] = {
    Status.DRAFT: "Draft",
    Status.RESERVING: "PendingReservation",
    Status.NO_INVENTORY: "Declined",
    Status.IN_REVIEW: "Reserved",
    Status.CHANGES_REQUESTED: "Draft",
    Status.APPROVED: "PendingBooking",
    Status.SCHEDULED: "Booked",
    Status.LIVE: "InFlight",
    Status.PAUSED: "Pause",
    Status.FINISHED: "Finished",
    Status.REJECTED: "Declined",
    Status.CANCELLED: "Canceled",
    Status.EXPIRED: "Expired",
    Status.DELETED: "Canceled",
}
