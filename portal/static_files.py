"""Storage of static files with hashed names and joined stylesheets."""

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'^@import url\("([^"]+)"\);$', re.MULTILINE)
RELATIVE_URL = re.compile(r"""url\((?!\s*["']?data:)""")

Sources = dict[str, tuple[Storage, str]]


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Hashed names for files that are cached forever, also inside ES module imports.

    A stylesheet that imports others is stored with their text in place of the imports, so that a
    page requests one file. Where nothing is collected (DEBUG, tests in process) the browser
    follows the imports itself.
    """

    support_js_module_import_aggregation = True

    def post_process(
        self, paths: Sources, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run:
            paths = paths | {name: self._joined(name, paths) for name in _importers(paths)}
        yield from super().post_process(paths, dry_run, **options)

    def _joined(self, name: str, paths: Sources) -> tuple[Storage, str]:
        """Store a joined stylesheet; return its storage and path."""
        text = joined_stylesheet(name, paths)
        self.delete(name)
        self._save(name, ContentFile(text.encode()))
        return self, name


def _importers(paths: Sources) -> list[str]:
    sheets = [name for name in paths if name.startswith("css/") and name.endswith(".css")]
    return [name for name in sheets if IMPORT.search(_read(name, paths))]


def joined_stylesheet(name: str, paths: Sources) -> str:
    """Return a stylesheet with each of its imports replaced by the text of the imported file.

    Reads the sources, since an earlier run may have joined the stored file. Raise
    ImproperlyConfigured for an import that does not exist, and for an imported stylesheet that
    imports another or has a relative url(), which would resolve against the wrong folder.
    """

    def imported(match: re.Match[str]) -> str:
        part = normpath(join(dirname(name), match[1]))
        if part not in paths:
            raise ImproperlyConfigured(f"{name} imports {part}, which is not there")
        text = _read(part, paths)
        if IMPORT.search(text) or RELATIVE_URL.search(text):
            raise ImproperlyConfigured(f"{part}: only data: addresses in an imported stylesheet")
        return text.strip()

    return IMPORT.sub(imported, _read(name, paths))


def _read(name: str, paths: Sources) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        content: bytes = file.read()
    return content.decode()
