"""The ad text law in the browser returns what the law in Python does, character by character."""

import dataclasses
import json
import os
import random
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from campaigns import ad_text
from tests import sizes
from tests.campaigns.ad_text.strings import LIMITS, VECTORS, strings

STATIC = Path(__file__).parents[2] / "static"
STRINGS = sizes.pick(2_000, 10_000)
BATCH = 500  # cases that the browser gets at a time
JUDGE = """
async ([cases, law]) => {
  const { normalise, check, advice, fix } = await import("/js/ad-text-law.js");
  window.law ??= law;
  return cases.map(([text, limit]) => JSON.stringify([
    normalise(text, window.law),
    check(text, limit, window.law),
    advice(text, window.law),
    fix(text, limit, window.law),
  ]));
}
"""


class SilentHandler(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture
def static_url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SilentHandler, directory=STATIC))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def expected(text, limit):
    fixed = ad_text.fix(text, limit=limit)
    return [
        ad_text.normalise(text),
        as_dicts(ad_text.check(text, limit=limit)),
        as_dicts(ad_text.advice(text)),
        {
            "text": fixed.text,
            "changes": [dataclasses.asdict(change) for change in fixed.changes],
            "undecided": as_dicts(fixed.undecided),
        },
    ]


def as_dicts(problems):
    names = [*ad_text.Problem.__dataclass_fields__, "remedy"]
    return [{name: getattr(problem, name) for name in names} for problem in problems]


def differences(page, cases):
    """Return the cases where browser and Python differ, with the results of both."""
    law = ad_text.as_data()
    found = []
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        # Escaped, so that broken surrogates arrive unchanged; the law is sent once.
        arguments = json.dumps([batch, None if start else law])
        for case, result in zip(batch, page.evaluate(f"({JUDGE})({arguments})"), strict=True):
            if (browser := json.loads(result)) != (python := expected(*case)):
                found.append((case, browser, python))
    return found


@pytest.mark.browser
def test_the_browser_agrees_with_python(page, static_url):
    vectors = [json.loads(line) for line in VECTORS.read_text("utf-8").splitlines()]
    page.goto(f"{static_url}/js/ad-text-law.js")

    assert differences(page, [[v["text"], v.get("limit", 90)] for v in vectors]) == []


@pytest.mark.browser
def test_the_browser_agrees_with_python_on_random_strings(page, static_url):
    """Other strings at each run. The message of a failure has the seed that repeats them."""
    seed = int(os.environ.get("AD_TEXT_SEED") or random.randrange(10**9))
    limits = random.Random(seed)
    cases = [[text, limits.choice(LIMITS)] for text in strings(seed, STRINGS)]
    page.goto(f"{static_url}/js/ad-text-law.js")

    different = differences(page, cases)

    message = f"AD_TEXT_SEED={seed}: {len(different)} of {STRINGS} differ, first {different[:3]}"
    assert not different, message
