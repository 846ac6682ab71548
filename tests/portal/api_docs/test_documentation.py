"""The documentation of the API is complete and in Spanish, and its samples are valid."""

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

URL = "/api/"


class Page(HTMLParser):
    """The ids of a page, and the fragments that it links to."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if attributes.get("href", "").startswith("#"):
            self.links.add(attributes["href"][1:])


@pytest.fixture
def page(client):
    return client.get(URL).text


def operations():
    return [
        operation
        for methods in document()["paths"].values()
        for method, operation in methods.items()
        if method in reference.METHODS
    ]


def test_the_page_is_public_and_small(client):
    response = client.get(URL)

    assert response.status_code == 200
    assert len(gzip.compress(response.content, 6)) < 40 * 1024


def test_the_page_does_not_change_the_description(client):
    before = copy.deepcopy(document())
    documentation._content.cache_clear()

    client.get(URL)

    assert document() == before


def test_every_operation_code_and_scope_is_there(page):
    parsed = Page(page)

    assert {operation["operationId"] for operation in operations()} <= set(parsed.ids)
    assert CODES.keys() <= set(parsed.ids)
    for scope in SCOPES:
        assert f"<code>{scope}</code>" in page


def test_every_fragment_exists_and_ids_are_unique(page):
    parsed = Page(page)

    assert parsed.links - set(parsed.ids) == set()
    assert len(parsed.ids) == len(set(parsed.ids))


def test_no_tag_is_displayed_in_english(page):
    titles = {tag["x-displayName"] for tag in SPECTACULAR_SETTINGS["TAGS"]}

    for group in reference.groups(document()):
        assert group.title in titles


def schemas_with_samples():
    """Yield each request and response body with its sample."""
    components = document()["components"]
    for operation in operations():
        name = operation["operationId"]
        if body := reference._json_schema(operation.get("requestBody", {})):
            is_patch = name.startswith("update")
            make_sample = samples.make_patch if is_patch else reference._request_sample
            yield f"{name} body", body, make_sample(body, components)
        for status, response in operation["responses"].items():
            schema = reference._json_schema(response)
            if status < "400" and schema:
                yield name, schema, samples.make(schema, components)


def test_every_sample_is_valid_for_its_schema():
    whole = Resource(contents=_absolute(document()), specification=DRAFT4)
    registry = Registry().with_resource("urn:api", whole)
    errors = []
    seen = 0
    for name, schema, sample in schemas_with_samples():
        absolute = _absolute(schema)
        seen += 1
        errors += [
            f"{name}: {error.message}"
            for error in OAS30Validator(absolute, registry=registry).iter_errors(sample)
        ]

    assert errors == []
    assert seen > 40
    assert list(OAS30Validator(absolute, registry=registry).iter_errors({"planted": 1}))


def _absolute(schema):
    """Make references absolute, and replace `allOf` with `nullable` by `anyOf` with null."""
    if isinstance(schema, dict) and schema.get("nullable") and "allOf" in schema:
        return {"anyOf": [_absolute(schema["allOf"][0]), {"nullable": True, "enum": [None]}]}
    if isinstance(schema, dict):
        return {
            key: f"urn:api{value}" if key == "$ref" and value.startswith("#") else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(item) for item in schema] if isinstance(schema, list) else schema


def test_webhook_types_are_those_that_the_schemas_name():
    event_type = "mx.movistar.llamada-perdida.v1.campaign-approved"
    planted = {"components": {"schemas": {"Kind": {"enum": [event_type, "x"]}}}}

    assert reference.webhook_types(planted) == [event_type]
    assert reference.webhook_types({"components": {"schemas": {}}}) == []


def test_the_page_describes_webhooks_and_their_types(monkeypatch, client):
    event_type = "mx.movistar.llamada-perdida.v1.campaign-approved"
    documentation._content.cache_clear()
    monkeypatch.setattr(documentation, "_webhook_types", lambda: [event_type])
    try:
        page = client.get(URL).text
    finally:
        documentation._content.cache_clear()

    assert 'href="#webhooks"' in page
    assert f"<code>{event_type}</code>" in page
    assert "Webhook(secret).verify(body, headers)" in page


@pytest.mark.parametrize(
    ("accept", "status"), [("text/html,*/*;q=0.8", 302), ("application/json", 200), ("", 200)]
)
def test_the_root_shows_people_the_page_and_programs_its_urls(client, accept, status):
    response = client.get("/api/v1/", headers={"accept": accept})

    assert response.status_code == status
    assert "Accept" in response["Vary"]
    if status == 302:
        assert response.url == URL
    else:
        assert response.json()["openapi"].endswith("/api/v1/openapi.json")


def test_the_page_is_linked_from_the_footer_and_from_help(client, editor):
    assert client.get("/entrar/").text.count('href="/api/"') == 1
    client.force_login(editor)
    assert client.get("/ayuda/").text.count('href="/api/"') == 2


@pytest.fixture
def client_wheels(settings, tmp_path):
    """Serve wheels from a folder of the test; the page's text is rendered anew."""
    settings.CLIENT_WHEELS = str(tmp_path / "wheels")
    documentation._content.cache_clear()
    yield tmp_path / "wheels"
    documentation._content.cache_clear()


def test_the_client_that_the_page_names_is_installed_by_pip(client, client_wheels, tmp_path):
    built = wheel.build(client_wheels)
    url = re.search(r"pip install \S+?(/api/python/\S+?\.whl)", client.get(URL).text)[1]
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
    page = client.get(URL)

    assert page.status_code == 200
    assert "pip install" not in page.text
    assert client.get("/api/python/llamada_perdida-1.0.0-py3-none-any.whl").status_code == 404


def test_rendering_the_page_does_not_change_the_description():
    before = copy.deepcopy(document())

    reference.error_sample(document())

    assert document() == before
