from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from segments import catalogue, data_files, shapes


class Command(BaseCommand):
    help = "Dibuja el mapa de estados y zonas con los archivos del catálogo."

    def handle(self, *args: Any, **options: Any) -> None:
        files = shapes.draw(data_files.read(catalogue.DATA))
        shapes.write(shapes.ROOT, files)
        self.stdout.write(_("%(count)d archivos del mapa escritos.") % {"count": len(files)})
