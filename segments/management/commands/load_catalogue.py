from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from segments import catalogue


class Command(BaseCommand):
    help = "Carga estados, zonas, LADA y municipios. Repetirlo no cambia nada."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            nargs="?",
            type=Path,
            default=catalogue.DATA,
            help="Carpeta de los archivos; sin ella, los que trae el proyecto.",
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="Compara renglón por renglón aunque los archivos sean los mismos.",
        )

    def handle(self, *args: Any, folder: Path, force: bool, **options: Any) -> None:
        try:
            summary = catalogue.load(folder, force=force)
        except catalogue.CatalogueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _(
                "%(states)d estados, %(zones)d zonas, %(ladas)d LADA, "
                "%(municipalities)d municipios, %(shares)d cruces de LADA y municipio "
                "(%(added)d nuevos, %(changed)d cambiados, %(removed)d retirados) "
                "en %(seconds).2f s."
            )
            % vars(summary)
        )
