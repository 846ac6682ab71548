from typing import Any

from django.core.management.base import BaseCommand

from portal.api import client_source
from portal.api.description import document


class Command(BaseCommand):
    """Write the Python client's operations anew from the API's description."""

    help = "Write client/llamada_perdida/operations.py from the OpenAPI description."

    def handle(self, *args: Any, **options: Any) -> None:
        client_source.PATH.write_text(client_source.write(document()))
