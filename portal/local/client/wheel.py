"""The Python client as a wheel, put together from the folder client/ once in each process.

Source: PyPA, "Binary distribution format" 1.0. The same files make the same bytes.
"""

import base64
import hashlib
import io
import tomllib
import zipfile
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse

FOLDER = settings.BASE_DIR / "client"
PACKAGE = "llamada_perdida"
BEGINNING = (1980, 1, 1, 0, 0, 0)  # of time, for zip files


def name() -> str:
    return f"{_stem()}-py3-none-any.whl"


def address() -> str:
    """Give where the portal serves it."""
    return reverse("api_client", args=[name()])


@cache
def build() -> bytes:
    files = {
        f"{PACKAGE}/{path.name}": path.read_bytes()
        for path in sorted((FOLDER / PACKAGE).iterdir())
        if path.suffix == ".py" or path.name == "py.typed"
    }
    info = f"{_stem()}.dist-info"
    files[f"{info}/METADATA"] = _metadata().encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: llamada-perdida\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n"
    )
    record = [f"{path},{_digest(body)},{len(body)}" for path, body in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in files.items():
            archive.writestr(zipfile.ZipInfo(path, BEGINNING), body, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


@cache
def _project() -> dict[str, Any]:
    return dict(tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"])


def _stem() -> str:
    return f"{PACKAGE}-{_project()['version']}"


def _metadata() -> str:
    project = _project()
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {each}" for each in project["dependencies"]),
    ]
    return "\n".join(lines) + "\n"


def _digest(body: bytes) -> str:
    told = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
    return f"sha256={told}"
