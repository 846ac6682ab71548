"""The quick start of the documentation, word by word, by real processes on the real portal."""

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
from portal.accounts import api_clients
from portal.api_settings import SCOPES
from tests.processes import ROOT, Celery, Sandbox, Web, wait_until

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

PATIENCE = 60  # seconds
EXAMPLES = ROOT / "docs" / "api"


@pytest.fixture
def portal(tmp_path, on_sale):
    with Sandbox(tmp_path / "gateway") as gateway:
        web = Web(tmp_path / "web")
        worker, beat = Celery("worker", gateway), Celery("beat", gateway)
        yield web.url
        for process in (worker, beat, web):
            process.stop()


@pytest.fixture
def program(brand, owner):
    return api_clients.create(brand.pk, "Agencia Norte", list(SCOPES), by=owner)


def blocks(page: str) -> list[str]:
    found = re.findall(r"<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)
    return [html.unescape(each) for each in found]


def shown(url: str, name: str) -> str:
    """Give an example from the page itself; it must be the file's, to the letter."""
    text = (EXAMPLES / name).read_text().strip()
    page = httpx.get(f"{url}/api/", trust_env=False).text
    assert text in blocks(page)
    return text


def run(command: list[str], url: str, program, **more: str) -> str:
    """Run an example as its reader does: with nothing but what the page says to set."""
    done = subprocess.run(
        command,
        env={
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "LP_URL": url,
            "LP_ID": program.client.client_id,
            "LP_SECRET": program.secret,
            "NO_PROXY": "127.0.0.1",
        }
        | more,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_quick_start_in_python(portal, program, tmp_path):
    script = tmp_path / "quick_start.py"
    script.write_text(shown(portal, "quick_start.py"))

    said = run([sys.executable, str(script)], portal, program, PYTHONPATH=str(ROOT / "client"))

    campaign = Campaign.objects.get()
    assert campaign.status == "in_review"
    assert said.splitlines() == [
        "Quedan 46 caracteres",
        "Caben 60000 notificaciones",
        f"Borrador {campaign.folio}",
        "En revisión",
    ]
    assert str(campaign.versions.get().sent_by) == "Agencia Norte"


def test_the_quick_start_in_curl(portal, program, tmp_path):
    assert shutil.which("curl"), "no curl: `make test` installs it"
    script = tmp_path / "quick_start.sh"
    script.write_text(shown(portal, "quick_start.sh"))

    said = run(["bash", str(script)], portal, program)
    again = run(["bash", str(script)], portal, program)

    campaign = Campaign.objects.get()
    wait_until(lambda: Campaign.objects.get().status == "in_review", timeout=PATIENCE)
    for each in (said, again):
        assert '"valid":true' in each
        assert f'"id":"{campaign.folio}"' in each


def test_the_change_that_the_page_shows(portal, program, tmp_path):
    text = shown(portal, "update.py")
    script = tmp_path / "change.py"
    script.write_text(
        text
        + "\n\nimport os\n"
        + 'with Client(os.environ["LP_URL"], os.environ["LP_ID"], os.environ["LP_SECRET"]) as lp:\n'
        + '    folio = lp.create_campaign({"name": "Idea", "volume": 1})["id"]\n'
        + "    raise_volume(lp, folio, 70_000)\n"
    )

    run([sys.executable, str(script)], portal, program, PYTHONPATH=str(ROOT / "client"))

    assert Campaign.objects.get().volume == 70_000


def test_what_the_examples_need_is_there():
    there = {path.name for path in Path(EXAMPLES).iterdir()}
    assert there - {"openapi-v1.yaml"} == {
        "quick_start.py",
        "quick_start.sh",
        "update.py",
        "webhook.py",
    }
