"""The layout does not shift while a page loads (U4)."""

import pytest
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def places(page: Page) -> list[object]:
    """Return the position and the width of what loads first."""
    return page.evaluate(
        """[...document.querySelectorAll(".site-main, .body, .ficha-ad")].map((element) => {
             const { x, y, width } = element.getBoundingClientRect();
             return [x, y, width];
           })"""
    )


@pytest.mark.parametrize("name", ["entrar", "ficha"])
def test_what_loads_first_does_not_move_when_the_rest_loads(
    page, web, sign_in, editor, draft, name
):
    """A browser may paint before the whole page has arrived: here, without what comes last."""
    if name == "ficha":
        sign_in(page.context, editor)
    page.goto(f"{web.url}/entrar/" if name == "entrar" else f"{web.url}/campanas/{draft.folio}/")
    complete = places(page)

    late = ".layout > .body ~ *" if name == "entrar" else ".ficha > .ficha-ad ~ *"
    gone = page.evaluate(
        "late => [...document.querySelectorAll(late)].map((e) => e.remove()).length", late
    )

    assert gone == 1
    assert places(page) == complete
