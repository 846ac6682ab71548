"""The OpenAPI description of the API, made once in each process."""

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
def document() -> dict[str, Any]:
    """Give the description as data, in the portal's language whoever asks first."""
    with translation.override(settings.LANGUAGE_CODE):
        return SchemaGenerator().get_schema(request=None, public=True)


@cache
def _written(renderer: type[Any]) -> tuple[bytes, str]:
    body = renderer().render(document(), renderer_context={})
    return body, f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def as_yaml() -> bytes:
    """Give the description as it is served and published."""
    return _written(OpenApiYamlRenderer)[0]


@require_safe
def show(request: HttpRequest, form: str) -> HttpResponse:
    """Give it as JSON or YAML to anybody."""
    renderer = OpenApiJsonRenderer if form == "json" else OpenApiYamlRenderer
    body, tag = _written(renderer)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    kind = "application/json" if form == "json" else "application/yaml"
    return HttpResponse(body, content_type=kind, headers={"ETag": tag, "Cache-Control": "no-cache"})
