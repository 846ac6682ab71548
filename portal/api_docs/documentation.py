"""The documentation of the API: one page, drawn by the server from the OpenAPI description."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.api import pagination
from core.api.errors import CODES
from core.models import IdempotentResponse
from portal.accounts import access
from portal.api_docs import reference
from portal.api_docs.description import document
from portal.api_settings import SCOPES, TOKEN_SECONDS
from portal.local.client import wheel

EXAMPLES = settings.BASE_DIR / "docs" / "api"  # what stands there is run by the tests

ENVIRONMENT = (
    "export LP_URL={portal}\nexport LP_ID=…      # client_id\nexport LP_SECRET=…  # client_secret"
)
INSTALL = "pip install {wheel}"


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show it to anybody; who is signed in keeps their menu."""
    signed_in = request.user.is_authenticated
    shown: dict[str, Any] = {
        "brand": access.home_brand(request) if signed_in else None,
        "nav": "api",
        "groups": _groups(),
        "webhooks": bool(_webhook_types()),
        "text": _text(),
    }
    return render(request, "api/show.html", shown)


@require_safe
def entrance(request: HttpRequest) -> HttpResponse:
    """Show people the documentation, and programs where the description stands."""
    if "text/html" in request.headers.get("Accept", ""):
        answer: HttpResponse = HttpResponseRedirect(reverse("api_docs"))
    else:
        answer = JsonResponse(
            {
                "documentation": request.build_absolute_uri(reverse("api_docs")),
                "openapi": request.build_absolute_uri(reverse("v1:openapi")),
            }
        )
    answer["Vary"] = "Accept"
    return answer


@require_safe
def client(request: HttpRequest, name: str) -> HttpResponse:
    """Give the Python client as `pip` installs it."""
    if name != wheel.name():
        raise Http404
    return HttpResponse(wheel.build(), content_type="application/octet-stream")


@cache
def _groups() -> list[reference.Group]:
    return reference.groups(document())


@cache
def _webhook_types() -> list[str]:
    return reference.webhook_types(document())


@cache
def _text() -> str:
    """Draw what is the same for everybody, once in each process."""
    described = document()
    context = {
        "scopes": SCOPES,
        "token_minutes": TOKEN_SECONDS // 60,
        "tokens_a_minute": settings.API_TOKENS_A_MINUTE,
        "requests_a_minute": settings.API_REQUESTS_A_MINUTE,
        "kept_hours": round(IdempotentResponse.KEPT_FOR.total_seconds() / 3600),
        "per_page": pagination.DEFAULT_PAGE_SIZE,
        "most_per_page": pagination.MAX_PAGE_SIZE,
        "codes": {
            code: {"status": meaning.status, "words": reference.words(meaning.description)}
            for code, meaning in CODES.items()
        },
        "refusal": reference.refusal_sample(described),
        "groups": _groups(),
        "common_codes": reference.common_codes(described),
        "shapes": reference.shapes(described),
        "webhook_types": _webhook_types(),
        **{path.name.replace(".", "_"): path.read_text().strip() for path in EXAMPLES.glob("*.*")},
        "environment": ENVIRONMENT.format(portal=settings.PORTAL_URL),
        "install": INSTALL.format(wheel=settings.PORTAL_URL + wheel.address()),
    }
    return render_to_string("api/text.html", context)
