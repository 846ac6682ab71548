from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.api_docs import description
from portal.local import contract


class Command(BaseCommand):
    help = "Write the API's description to docs/api/openapi-v1.yaml, unless it breaks clients."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--break",
            action="store_true",
            dest="breaks",
            help="publish it although it breaks clients: before the first one, or as v2",
        )

    def handle(self, *, breaks: bool, **options: Any) -> None:
        published = description.PUBLISHED
        if published.exists() and not breaks:
            old = yaml.safe_load(published.read_text())
            if found := contract.breaking_changes(old, description.document()):
                lines = "\n".join(f"  {line}" for line in found)
                raise CommandError(
                    f"This breaks clients of {published.name}; nothing was written:\n{lines}"
                )
        published.parent.mkdir(parents=True, exist_ok=True)
        published.write_bytes(description.as_yaml())
        self.stdout.write(f"{published.name} is what is served.")
