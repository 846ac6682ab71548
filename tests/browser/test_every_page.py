"""All pages: no accessibility violation, no console report, no sideways scroll, few bytes."""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Response

from tests import sizes
from tests.browser.every_page import (  # noqa: F401
    invited,
    newcomer,
    operator,
    pages,
    stock_keeper,
    suspended,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = Axe().axe_script
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what passes is not described, which halves the time
}
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")  # a folder: `make screenshots` keeps pictures
ALL_LOOKS = [(width, scheme) for width in (360, 1366) for scheme in ("dark", "light")]
# A page is loaded once, then checked in two widths and schemes. With LARGE=1 it is loaded at each
# width, and checked there in both schemes.
VISITS = [[(360, "dark"), (1366, "light")]]
if SCREENSHOTS or sizes.pick(0, 1):
    VISITS = [ALL_LOOKS[:2], ALL_LOOKS[2:]]
PARTS = 4  # of the pages, so that two workers share them


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("looks", VISITS, ids=lambda looks: f"loaded-at-{looks[0][0]}")
def test_every_page_has_no_faults(
    browser: Browser,
    browser_context_args: dict[str, Any],
    web,
    sign_in,
    pages,  # noqa: F811
    looks: list[tuple[int, str]],
    part: int,
):
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    found: list[str] = []
    page.on("console", lambda m: found.append(f"{page.url}: {m.text}") if is_report(m) else None)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    for name, (user, path, act) in list(pages.items())[part::PARTS]:
        if user:
            sign_in(context, user)
        else:
            context.clear_cookies()
        show_in(page, *looks[0])
        page.goto(web.url + path)
        if act:
            act(page)
        page.evaluate(AXE)
        for width, scheme in looks:
            show_in(page, width, scheme)
            if SCREENSHOTS:
                file = Path(SCREENSHOTS) / f"{name}-{width}-{scheme}.png"
                page.screenshot(path=file, full_page=True)
            found += [f"{name} {width} {scheme}: {fault}" for fault in faults(page)]
    context.close()

    assert found == []


def show_in(page: Page, width: int, scheme: Any) -> None:
    """Show the page in a look; wait until its colours have changed, as the admin fades them."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.evaluate(
        "async () => { for (const _ of [1, 2]) await new Promise(requestAnimationFrame);"
        " const fades = document.getAnimations().filter((each) => each instanceof CSSTransition);"
        " await Promise.allSettled(fades.map((each) => each.finished)) }"
    )


def faults(page: Page) -> list[str]:
    """Return what axe finds on the page as it is now, and whether it scrolls sideways."""
    violations = page.evaluate(
        "options => axe.run(options).then(found => found.violations)", OPTIONS
    )
    found = [
        f"{each['id']} {[node['target'] for node in each['nodes']][:3]}" for each in violations
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("scrolls sideways")
    return found


def is_report(message: ConsoleMessage) -> bool:
    """Return whether the browser reports an error or a breach of the CSP.

    A status of 4xx is reported as well; pages that show one are among those visited.
    """
    return message.type in ("error", "warning") and "status of 4" not in message.text


def test_a_fault_of_each_kind_is_found(page, web):
    """The negative control of the test above: each width and colour scheme is checked."""
    page.goto(f"{web.url}/entrar/")
    page.evaluate(AXE)
    assert faults(page) == []
    page.evaluate(
        "rules => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules);"
        " document.adoptedStyleSheets = [sheet] }",
        "@media (prefers-color-scheme: dark) { h1 { color: #111; background: #000 } }"
        "@media (max-width: 400px) { main { min-width: 500px } }",
    )

    show_in(page, 1366, "light")
    assert faults(page) == []
    show_in(page, 1366, "dark")
    assert [fault.split()[0] for fault in faults(page)] == ["color-contrast"]
    show_in(page, 360, "light")
    assert faults(page) == ["scrolls sideways"]


def test_pages_stay_light(browser: Browser, browser_context_args, web, sign_in, pages):  # noqa: F811
    """Count the bytes of a cold load, all from this host. Bars: U3."""
    bars = dict.fromkeys(("new", "text", "zone", "dates", "review"), 100)
    bars |= dict.fromkeys(("list", "in-review", "sign-in", "start", "changes", "help"), 60)
    bars |= dict.fromkeys(("report", "reports"), 60)
    bars |= dict.fromkeys(("zones", "programs", "api-docs", "bulk-file"), 60)
    bars |= dict.fromkeys(("queue", "decision", "occupancy", "sell-through"), 150)
    heavy = {}
    for name, bar in bars.items():
        user, path, _act = pages[name]
        context = browser.new_context(**browser_context_args)
        if user:
            sign_in(context, user)
        page = context.new_page()
        responses: list[Response] = []
        page.on("response", lambda response, kept=responses: kept.append(response))
        page.goto(web.url + path)
        page.wait_for_load_state("networkidle")
        assert all(response.url.startswith((web.url, "data:")) for response in responses)
        total = sum(transferred(response) for response in responses)
        assert total > 0
        if total > bar * 1024:
            heavy[name] = total
        scripts = sum(transferred(r) for r in responses if r.url.endswith(".js"))
        assert scripts <= 25 * 1024, f"{name}: {scripts} bytes of scripts"
        context.close()

    assert heavy == {}


def transferred(response: Response) -> int:
    """Return the size of a response in bytes, compressed where the server does."""
    return 0 if response.url.startswith("data:") else response.request.sizes()["responseBodySize"]
