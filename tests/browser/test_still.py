"""Nothing moves under the reader while a page comes in (U4)."""

import pytest
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def places(page: Page) -> list[object]:
    """Return where the main column is, and how wide."""
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
    """A browser may paint before it has read the whole page: as if there were no aside yet."""
    if name == "ficha":
        sign_in(page.context, editor)
    page.goto(f"{web.url}/entrar/" if name == "entrar" else f"{web.url}/campanas/{draft.folio}/")
    complete = places(page)

    gone = page.evaluate(
        "[...document.querySelectorAll('.layout > .body ~ *')].map((e) => e.remove()).length"
    )

    assert gone == 1
    assert places(page) == complete
