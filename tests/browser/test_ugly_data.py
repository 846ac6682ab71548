"""Pages with the longest legal value in every field: no sideways scroll, no empty screen."""

import pytest
from playwright.sync_api import Page

from campaigns import conversation
from campaigns.models import Brand, Campaign, Message, SavedZone
from portal.accounts.models import ApiClient, User
from tests.browser import every_page
from tests.browser.every_page import (  # noqa: F401
    invited,
    newcomer,
    operator,
    pages,
    stock_keeper,
    suspended,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (320, 360, 1366)
SPARE = 120  # pixels that a page may end below its last content
LONG_URL = "https://tienda-de-nombre-largo.com.mx/promociones?utm_source=llamada&utm_content="
# The lowest edge of what is displayed: what overflows a page without being seen makes it longer.
LOWEST_EDGE = """
() => Math.max(...[...document.body.querySelectorAll('*')]
  .filter((each) => each.checkVisibility({visibilityProperty: true}))
  .filter((each) => !each.closest('.visually-hidden'))
  .filter((each) => each.childElementCount === 0 || each.matches('svg, footer'))
  .map((each) => each.getBoundingClientRect().bottom + window.scrollY))
"""


@pytest.fixture
def terms(terms):
    return terms | {"name": "N" * 80, "text": "W" * 70}


@pytest.fixture
def ugly(monkeypatch, request, brand, owner, reviewer):
    """All pages of the portal, with the longest value in every field of their rows."""
    url = LONG_URL + "x" * (2_000 - len(LONG_URL))
    monkeypatch.setattr(every_page, "SITE", url)
    found = request.getfixturevalue("pages")
    Campaign.objects.filter(status="draft").update(
        name="W" * 80,
        text="W" * 2_000,
        destination=url,
        volume=1_200_000_000,
        daily_cap=1_200_000_000,
    )
    back = Campaign.objects.filter(status="changes_requested").latest("id")
    for side, by in ((conversation.Side.STAFF, reviewer), (conversation.Side.BRAND, owner)):
        conversation.write(back.pk, "W" * Message.MAX_LENGTH, side=side, by=by)
    Brand.objects.filter(pk=brand.pk).update(name="M" * 80)
    SavedZone.objects.filter(name="Centro").update(
        name="Z" * SavedZone._meta.get_field("name").max_length
    )
    ApiClient.objects.filter(name="Tablero de ventas").update(name="P" * 80)
    User.objects.update(first_name="F" * 150, last_name="L" * 150)
    return found


def test_no_page_scrolls_sideways_or_ends_in_an_empty_screen(
    browser, browser_context_args, web, sign_in, ugly
):
    found = []
    page = browser.new_context(**browser_context_args).new_page()
    for name, (user, path, _act) in ugly.items():
        if user is None:
            continue
        sign_in(page.context, user)
        page.goto(web.url + path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            found += [f"{name} {width}: {fault}" for fault in faults(page)]

    assert not found, "\n".join(found)


def faults(page: Page) -> list[str]:
    wide, tall = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    found = [f"{wide} px wide"] if wide > page.viewport_size["width"] else []
    lowest = page.evaluate(LOWEST_EDGE)
    if tall > max(lowest + SPARE, 800):
        found.append(f"{tall} px tall, its content {lowest:.0f}")
    return found


def test_a_page_that_is_too_wide_or_too_tall_is_found(page, web):
    """The negative control."""
    page.goto(f"{web.url}/entrar/")
    assert faults(page) == []

    page.evaluate("document.body.style.paddingBottom = '2000px'")
    assert "tall" in faults(page)[0]
    page.evaluate("document.body.style.cssText = 'min-width: 2000px'")
    assert "wide" in faults(page)[0]
