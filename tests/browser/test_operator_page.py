"""The operator's texts in a narrow window: nothing is wider than the screen."""

import pytest

from tests.processes import Web

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = (
    f"# {'Responsabilidades' * 9}\n\n{'aviso' * 90}\n\nhttps://portal.example/{'a/' * 90}\n\n"
    f"ñandú 🎁 {'名' * 200} {'a̐' * 90} {'párrafo ' * 900}"
)


def test_a_long_text_of_any_letters_fits_a_narrow_window(page, transactional_db, tmp_path):
    texts = tmp_path / "textos"
    texts.mkdir()
    (texts / "terminos.txt").write_text(LONG, encoding="utf-8")
    web = Web(tmp_path, OPERATOR_TEXTS=str(texts))
    page.set_viewport_size({"width": 320, "height": 800})
    try:
        page.goto(f"{web.url}/terminos/")

        assert page.get_by_text("ñandú 🎁").is_visible()
        assert page.get_by_role("link", name="portal.example").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    finally:
        page.goto("about:blank")
        web.stop()
