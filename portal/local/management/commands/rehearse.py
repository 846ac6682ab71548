import time
from datetime import date, timedelta

import environ
import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.local import rehearsal
from portal.local.sandbox_control import SandboxControl

REPORT_EVERY = 5  # seconds
FIRST_SETTLED = timedelta(days=5)  # the last day whose receipts are certainly final


class Command(BaseCommand):
    help = (
        "Play a whole day of the channel against a running portal and its sandbox gateway, whose "
        "state is deleted; `make rehearse` does it with a portal of its own."
    )

    _reported_at = 0.0

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--day", nargs="?", type=date.fromisoformat, help="YYYY-MM-DD; five days ago"
        )
        parser.add_argument("--orders", type=int, default=200)
        parser.add_argument("--per-day", type=int, default=10_000_000, help="notifications")
        parser.add_argument("--seed", type=int, default=1)

    def handle(
        self, *, day: date | None, orders: int, per_day: int, seed: int, **options: object
    ) -> None:
        url = environ.Env().str("SANDBOX_CONTROL_URL", default="")
        if not url:
            raise CommandError(
                "SANDBOX_CONTROL_URL is not set: a day is played by the sandbox gateway only."
            )
        if orders < 1 or per_day < 1:
            raise CommandError("--orders and --per-day are at least 1.")
        day = day or timezone.localdate() - FIRST_SETTLED
        try:
            with SandboxControl(url) as gateway:
                result = rehearsal.play(
                    day,
                    orders=orders,
                    per_day=per_day,
                    seed=seed,
                    gateway=gateway,
                    report=self._report,
                )
        except httpx.HTTPError as error:
            raise CommandError(f"The sandbox gateway at {url} failed: {error}") from error
        except (ValueError, TimeoutError) as error:
            raise CommandError(str(error)) from error
        self._summary(result)

    def _report(self, line: str) -> None:
        """Show a line of progress: the last one on a terminal, one every few seconds in a file."""
        if self.stdout.isatty():
            self.stdout.write(f"\r\x1b[K{line}", ending="")
        elif time.monotonic() - self._reported_at < REPORT_EVERY:
            return
        else:
            self.stdout.write(line)
        self._reported_at = time.monotonic()
        self.stdout.flush()

    def _summary(self, result: rehearsal.Result) -> None:
        self.stdout.write("")
        seconds = result.selling + result.playing + result.settling
        share = 100 * result.reached / result.orders if result.orders else 0
        for label, value in (
            ("Day", f"{result.day}"),
            ("Orders", f"{result.orders:,}"),
            ("Booked", f"{result.booked:,}"),
            ("Inserted", f"{result.inserted:,}"),
            ("Shortfall", f"{result.shortfall:,} ({_percent(result.shortfall, result.booked)})"),
            ("Delivered", f"{result.delivered:,}"),
            ("Failed", f"{result.failed:,}"),
            ("Without receipt", f"{result.no_receipt:,}"),
            ("Orders at 99 % or more", f"{result.reached:,} ({share:.1f} %)"),
            ("Hourly rows", f"{result.rows:,}"),
            ("Selling", f"{result.selling:.0f} s"),
            ("The day, applied", f"{result.playing:.0f} s"),
            ("Three days of receipts", f"{result.settling:.0f} s"),
            ("Altogether", f"{seconds:.0f} s"),
        ):
            self.stdout.write(f"{label:<24} {value}")
        if result.differences:
            for difference in result.differences[:20]:
                self.stderr.write(difference)
            raise CommandError(f"The ledgers differ in {len(result.differences):,} places.")
        self.stdout.write("Both ledgers are equal to the last unit.")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "–"
