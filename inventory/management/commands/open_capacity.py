from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from inventory import capacity
from segments.models import Lada


class Command(BaseCommand):
    help = "Put channel days on sale, from today."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=settings.HORIZON_DAYS)

    def handle(self, *, days: int, **options: object) -> None:
        if not 1 <= days <= 730:
            raise CommandError("--days takes 1 to 730.")
        if not Lada.objects.exists():
            raise CommandError("There are no LADAs yet: run load_catalogue first.")
        opened = capacity.open_days(days)
        self.stdout.write(f"{days} days on sale, {opened:,} new cells.")
