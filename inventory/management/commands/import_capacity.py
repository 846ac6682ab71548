from argparse import ArgumentParser
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.problems import Problem
from inventory import capacity_changes, capacity_preview
from inventory.capacity_preview import Preview
from inventory.errors import BadChange, InventoryError, NothingChanges, ReservationsAtRisk
from inventory.models import CapacityChange


class Command(BaseCommand):
    help = "Change capacity by a CSV file (dia,lada,capacidad): all of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--by", required=True, help="E-mail of the person responsible for the change."
        )
        parser.add_argument("--dry-run", action="store_true", help="Print what would change.")
        parser.add_argument(
            "--accept-risk",
            action="store_true",
            help="Apply the change even if it puts reservations at risk.",
        )

    def handle(
        self, *, file: Path, by: str, dry_run: bool, accept_risk: bool, **options: object
    ) -> None:
        user = get_user_model().objects.filter(email__iexact=by, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody has the e-mail {by}.")
        try:
            with file.open("rb") as data, transaction.atomic():
                change = capacity_changes.propose_file(data, by=user, note=file.name)
                self._report(capacity_preview.compute(change))
                transaction.set_rollback(dry_run)
            if dry_run:
                self.stdout.write("Dry run: nothing was changed.")
            else:
                self._apply(change, user, accept_risk=accept_risk)
        except NothingChanges as error:
            self.stdout.write(error.message)
        except BadChange as error:
            raise CommandError("\n".join(_lines(error))) from None
        except InventoryError as error:
            raise CommandError(error.message) from None
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from None

    def _apply(self, change: CapacityChange, user: AbstractUser, *, accept_risk: bool) -> None:
        try:
            capacity_changes.apply(change.pk, by=user, accept_risk=accept_risk)
        except ReservationsAtRisk:
            capacity_changes.discard(change.pk, by=user)
            raise
        self.stdout.write("Applied.")

    def _report(self, preview: Preview) -> None:
        self.stdout.write(
            f"{int(preview.changed.sum()):,} cells change: "
            f"{preview.on_sale:,} on sale before, {preview.then_on_sale:,} after."
        )
        for risk in preview.risks:
            self.stdout.write(f"At risk: {risk.reservation.reference}, {risk.more:,}.")


def _lines(error: BadChange) -> list[str]:
    lines = [error.message, *map(_line, error.problems.listed)]
    return [*lines, f"y {error.problems.more:,} más"] if error.problems.more else lines


def _line(problem: Problem) -> str:
    line = f"línea {problem.line}" if problem.line else ""
    place = ", ".join(part for part in (line, problem.column) if part)
    return f"{place}: {problem.message}" if place else problem.message
