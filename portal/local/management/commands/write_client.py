from typing import Any

from django.core.management.base import BaseCommand

from portal.api_docs.description import document
from portal.local.client import source


class Command(BaseCommand):
    """Write the Python client's operations anew from the API's description."""

    help = "Write client/llamada_perdida/operations.py from the OpenAPI description."

    def handle(self, *args: Any, **options: Any) -> None:
        source.PATH.write_text(source.write(document()))
