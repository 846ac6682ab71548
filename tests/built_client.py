"""The Python client as users install it: the wheel is built and installed by pip."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from portal.local.client.wheel import build

_folder = TemporaryDirectory(prefix="llamada-perdida-client-")  # deleted when the process ends


@cache
def site_packages() -> Path:
    """Return a folder with the installed client, made once in each process."""
    target = Path(_folder.name) / "site-packages"
    pip_install(build(Path(_folder.name)), target)
    return target


def pip_install(wheel: Path | str, target: Path) -> None:
    """Install a wheel (its path or URL) in a folder, without its dependencies."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(target), str(wheel)], check=True)
