"""Encrypt all stored secrets with the first of ENCRYPTION_KEYS, so that the others can go."""

from typing import Any

from django.core.management.base import BaseCommand

from campaigns.webhooks import subscriptions
from portal.accounts import second_factors


class Command(BaseCommand):
    help = "Encrypt the secrets of webhooks and second factors with the first of ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        webhooks, factors = subscriptions.reencrypt(), second_factors.reencrypt()
        self.stdout.write(f"Encrypted anew: {webhooks} webhooks, {factors} second factors.")
