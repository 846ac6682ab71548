"""The public page that verifies a certificate by its folio, and a file or paper by its SHA-256."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.certificates import verification
from campaigns.certificates.verification import Match
from core.api import throttles

HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
REFUSED = (Match.NOTHING, Match.NOT_A_HASH)


@require_safe
def verify_certificate(request: HttpRequest, folio: str = "") -> HttpResponse:
    """Ask for a folio, or display what is known of it; a wrong SHA-256 is refused (422).

    Each address may look up so many in a minute that folios cannot be guessed.
    """
    sha256 = request.GET.get("huella", "").strip()
    if not folio:
        return _redirect_to_folio(request, sha256)
    usage = throttles.count_request(
        f"verify-{request.META['REMOTE_ADDR']}", settings.VERIFICATIONS_A_MINUTE
    )
    if usage.exceeded:
        response = render(request, "429.html", status=429)
        response["Retry-After"] = str(usage.seconds_left)
        return response
    context: dict[str, Any] = {"folio": folio, "sha256": sha256}
    found = verification.verify(folio, sha256)
    if found is None:
        return _page(request, context | {"unknown": True}, status=404)
    delivery = found.certificate.data["delivery"]
    context |= {
        "found": found,
        "certificate": found.certificate,
        "first": date.fromisoformat(delivery["first_day"]),
        "last": date.fromisoformat(delivery["last_day"]),
    }
    return _page(request, context, status=422 if found.match in REFUSED else 200)


def _redirect_to_folio(request: HttpRequest, sha256: str) -> HttpResponse:
    """Return the form, or redirect to the page of the folio that was entered."""
    entered = request.GET.get("folio")
    if entered is None:
        return _page(request, {})
    if not (folio := verification.clean_folio(entered)):
        error = _("Un folio de constancia es CE- y ocho letras o números, como CE-7K2M9QXB.")
        context = {"folio": entered, "sha256": sha256, "folio_error": error}
        return _page(request, context, status=422)
    query = "?" + urlencode({"huella": sha256}) if sha256 else ""
    return redirect(reverse("portal:verify_certificate", args=[folio]) + query)


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "results/certificate_verification.html", context, status=status)
    for name, value in HEADERS.items():
        response[name] = value
    return response
