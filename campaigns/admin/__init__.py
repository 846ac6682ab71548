"""The admin of campaigns, for reviewers: the queue, the decision page, and read-only records."""

from campaigns.admin import (
    brands,
    campaigns,
    certificates,
    channel,
    drifts,
    inbox,
    orders,
    rate_cards,
    records,
    staff_reports,
    test_deliveries,
    webhooks,
)

__all__ = [
    "brands",
    "campaigns",
    "certificates",
    "channel",
    "drifts",
    "inbox",
    "orders",
    "rate_cards",
    "records",
    "staff_reports",
    "test_deliveries",
    "webhooks",
]
