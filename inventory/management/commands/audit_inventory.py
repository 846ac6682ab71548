from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory import audit


class Command(BaseCommand):
    help = "Audit the whole inventory; the exit code is 1 where there are breaches."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="Print breaches only.")

    def handle(self, *, quiet: bool, **options: object) -> None:
        result = audit.run()
        if not quiet:
            self.stdout.write(
                _(
                    "{cells:,} celdas y {reservations:,} apartados en {seconds:.1f} s.\n"
                    "De hoy en adelante: {capacity:,} a la venta, {held:,} apartadas, "
                    "{booked:,} comprometidas, {at_risk:,} en riesgo."
                ).format(**vars(result))
            )
        for breach in result.breaches:
            self.stdout.write("{kind}: {where}. {message}".format(**breach))
        if not result.agrees:
            count = len(result.breaches)
            raise CommandError(
                ngettext("{count:,} hallazgo.", "{count:,} hallazgos.", count).format(count=count)
            )
        if not quiet:
            self.stdout.write(_("Todo coincide."))
