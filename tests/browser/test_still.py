"""The layout does not shift while a page loads (U4)."""

import pytest
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def places(page: Page) -> list[object]:
    """Return the position and the width of the main column."""
    return page.evaluate(
        """[".site-main", ".body"].map((name) => {
             const { x, y, width } = document.querySelector(name).getBoundingClientRect();
             return [x, y, width];
           })"""
    )


@pytest.mark.parametrize("name", ["entrar", "ficha"])
def test_the_main_column_does_not_move_when_the_aside_loads(
    page, web, sign_in, editor, draft, name
):
    """A browser may paint before the whole page has arrived: here, without its aside."""
    if name == "ficha":
        sign_in(page.context, editor)
    page.goto(f"{web.url}/entrar/" if name == "entrar" else f"{web.url}/campanas/{draft.folio}/")
    complete = places(page)

    gone = page.evaluate(
        "[...document.querySelectorAll('.layout > .body ~ *')].map((e) => e.remove()).length"
    )

    assert gone == 1
    assert places(page) == complete
