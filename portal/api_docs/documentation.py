"""The page with the documentation of the API, rendered from the OpenAPI description."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from campaigns.models import Brand
from core.api import pagination
from core.api.errors import CODES
from core.languages import cache_by_language
from core.models import IdempotentResponse
from portal.accounts import access
from portal.api_docs import client_download, reference
from portal.api_docs.description import document
from portal.api_settings import SCOPES, TOKEN_SECONDS

EXAMPLES = settings.BASE_DIR / "docs" / "api"  # the tests run these examples

ENVIRONMENT = (
    "export LP_URL={portal}\nexport LP_ID=…      # client_id\nexport LP_SECRET=…  # client_secret"
)
INSTALL = "pip install {wheel}"


@require_safe
def documentation_page(request: HttpRequest) -> HttpResponse:
    """Show the documentation. It is public; signed-in users keep their menu."""
    context: dict[str, Any] = {
        "brand": _home_brand(request),
        "nav": "api",
        "groups": _groups(),
        "webhooks": bool(_webhook_types()),
        "content": _content(),
    }
    return render(request, "api/documentation.html", context)


def _home_brand(request: HttpRequest) -> Brand | None:
    if not request.user.is_authenticated:
        return None
    return access.home_brand(cast(access.SignedInRequest, request))


@require_safe
def api_root(request: HttpRequest) -> HttpResponse:
    """Redirect browsers to the documentation; return its URLs as JSON to programs."""
    if "text/html" in request.headers.get("Accept", ""):
        response: HttpResponse = HttpResponseRedirect(reverse("api_docs"))
    else:
        response = JsonResponse(
            {
                "documentation": request.build_absolute_uri(reverse("api_docs")),
                "openapi": request.build_absolute_uri(reverse("v1:openapi")),
            }
        )
    response["Vary"] = "Accept"
    return response


@cache_by_language
def _groups() -> list[reference.OperationGroup]:
    return reference.groups(document(get_language()))


@cache_by_language
def _webhook_types() -> list[str]:
    return reference.webhook_types(document(get_language()))


@cache_by_language
def _content() -> str:
    """Return the content that is the same for everybody, rendered once in each process."""
    openapi = document(get_language())
    context = {
        "scopes": SCOPES,
        "token_minutes": TOKEN_SECONDS // 60,
        "tokens_a_minute": settings.API_TOKENS_A_MINUTE,
        "requests_a_minute": settings.API_REQUESTS_A_MINUTE,
        "key_hours": round(IdempotentResponse.KEPT_FOR.total_seconds() / 3600),
        "page_size": pagination.DEFAULT_PAGE_SIZE,
        "max_page_size": pagination.MAX_PAGE_SIZE,
        "hours_kept": settings.REPORT_HOURS_KEPT_DAYS,
        "codes": {
            name: {"status": code.status, "description": reference.to_html(code.description)}
            for name, code in CODES.items()
        },
        "error_sample": reference.error_sample(openapi),
        "groups": _groups(),
        "common_codes": reference.common_codes(openapi),
        "objects": reference.objects(openapi),
        "webhook_types": _webhook_types(),
        **{path.name.replace(".", "_"): path.read_text().strip() for path in EXAMPLES.glob("*.*")},
        "environment": ENVIRONMENT.format(portal=settings.PORTAL_URL),
        "install": INSTALL.format(wheel=wheel) if (wheel := client_download.url()) else "",
    }
    return render_to_string("api/documentation_content.html", context)
