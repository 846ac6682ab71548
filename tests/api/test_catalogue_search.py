"""The catalogue's lists find places as people name them, the best first, page by page."""

import pytest

pytestmark = pytest.mark.django_db


def codes(program, path):
    return [item["code"] for item in program.get(path).json()["items"]]


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/ladas?q=Coyoac%C3%A1n", ["55", "56"]),
        ("/ladas?q=guadal", ["33", "81"]),
        ("/ladas?q=Le%C3%B3n", ["477", "479"]),
        ("/ladas?q=lada+33", ["33"]),
        ("/ladas?q=gdl", ["33"]),
        ("/ladas?q=guadalupe&state=32", ["492"]),
        ("/ladas?q=cd+juarez", ["656", "657"]),
        ("/zones?q=coyoacan", ["55"]),
        ("/zones?q=mty", ["81"]),
        ("/zones?q=toluca", ["722"]),
        ("/states?q=edomex", ["15"]),
        ("/states?q=df", ["09"]),
        ("/states?q=sn+luis+potosi", ["24"]),
        ("/states?q=14", ["14"]),
    ],
)
def test_the_expected_row_is_the_first(program, path, first):
    assert codes(program, path)[: len(first)] == first


@pytest.mark.parametrize("path", ["/ladas", "/zones", "/states"])
def test_a_search_for_nothing_is_the_whole_list_and_nonsense_none(program, path):
    assert codes(program, f"{path}?q=+") == codes(program, path)
    assert codes(program, f"{path}?q=zzzz") == []


def test_a_ranked_list_is_read_to_its_end_by_cursor(program):
    whole = codes(program, "/ladas?q=san&perPage=100")
    seen, cursor = [], ""
    while cursor is not None and len(seen) < 100:
        page = program.get(f"/ladas?q=san&perPage=40&cursor={cursor}".removesuffix("&cursor="))
        seen += [item["code"] for item in page.json()["items"]]
        cursor = page.json()["nextCursor"]

    assert seen[:100] == whole
    other = program.get(f"/ladas?cursor={cursor}")
    assert cursor is None or other.status_code == 400  # of another order
