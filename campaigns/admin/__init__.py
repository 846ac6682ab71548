"""The reviewers' side of campaigns: the queue, the decision, and what there is to look up."""

from campaigns.admin import brands, orders, queue, records, webhooks

__all__ = ["brands", "orders", "queue", "records", "webhooks"]
