import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'^@import url\("([^"]+)"\);$', re.MULTILINE)
ELSEWHERE = re.compile(r"""url\((?!\s*["']?data:)""")

Sources = dict[str, tuple[Storage, str]]


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Hashed names for ever-cached files, also inside ES module imports.

    A stylesheet that imports others is stored with their text in its place: the
    files of components stay small, and a page still asks for one. Where nothing is
    collected (DEBUG, tests in process) the browser follows the imports itself.
    """

    support_js_module_import_aggregation = True

    def post_process(
        self, paths: Sources, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run:
            paths = paths | {name: self._joined(name, paths) for name in _importers(paths)}
        yield from super().post_process(paths, dry_run, **options)

    def _joined(self, name: str, paths: Sources) -> tuple[Storage, str]:
        """Store a stylesheet with its imports in their place, and give where it is."""
        text = joined_stylesheet(name, paths)
        self.delete(name)
        self._save(name, ContentFile(text.encode()))
        return self, name


def _importers(paths: Sources) -> list[str]:
    sheets = [name for name in paths if name.startswith("css/") and name.endswith(".css")]
    return [name for name in sheets if IMPORT.search(_read(name, paths))]


def joined_stylesheet(name: str, paths: Sources) -> str:
    """Give a stylesheet with each of its imports replaced by the text it imports.

    Read from the sources and not from what is stored, which an earlier run joined.
    Raises ImproperlyConfigured for an import of what is not there, and for an imported
    sheet that names a file: its address would be looked for in the wrong folder.
    """

    def text(found: re.Match[str]) -> str:
        part = normpath(join(dirname(name), found[1]))
        if part not in paths:
            raise ImproperlyConfigured(f"{name} imports {part}, which is not there")
        written = _read(part, paths)
        if IMPORT.search(written) or ELSEWHERE.search(written):
            raise ImproperlyConfigured(f"{part}: only data: addresses in an imported stylesheet")
        return written.strip()

    return IMPORT.sub(text, _read(name, paths))


def _read(name: str, paths: Sources) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        content: bytes = file.read()
    return content.decode()
