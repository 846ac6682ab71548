from argparse import ArgumentParser
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from inventory import capacity, capacity_changes


class Command(BaseCommand):
    help = "Write capacity as CSV, in the format of import_capacity."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from",
            dest="first",
            type=date.fromisoformat,
            help="First day, as 2026-12-05; by default the first that may change.",
        )
        parser.add_argument(
            "--to", dest="last", type=date.fromisoformat, help="Last day; by default the last open."
        )

    def handle(self, *, first: date | None, last: date | None, **options: object) -> None:
        first = first or capacity_changes.first_day()
        last = last or capacity.last_open_day()
        if last is None:
            raise CommandError("No day is open yet: run open_capacity first.")
        if last < first:
            raise CommandError("--to comes before --from.")
        for chunk in capacity.as_csv(first, last):
            self.stdout.write(chunk, ending="")
