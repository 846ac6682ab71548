"""A stylesheet that imports others is stored as one, from its sources."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

from portal.static_files import HashedStorage, joined_stylesheet

CSS = Path(__file__).resolve().parents[2] / "static" / "css"


@pytest.fixture
def written(tmp_path):
    """Write the sources of a stylesheet, and return what collectstatic stores."""

    def write(**sheets):
        for name, text in sheets.items():
            path = tmp_path / "css" / name.replace("__", "/")
            path = path.with_suffix(".css")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        storage = FileSystemStorage(tmp_path)
        names = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.css")]
        return {name: (storage, name) for name in names}

    return write


def test_imports_are_replaced_by_the_imported_files_in_order(written):
    paths = written(
        all='/* a */\n@import url("parts/b.css");\n@import url("parts/a.css");\n',
        parts__a="a {\n  top: 0;\n}\n",
        parts__b='b {\n  mask: url("data:image/svg+xml,x");\n}\n',
    )

    assert joined_stylesheet("css/all.css", paths) == (
        '/* a */\nb {\n  mask: url("data:image/svg+xml,x");\n}\na {\n  top: 0;\n}\n'
    )


def test_an_import_that_does_not_exist_is_refused(written):
    paths = written(all='@import url("parts/a.css");\n')

    with pytest.raises(ImproperlyConfigured, match=r"all\.css imports css/parts/a\.css"):
        joined_stylesheet("css/all.css", paths)


@pytest.mark.parametrize(
    "text",
    [
        'a {\n  mask: url("../img/x.svg");\n}',
        "a {\n  mask: url(../img/x.svg);\n}",
        '@import url("c.css");',
    ],
)
def test_an_imported_sheet_that_names_a_file_is_refused(written, text):
    paths = written(all='@import url("parts/a.css");\n', parts__a=text)

    with pytest.raises(ImproperlyConfigured, match=r"parts/a\.css: only data"):
        joined_stylesheet("css/all.css", paths)


def test_what_is_stored_follows_its_sources_at_every_run(written, tmp_path, settings):
    settings.STATIC_ROOT = tmp_path / "stored"
    storage = HashedStorage()
    for text in ("a { top: 0 }", "a { top: 1px }"):
        paths = written(all='@import url("parts/a.css");\n', parts__a=text)
        for name, (source, path) in paths.items():
            if not storage.exists(name):  # as collectstatic: what it has already is left alone
                with source.open(path) as file:
                    storage._save(name, file)
        done = {name: hashed for name, hashed, _ in storage.post_process(paths)}

        assert (tmp_path / "stored" / done["css/all.css"]).read_text() == f"{text}\n"
        assert (tmp_path / "stored" / "css" / "all.css").read_text() == f"{text}\n"


def test_without_the_join_a_page_would_request_every_part(written, tmp_path, settings):
    """The negative control: Django's own storage leaves the imports in place."""
    settings.STATIC_ROOT = tmp_path / "stored"
    storage = StaticFilesStorage()
    paths = written(all='@import url("parts/a.css");\n', parts__a="a { top: 0 }")
    source, path = paths["css/all.css"]
    with source.open(path) as file:
        storage._save("css/all.css", file)

    assert "@import" in (tmp_path / "stored" / "css" / "all.css").read_text()


def test_every_part_is_imported_once_and_stays_short():
    imported = [
        (sheet.parent / part).relative_to(CSS).as_posix()
        for sheet in CSS.glob("*.css")
        for part in re.findall(r'@import url\("([^"]+)"\);', sheet.read_text())
    ]
    parts = [path.relative_to(CSS).as_posix() for path in CSS.glob("*/*.css")]

    assert sorted(imported) == sorted(parts)
    lines = {path: len((CSS / path).read_text().splitlines()) for path in parts}
    assert {path: count for path, count in lines.items() if count > 220} == {}
