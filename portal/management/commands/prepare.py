from time import perf_counter

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring database, catalogue, capacity and static files up to date; safe to repeat."

    def handle(self, **options: object) -> None:
        for label, command, arguments in (
            ("tables", "migrate", {"verbosity": 0, "interactive": False}),
            ("cache table", "createcachetable", {"verbosity": 0}),
            ("static files", "collectstatic", {"verbosity": 0, "interactive": False}),
            ("LADA catalogue", "load_catalogue", {}),
            ("capacity", "open_capacity", {}),
            ("demo data", "load_demo", {}),
        ):
            if command == "load_demo" and not settings.EMBEDDED:
                continue
            start = perf_counter()
            call_command(command, stdout=self.stdout, **arguments)
            self.stdout.write(f"step\t{label}\t{perf_counter() - start:.1f} s")
            self.stdout.flush()
