"""Bench of the pages in a browser, beside the bars that were set for them.

U4: the largest paint, shifts and the longest interaction, on a processor slowed to a quarter;
U5: the check of the text at each key, on the same; U7: the availability after a change.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median

from django.core.management import call_command
from playwright.sync_api import Browser, Page

from campaigns import lifecycle, readiness
from campaigns.models import Campaign
from tests.bench import admission
from tests.bench import market as markets
from tests.bench.brands import Team, drafts, in_review, teams, terms
from tests.bench.chromium import Window, chromium, longest, paint, shift, step
from tests.bench.environment import BenchEnvironment
from tests.bench.rounds import percentile
from tests.bench.rows import Row
from tests.bench.web import BARE_JSON, BARE_PAGE, web

PAINT, SHIFT, INTERACTION, CHECK, AVAILABLE = 1_200, 0.01, 200, 8, 500  # bars, in ms but the shift
LOADS = 3  # of each page
TIMES = 3  # of each interaction
RESERVATIONS = 200  # that exist already
DAYS = 30
CHANGES = 15  # of each kind
WRITTEN = (
    "Mañana: 2x1 en «pizzas» ¡sólo hoy! 55-1234-5678, hoy.la & más en https://movistar.mx/año 50%"
)


Act = Callable[[Page], None]

_CLICK, _WRITE = "a click", "keys"


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    environment.reset()
    call_command("collectstatic", verbosity=0, interactive=False)
    with chromium() as browser:
        [team] = teams(1)
        [submitted] = in_review([team], 1)
        [draft, *others] = drafts(team, [0] * (1 + 2 * TIMES))  # each step saves what is done
        with _signed_in(browser, team) as window:
            yield from _paint_rows(window, team, draft, submitted)
            yield from _interaction_rows(window, others)
            yield from _key_rows(window, draft)
        environment.reset()
        admission.fill(markets.read(), RESERVATIONS)
        [team] = teams(1)
        with _signed_in(browser, team, slowed=1) as window:
            yield from _availability_rows(window, _nation(team))


@contextmanager
def _signed_in(browser: Browser, team: Team, *, slowed: int = 4) -> Iterator[Window]:
    with web("tests.bench.bare") as port:
        window = Window(browser, f"http://127.0.0.1:{port}", slowed=slowed)
        window.sign_in(team.editor)
        yield window


def _paint_rows(window: Window, team: Team, draft: Campaign, submitted: Campaign) -> Iterator[Row]:
    """Yield the largest paint of each page, loaded cold, with the bare page in turns."""
    home = f"/marcas/{team.brand.slug}"
    pages = {
        "sign-in": "/entrar/",
        "Inicio": f"{home}/inicio/",
        "list": f"{home}/campanas/",
        **{slug: step(draft, slug) for slug in ("datos", "texto", "zona", "fechas", "revisar")},
        "Ficha": f"/campanas/{submitted.folio}/",
        "saved zones": f"{home}/zonas/",
    }
    stranger = Window(window.browser, window.url)
    times: dict[str, list[float]] = {name: [] for name in [*pages, BARE_PAGE]}
    shifts: list[tuple[float, str]] = []
    for _ in range(LOADS):
        for name, path in {**pages, BARE_PAGE: BARE_PAGE}.items():
            with (stranger if name == "sign-in" else window).open(path) as page:
                times[name].append(paint(page))
                shifts.append((shift(page), name))
    bare = median(times.pop(BARE_PAGE))
    for name, taken in times.items():
        yield Row(f"largest paint, {name}", median(taken), "ms", "bare page", bare, LOADS, PAINT)
    late = "bare page, a line put in late"
    worst, where = max(shifts)
    name = f"shift, worst load ({where})" if worst else "shift, every load"
    yield Row(name, worst, "", late, _reference_shift(window), len(shifts), SHIFT)


def _reference_shift(window: Window) -> float:
    """Return the shift of a page that a late line pushes down: proof that shifts are measured."""
    with window.open(BARE_PAGE) as page:
        page.evaluate("document.body.prepend(document.createElement('h1'), 'Tarde')")
        page.wait_for_timeout(200)
        return shift(page)


def _interaction_rows(window: Window, campaigns: list[Campaign]) -> Iterator[Row]:
    """Yield the time of the interactions of each page, freshly loaded; the bare page comes last."""
    times: dict[str, list[float]] = {}
    for draft, other in zip(campaigns[::2], campaigns[1::2], strict=True):
        for path, acts in _acts(draft, other):
            with window.open(path) as page:
                for name, act in acts.items():
                    times.setdefault(name, []).append(longest(page, act))
    bare = {name: median(times.pop(name)) for name in (_CLICK, _WRITE)}
    for name, taken in times.items():
        same = _WRITE if name in ("the text", "volume") else _CLICK
        reference = f"a bare page, {same}"
        yield Row(
            f"interaction, {name}", median(taken), "ms", reference, bare[same], TIMES, INTERACTION
        )


def _acts(draft: Campaign, other: Campaign) -> list[tuple[str, dict[str, Act]]]:
    state = '[data-zones] [data-state="08"]'
    return [
        (step(draft, "texto"), {"the text": _write}),
        (
            step(draft, "zona"),
            {
                "opening a state": _click(f"{state} summary"),
                "a LADA in the list": _click(f"{state} [name='ladas']"),
                "a state in the list": _click(f"{state} .all"),
                "all Mexico": _click('[name="scope"][value="nation"]'),
            },
        ),
        (
            step(other, "zona"),
            {
                "a state on the map": _click("#lugar-26 path"),
                "a state opened on the map": _click("[data-zoom-in]"),
                "a LADA on the map": _click("[data-zone]"),
            },
        ),
        (
            step(draft, "fechas"),
            {
                "first day": _click(".day[data-day] >> nth=3"),
                "last day": _click(".day[data-day] >> nth=9"),
                "volume": _volume,
            },
        ),
        (BARE_PAGE, {_CLICK: _click("button"), _WRITE: _write}),
    ]


def _click(selector: str) -> Act:
    return lambda page: page.locator(selector).first.click(force="#" in selector)


def _write(page: Page) -> None:
    page.locator("textarea").first.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(WRITTEN, delay=20)


def _volume(page: Page) -> None:
    page.get_by_label("Notificaciones", exact=True).click()
    page.keyboard.press("Control+a")
    page.keyboard.type("120000", delay=40)


#: Returns [ms of the check, ms of the whole handler, ms of the reference] for each key.
_KEYS = """
async ([written]) => {
  const has = (name) => performance.getEntriesByType("resource").find((e) => e.name.includes(name));
  const { advice, check, normalise } = await import(has("js/ad-text-law").name);
  const element = document.querySelector("[data-law]");
  const where = element.dataset.law;
  const law = where.startsWith("#")
    ? JSON.parse(document.querySelector(where).textContent) : await (await fetch(where)).json();
  const room = Number(element.dataset.limit);
  const box = element.querySelector("textarea");
  const plain = /^[A-Za-z0-9 $.,/@]{1,90}$/;
  const timed = (work, times = 1) => {
    const began = performance.now();
    for (let i = 0; i < times; i += 1) work();
    return (performance.now() - began) / times;
  };
  normalise(written, law);
  const found = [];
  for (let pass = 0; pass < 3; pass += 1) {
    for (let end = 1; end <= written.length; end += 1) {
      const text = written.slice(0, end);
      const judged = timed(() => {
        normalise(text, law);
        check(text, room, law);
        advice(text, law);
      });
      box.value = text;
      const handled = timed(() => box.dispatchEvent(new InputEvent("input", { bubbles: true })));
      found.push([judged, handled, timed(() => plain.test(text.normalize("NFC")), 1000)]);
      await new Promise((next) => setTimeout(next, 4));
    }
  }
  return found;
}
"""


def _key_rows(window: Window, draft: Campaign) -> Iterator[Row]:
    """Yield the time of each key while a text with many problems is written three times."""
    with window.open(step(draft, "texto")) as page:
        keys = page.evaluate(_KEYS, [WRITTEN])
    for name, at, bar in (("check of the text", 0, CHECK), ("all that a key does", 1, None)):
        for percent in (50, 95):
            own, floor = (percentile([key[side] for key in keys], percent) for side in (at, 2))
            reference = f"NFC and one regex, p{percent}"
            yield Row(f"{name}, p{percent}", own, "ms", reference, floor, len(keys), bar)


def _nation(team: Team) -> Campaign:
    first = readiness.first_possible_day()
    days = {"starts_on": first, "ends_on": first + timedelta(DAYS - 1)}
    return lifecycle.draft(team.brand.pk, {**terms(2), **days}, by=team.editor)


#: Returns the milliseconds from the change to the first frame with the panel's new content.
_PANEL_UPDATE = """
async ([selector, value]) => {
  const panel = document.querySelector("[data-availability-panel]");
  const field = document.querySelector(selector);
  const updated = new Promise((resolve) => {
    const follow = new MutationObserver(() => {
      follow.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0));
    });
    follow.observe(panel, { childList: true });
  });
  const began = performance.now();
  if (value === null) field.click();
  else {
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const passed = (await updated) - began;
  if (!panel.querySelector("[data-summary]")) throw new Error(panel.textContent);
  return passed;
}
"""
_FETCH = """
async ([path]) => {
  const began = performance.now();
  await (await fetch(path)).json();
  return performance.now() - began;
}
"""


def _availability_rows(window: Window, draft: Campaign) -> Iterator[Row]:
    """Yield the time to update the panel after a change of volume, dates or zone.

    The campaign is national and lasts a month; each change is followed by a bare response."""
    first = draft.starts_on
    assert first is not None
    with window.open(step(draft, "fechas")) as page:
        free = int("".join(filter(str.isdigit, page.locator("[data-summary] b").inner_text())))
        fits = [("#id_volume", str(free // 4 + number * 1_000)) for number in range(CHANGES)]
        over = [("#id_volume", str(2 * free + number * 1_000)) for number in range(CHANGES)]
        days = [
            ("#id_starts_on", (first + timedelta(number % 2 + 1)).isoformat())
            for number in range(CHANGES)
        ]
        yield from _panel_rows("volume that fits", page, fits)
        yield from _panel_rows("volume that does not", page, over)
        yield from _panel_rows("dates", page, days)
    with window.open(step(draft, "zona")) as page:
        scopes = [f'[name="scope"][value="{value}"]' for value in ("nation", "zones")]
        clicks = ['[name="states"][value="14"]', *scopes * (CHANGES // 2)]
        yield from _panel_rows("zone", page, [(selector, None) for selector in clicks])


def _panel_rows(name: str, page: Page, changes: list[tuple[str, str | None]]) -> Iterator[Row]:
    page.evaluate(_PANEL_UPDATE, list(changes[0]))
    pairs = [
        (page.evaluate(_PANEL_UPDATE, list(change)), page.evaluate(_FETCH, [BARE_JSON]))
        for change in changes[1:]
    ]
    for percent in (50, 95):
        own, floor = (percentile([pair[side] for pair in pairs], percent) for side in (0, 1))
        reference = f"bare JSON of Django, p{percent}"
        yield Row(
            f"shown after {name}, p{percent}", own, "ms", reference, floor, len(pairs), AVAILABLE
        )
