from typing import Any

from django.core.management.base import BaseCommand

from portal.local import catalogue


class Command(BaseCommand):
    help = "Finds the texts of the code, writes locale/en/LC_MESSAGES/django.po and compiles it."

    def handle(self, *args: Any, **options: Any) -> None:
        updated = catalogue.update()
        missing = catalogue.untranslated(updated)
        for text in missing:
            self.stdout.write(text)
        self.stdout.write(f"{len(updated)} texts, {len(missing)} without a translation.")
