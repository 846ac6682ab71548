"""The examples of the documentation, run unchanged against a portal of real processes."""

import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from campaigns.models import Campaign
from campaigns.sandbox_brands import brand as sandbox_brand
from portal.accounts import api_clients
from portal.api_settings import SCOPES
from portal.local.client import wheel
from tests.built_client import pip_install
from tests.processes import ROOT, Celery, Sandbox, Web, wait_until

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

PATIENCE = 60  # seconds
EXAMPLES = ROOT / "docs" / "api"


@pytest.fixture
def portal(tmp_path, on_sale):
    with Sandbox(tmp_path / "gateway") as gateway:
        wheel.build(tmp_path / "wheels")
        web = Web(tmp_path / "web", CLIENT_WHEELS=str(tmp_path / "wheels"))
        worker, beat = Celery("worker", gateway), Celery("beat", gateway)
        yield web.url
        for process in (worker, beat, web):
            process.stop()


@pytest.fixture
def credentials(brand, owner):
    return api_clients.create(brand.pk, "Agencia Norte", list(SCOPES), by=owner)


@pytest.fixture
def client_path(portal, tmp_path):
    """Install the client as the page says, and return the folder to import it from."""
    (command,) = (block for block in code_blocks(portal) if block.startswith("pip install "))
    url = command.removeprefix("pip install ")
    pip_install(url, tmp_path / "site-packages")
    return str(tmp_path / "site-packages")


def code_blocks(url: str) -> list[str]:
    """Return the text of every code block of the documentation."""
    page = httpx.get(f"{url}/api/", trust_env=False, timeout=PATIENCE).text
    blocks = re.findall(r"<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)
    return [html.unescape(block).strip() for block in blocks]


def example(url: str, name: str) -> str:
    """Return an example, which the page must show exactly as the file has it."""
    text = (EXAMPLES / name).read_text().strip()
    assert text in code_blocks(url)
    return text


def run(command: list[str], url: str, credentials, **environment: str) -> str:
    """Run an example with nothing but the variables that the page says to set."""
    process = subprocess.run(
        command,
        env={
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "LP_URL": url,
            "LP_ID": credentials.client.client_id,
            "LP_SECRET": credentials.secret,
            "NO_PROXY": "127.0.0.1",
        }
        | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def test_the_quick_start_in_python(portal, credentials, client_path, tmp_path):
    script = tmp_path / "quick_start.py"
    script.write_text(example(portal, "quick_start.py"))

    output = run([sys.executable, str(script)], portal, credentials, PYTHONPATH=client_path)

    campaign = Campaign.objects.get()
    assert campaign.status == "in_review"
    assert output.splitlines() == [
        "Quedan 46 caracteres",
        "Caben 60000 notificaciones",
        f"Borrador {campaign.folio}",
        "En revisión",
    ]
    assert str(campaign.versions.get().sent_by) == "Agencia Norte"


def test_the_quick_start_in_curl(portal, credentials, tmp_path):
    assert shutil.which("curl"), "no curl: `make test` installs it"
    script = tmp_path / "quick_start.sh"
    script.write_text(example(portal, "quick_start.sh"))

    first = run(["bash", str(script)], portal, credentials)
    second = run(["bash", str(script)], portal, credentials)

    campaign = Campaign.objects.get()
    wait_until(lambda: Campaign.objects.get().status == "in_review", timeout=PATIENCE)
    for output in (first, second):
        assert '"valid":true' in output
        assert f'"id":"{campaign.folio}"' in output


def test_the_example_of_a_change(portal, credentials, client_path, tmp_path):
    text = example(portal, "update.py")
    script = tmp_path / "change.py"
    script.write_text(
        text
        + "\n\nimport os\n"
        + 'with Client(os.environ["LP_URL"], os.environ["LP_ID"], os.environ["LP_SECRET"]) as lp:\n'
        + '    folio = lp.create_campaign({"name": "Idea", "volume": 1})["id"]\n'
        + "    raise_volume(lp, folio, 70_000)\n"
    )

    run([sys.executable, str(script)], portal, credentials, PYTHONPATH=client_path)

    assert Campaign.objects.get().volume == 70_000


def test_the_test_of_a_program_in_a_sandbox(portal, credentials, client_path, tmp_path, owner):
    sandbox = sandbox_brand.create(credentials.client.brand_id, by=owner)
    tester = api_clients.create(sandbox.pk, "Pruebas", list(SCOPES), by=owner)
    script = tmp_path / "sandbox_test.py"
    script.write_text(example(portal, "sandbox_test.py"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider"]

    output = run([*command, str(script)], portal, tester, PYTHONPATH=client_path)

    assert "1 passed" in output
    with pytest.raises(AssertionError, match="SANDBOX_ONLY"):
        run([*command, str(script)], portal, credentials, PYTHONPATH=client_path)


def test_every_example_file_is_tested():
    names = {path.name for path in Path(EXAMPLES).iterdir()}
    assert names - {"openapi-v1.yaml"} == {
        "quick_start.py",
        "quick_start.sh",
        "results.py",
        "sandbox_test.py",
        "update.py",
        "webhook.py",
    }
