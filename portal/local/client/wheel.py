"""Packs the Python client as a wheel.

Source: PyPA, "Binary distribution format" 1.0. The same files always make the same bytes.
"""

import base64
import hashlib
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from portal.local.client import generator

CHECKOUT = Path(__file__).resolve().parents[3]
PROJECT = CHECKOUT / "client"
DESCRIPTION = CHECKOUT / "docs" / "api" / "openapi-v1.yaml"
PACKAGE = "llamada_perdida"
FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can hold


def build(folder: Path) -> Path:
    """Build the wheel in a folder, in place of older ones, and return its path."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    stem = f"{PACKAGE}-{project['version']}"
    files = package_files()
    files[f"{stem}.dist-info/METADATA"] = _metadata(project).encode()
    files[f"{stem}.dist-info/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: llamada-perdida\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n"
    )
    record = [f"{path},{_digest(content)},{len(content)}" for path, content in files.items()]
    record += [f"{stem}.dist-info/RECORD,,", ""]
    files[f"{stem}.dist-info/RECORD"] = "\n".join(record).encode()
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{stem}-py3-none-any.whl"
    draft = wheel.with_suffix(".new")
    _write_zip(draft, files)
    for older in folder.glob(f"{PACKAGE}-*.whl"):
        older.unlink()
    return draft.rename(wheel)


def package_files() -> dict[str, bytes]:
    """Return the package's files by their path: those written by hand and the operations."""
    files = {
        f"{PACKAGE}/{path.name}": path.read_bytes()
        for path in sorted((PROJECT / PACKAGE).iterdir())
        if path.suffix == ".py" or path.name == "py.typed"
    }
    files[f"{PACKAGE}/operations.py"] = generator.generate(read_description()).encode()
    return files


def read_description() -> Any:
    """Return the published OpenAPI description."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # without C it takes seconds
    return yaml.load(DESCRIPTION.read_text(), loader)  # noqa: S506 (both loaders are safe)


def _metadata(project: Mapping[str, Any]) -> str:
    fields = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {requirement}" for requirement in project["dependencies"]),
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(fields) + "\n\n" + (PROJECT / project["readme"]).read_text()


def _digest(content: bytes) -> str:
    """Return the hash as RECORD has it: urlsafe base64 without padding."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


def _write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, FIRST_ZIP_DATE), content, zipfile.ZIP_DEFLATED)
