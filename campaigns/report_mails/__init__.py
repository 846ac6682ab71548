"""Mails with the results of campaigns: every week and at their end, to whom a brand chooses."""

from campaigns.report_mails.queue import queue_due, send_due

__all__ = ["queue_due", "send_due"]
