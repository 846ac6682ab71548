"""One law: the browser's engine answers as Python's does, to the last character."""

import dataclasses
import json
import random
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from campaigns import ad_text

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "campaigns" / "ad_text_vectors.jsonl"
SEED = 20_271_122
WORDS = (
    "55 1234 5678 800 123 01 044 +52 - . , ( ) : ; ! ¡ ¿ ? % & + … “ ” ' ñ año mañana Campaña "
    "CAÑÓN á É x\u0303 n\u0303 e\u0301 ½ € * # *611 🎉 👨\u200d👩\u200d👧 🇲🇽 1\ufe0f\u20e3 \u200b "
    "５ Ａ ß Д 日 https:// www. movistar.mx /promo hoy.la $1,000.00 2x1 PROMO \ud83d \udc00 \u0301"
)
FRAGMENTS = [*WORDS.split(" "), " ", "\n"]
ANSWER = """
async ([cases, law]) => {
  const { normalise, check, advice, fix } = await import("/js/ad-text-law.js");
  return cases.map(([text, limit]) => JSON.stringify([
    normalise(text, law), check(text, limit, law), advice(text, law), fix(text, limit, law),
  ]));
}
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture
def static_url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=ROOT / "static"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def random_text(rng):
    kind = rng.random()
    if kind < 0.5:
        return "".join(rng.choice(FRAGMENTS) for _ in range(rng.randint(0, 25)))
    if kind < 0.75:
        return "".join(rng.choice("0123456789 .-():$,/+5581") for _ in range(rng.randint(5, 60)))
    ranges = [(32, 126), (0xA0, 0x24F), (0x300, 0x36F), (0x2000, 0x2BFF), (0x1F000, 0x1FFFF)]
    if kind < 0.95:
        return "".join(chr(rng.randint(*rng.choice(ranges))) for _ in range(rng.randint(0, 40)))
    return "".join(chr(rng.randint(0, 0x10FFFF)) for _ in range(rng.randint(0, 30)))


def answer(text, limit):
    def plainly(problems):
        return [{**dataclasses.asdict(p), "remedy": p.remedy} for p in problems]

    fixed = ad_text.fix(text, limit=limit)
    return [
        ad_text.normalise(text),
        plainly(ad_text.check(text, limit=limit)),
        plainly(ad_text.advice(text)),
        {
            "text": fixed.text,
            "changes": [dataclasses.asdict(change) for change in fixed.changes],
            "undecided": plainly(fixed.undecided),
        },
    ]


@pytest.mark.browser
def test_the_browser_answers_as_python_does(page, static_url):
    vectors = [json.loads(line) for line in VECTORS.read_text("utf-8").splitlines()]
    rng = random.Random(SEED)
    cases = [[v["text"], v.get("limit", ad_text.DEFAULT_LIMIT)] for v in vectors]
    cases += [[random_text(rng), rng.choice([90, 90, 110, 20, 1])] for _ in range(2_000)]

    page.goto(f"{static_url}/js/ad-text-law.js")
    # Escaped, so that broken surrogates reach the browser as they are.
    sent = json.dumps([cases, ad_text.as_data()])
    answers = page.evaluate(f"({ANSWER})({sent})")

    different = [
        (case, json.loads(given), answer(*case))
        for case, given in zip(cases, answers, strict=True)
        if json.loads(given) != answer(*case)
    ]
    assert different == []
