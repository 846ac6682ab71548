import hashlib
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import environ
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from portal.local.client import wheel


class Command(BaseCommand):
    help = "Bring database, catalogue, capacity, static files and client up to date; repeatable."

    def handle(self, **options: object) -> None:
        steps: dict[str, Callable[[], object]] = {
            "tables": lambda: call_command("migrate", verbosity=0, interactive=False),
            "cache table": lambda: call_command("createcachetable", verbosity=0),
            "static files": self._collect_static_files,
            "Python client": lambda: wheel.build(Path(settings.CLIENT_WHEELS)),
            "LADA catalogue": lambda: call_command("load_catalogue", stdout=self.stdout),
            "capacity": lambda: call_command("open_capacity", stdout=self.stdout),
        }
        if settings.EMBEDDED and environ.Env().bool("DEMO_CAMPAIGNS", default=True):
            steps["demo data"] = lambda: call_command("load_demo", stdout=self.stdout)
        for label, step in steps.items():
            self._write_line("begin", label)
            start = perf_counter()
            step()
            self._write_line("end", label, f"{perf_counter() - start:.1f} s")

    def _write_line(self, *fields: str) -> None:
        """Write a line for the launcher: `portal.local.launcher.prepare` reads it."""
        self.stdout.write("\t".join(fields))
        self.stdout.flush()

    def _collect_static_files(self) -> None:
        """Collect and compress the static files, unless none changed since the last time."""
        stamp = Path(settings.STATIC_ROOT) / ".collected"
        digest = _digest_of_sources()
        if stamp.is_file() and stamp.read_text() == digest:
            return
        stamp.unlink(missing_ok=True)
        call_command("collectstatic", verbosity=0, interactive=False)
        stamp.write_text(digest)


def _digest_of_sources() -> str:
    """Return a hash of path, size and modification time of every static file."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            source = storage.path(path)
            stat = Path(source).stat()
            digest.update(f"{source}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
