"""The OpenAPI description of the API, generated once in each process."""

import hashlib
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

PUBLISHED = settings.BASE_DIR / "docs" / "api" / "openapi-v1.yaml"  # written by publish_contract


@cache
def document(language: str = settings.LANGUAGE_CODE) -> dict[str, Any]:
    """Return the description as data; that of the portal's language is published and served."""
    with translation.override(language):
        generator = SchemaGenerator()  # type: ignore[no-untyped-call]  # it has no annotations
        schema: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        return schema


@cache
def _render(renderer: type[Any]) -> tuple[bytes, str]:
    """Return the rendered description and its entity tag."""
    body = renderer().render(document(), renderer_context={})
    return body, f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def as_yaml() -> bytes:
    """Return the description as it is served and published."""
    return _render(OpenApiYamlRenderer)[0]


@require_safe
def openapi_document(request: HttpRequest, format: str) -> HttpResponse:
    """Serve the description as JSON or YAML. No authentication is required."""
    renderer = OpenApiJsonRenderer if format == "json" else OpenApiYamlRenderer
    body, etag = _render(renderer)
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    content_type = "application/json" if format == "json" else "application/yaml"
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    return HttpResponse(body, content_type=content_type, headers=headers)
