import hashlib
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring database, catalogue, capacity and static files up to date; safe to repeat."

    def handle(self, **options: object) -> None:
        steps: dict[str, Callable[[], object]] = {
            "tables": lambda: call_command("migrate", verbosity=0, interactive=False),
            "cache table": lambda: call_command("createcachetable", verbosity=0),
            "static files": self._collect,
            "LADA catalogue": lambda: call_command("load_catalogue", stdout=self.stdout),
            "capacity": lambda: call_command("open_capacity", stdout=self.stdout),
        }
        if settings.EMBEDDED:
            steps["demo data"] = lambda: call_command("load_demo", stdout=self.stdout)
        for label, step in steps.items():
            start = perf_counter()
            step()
            self.stdout.write(f"step\t{label}\t{perf_counter() - start:.1f} s")
            self.stdout.flush()

    def _collect(self) -> None:
        """Collect and compress the static files, unless they are those of the last time."""
        stamp = Path(settings.STATIC_ROOT) / ".collected"
        wanted = _digest_of_sources()
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        stamp.unlink(missing_ok=True)
        call_command("collectstatic", verbosity=0, interactive=False)
        stamp.write_text(wanted)


def _digest_of_sources() -> str:
    """Name the static files as they stand: where each is, how large, when last changed."""
    found = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = Path(storage.path(path)).stat()
            found.update(f"{storage.path(path)}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return found.hexdigest()
