"""The documentation of the API: all of it, in Spanish, and examples that are true."""

import copy
import gzip
import io
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser

import pytest
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from core.api.errors import CODES
from portal.api_docs import documentation, reference, samples
from portal.api_docs.description import document
from portal.api_settings import SCOPES, SPECTACULAR_SETTINGS
from portal.local.client import wheel
from tests.built_client import pip_install

pytestmark = pytest.mark.django_db

ADDRESS = "/api/"


class Page(HTMLParser):
    """What a page links to in itself, and what it names."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"])
        if found.get("href", "").startswith("#"):
            self.links.add(found["href"][1:])


@pytest.fixture
def page(client):
    return client.get(ADDRESS).text


def operations():
    return [
        described
        for methods in document()["paths"].values()
        for method, described in methods.items()
        if method in reference.METHODS
    ]


def test_anybody_reads_it_and_it_is_light(client):
    answer = client.get(ADDRESS)

    assert answer.status_code == 200
    assert len(gzip.compress(answer.content, 6)) < 40 * 1024


def test_every_operation_code_and_scope_is_there(page):
    found = Page(page)

    assert {each["operationId"] for each in operations()} <= set(found.ids)
    assert CODES.keys() <= set(found.ids)
    for scope in SCOPES:
        assert f"<code>{scope}</code>" in page


def test_every_link_within_the_page_leads_somewhere_and_names_are_once(page):
    found = Page(page)

    assert found.links - set(found.ids) == set()
    assert len(found.ids) == len(set(found.ids))


def test_no_tag_is_shown_in_english(page):
    titles = {tag["name"] for tag in SPECTACULAR_SETTINGS["TAGS"]}

    for group in reference.groups(document()):
        assert group.title in titles


def schemas_with_examples():
    """Give each body and answer with its example."""
    components = document()["components"]
    for described in operations():
        if body := reference._json(described.get("requestBody", {})):
            change = described["operationId"].startswith("update")
            made = samples.of_change if change else reference._sent
            yield f"{described['operationId']} body", body, made(body, components)
        for status, answer in described["responses"].items():
            schema = reference._json(answer)
            if status < "400" and schema:
                yield described["operationId"], schema, samples.of(schema, components)


def test_every_example_fits_its_shape():
    whole = Resource(contents=_absolute(document()), specification=DRAFT4)
    registry = Registry().with_resource("urn:api", whole)
    wrong = []
    seen = 0
    for name, schema, sample in schemas_with_examples():
        absolute = _absolute(schema)
        seen += 1
        wrong += [
            f"{name}: {error.message}"
            for error in OAS30Validator(absolute, registry=registry).iter_errors(sample)
        ]

    assert wrong == []
    assert seen > 40
    assert list(OAS30Validator(absolute, registry=registry).iter_errors({"planted": 1}))


def _absolute(schema):
    """Point to the whole document; an object that may be null is told by `allOf` and `nullable`."""
    if isinstance(schema, dict) and schema.get("nullable") and "allOf" in schema:
        return {"anyOf": [_absolute(schema["allOf"][0]), {"nullable": True, "enum": [None]}]}
    if isinstance(schema, dict):
        return {
            key: f"urn:api{value}" if key == "$ref" and value.startswith("#") else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(each) for each in schema] if isinstance(schema, list) else schema


def test_webhooks_are_told_of_once_the_description_names_their_events():
    kind = "mx.movistar.llamada-perdida.v1.campaign-approved"
    planted = {"components": {"schemas": {"Kind": {"enum": [kind, "x"]}}}}

    assert reference.webhook_types(planted) == [kind]
    assert reference.webhook_types({"components": {"schemas": {}}}) == []


def test_the_page_tells_of_webhooks_and_their_types(monkeypatch, client):
    kind = "mx.movistar.llamada-perdida.v1.campaign-approved"
    documentation._text.cache_clear()
    monkeypatch.setattr(documentation, "_webhook_types", lambda: [kind])
    try:
        page = client.get(ADDRESS).text
    finally:
        documentation._text.cache_clear()

    assert 'href="#webhooks"' in page
    assert f"<code>{kind}</code>" in page
    assert "Webhook(secret).verify(body, headers)" in page


@pytest.mark.parametrize(
    ("accepts", "status"), [("text/html,*/*;q=0.8", 302), ("application/json", 200), ("", 200)]
)
def test_the_root_shows_people_the_page_and_programs_the_way(client, accepts, status):
    answer = client.get("/api/v1/", headers={"accept": accepts})

    assert answer.status_code == status
    assert "Accept" in answer["Vary"]
    if status == 302:
        assert answer.url == ADDRESS
    else:
        assert answer.json()["openapi"].endswith("/api/v1/openapi.json")


def test_the_page_is_linked_from_the_foot_and_from_help(client, editor):
    assert client.get("/entrar/").text.count('href="/api/"') == 1
    client.force_login(editor)
    assert client.get("/ayuda/").text.count('href="/api/"') == 2


@pytest.fixture
def client_wheels(settings, tmp_path):
    """Serve wheels from a folder of the test; the page's text is drawn anew."""
    settings.CLIENT_WHEELS = str(tmp_path / "wheels")
    documentation._text.cache_clear()
    yield tmp_path / "wheels"
    documentation._text.cache_clear()


def test_the_client_that_the_page_names_is_installed_by_pip(client, client_wheels, tmp_path):
    built = wheel.build(client_wheels)
    url = re.search(r"pip install \S+?(/api/python/\S+?\.whl)", client.get(ADDRESS).text)[1]
    response = client.get(url)
    content = response.getvalue()
    assert content == built.read_bytes()
    path = tmp_path / url.rpartition("/")[2]
    path.write_bytes(content)

    pip_install(path, tmp_path / "lib")
    output = subprocess.run(
        [sys.executable, "-c", "import llamada_perdida; print(llamada_perdida.__file__)"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "lib")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert str(tmp_path) in output
    assert "llamada_perdida/py.typed" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert client.get("/api/python/otra.whl").status_code == 404


def test_without_a_built_client_none_is_offered(client, client_wheels):
    page = client.get(ADDRESS)

    assert page.status_code == 200
    assert "pip install" not in page.text
    assert client.get("/api/python/llamada_perdida-1.0.0-py3-none-any.whl").status_code == 404


def test_drawing_the_page_leaves_the_description_as_it_is():
    before = copy.deepcopy(document())

    reference.refusal_sample(document())

    assert document() == before
