"""API: the programs that act for a brand, made, renewed and revoked by its owners.

A secret is shown by the answer that made it and by nothing else: it is in no session, no
message and no log. A form is good for once, so loading that answer anew makes nothing.
"""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.errors import CampaignError
from campaigns.models import Brand
from portal.accounts import access, api_clients
from portal.accounts.api_clients import LONGEST_NAME, Made
from portal.accounts.models import ApiClient
from portal.api_settings import SCOPES

A_DAY = 24 * 3600  # seconds that a form is known to have been used


class OnceForm(forms.Form):
    """A form that does its work once: loading the answer anew sends the same `once`."""

    once = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": gettext_lazy("Carga la página de nuevo y repite."),
            "invalid": gettext_lazy("Carga la página de nuevo y repite."),
        },
    )


class ApiClientForm(OnceForm):
    """How a program is called and what it may do."""

    name = forms.CharField(
        label=gettext_lazy("Nombre"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("Para reconocerlo aquí y en las historias, como «Agencia Norte»."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Escribe un nombre para reconocerlo.")},
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Qué puede hacer"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Elige al menos una cosa.")},
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def api_client_list(request: HttpRequest, slug: str) -> HttpResponse:
    """List the programs; an owner makes one with the form below and sees its secret."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    if request.method != "POST":
        return _page(request, brand, _new_form())
    access.owned_brand(request, slug)
    form = ApiClientForm(request.POST)
    if not form.is_valid():
        return _page(request, brand, form, status=422)
    sent = form.cleaned_data
    try:
        made = _once(
            sent["once"],
            lambda: api_clients.make(brand.pk, sent["name"], sent["scopes"], by=request.user),
        )
    except CampaignError as error:
        form.add_error(None, error.message)
        return _page(request, brand, form, status=409)
    return _secret(request, made, brand) if made else _again(request, brand)


@login_required
@never_cache
@require_POST
def change_api_client(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give a program a new secret, or revoke it."""
    brand = access.owned_brand(request, slug)
    client = get_object_or_404(ApiClient, brand=brand, pk=pk)
    try:
        if request.POST.get("action") == "revoke":
            api_clients.revoke(client.pk, by=request.user)
            messages.success(
                request, _("Revocaste {name}. Sus tokens ya no sirven.").format(name=client.name)
            )
            return redirect("portal:api_clients", slug=slug)
        form = OnceForm(request.POST)
        if request.POST.get("action") != "renew" or not form.is_valid():
            raise Http404
        made = _once(
            form.cleaned_data["once"], lambda: api_clients.renew(client.pk, by=request.user)
        )
    except CampaignError as error:
        messages.error(request, error.message)
        return redirect("portal:api_clients", slug=slug)
    return _secret(request, made, brand) if made else _again(request, brand)


def _once(form: uuid.UUID, make: Callable[[], Made]) -> Made | None:
    """Do what a form asks for; None where the same form has been sent before."""
    key = f"program-form:{form}"
    if not cache.add(key, True, A_DAY):
        return None
    try:
        return make()
    except CampaignError:
        cache.delete(key)  # nothing was made: mended, it may be sent again
        raise


def _secret(request: HttpRequest, made: Made, brand: Brand) -> HttpResponse:
    """Show a secret, this once. Its address is never asked for again: an answer to a POST."""
    shown = {
        "brand": brand,
        "nav": "programs",
        "client": made.client,
        "secret": made.secret,
        "portal": settings.PORTAL_URL,
    }
    return render(request, "brands/api_client_secret.html", shown, status=201)


def _again(request: HttpRequest, brand: Brand) -> HttpResponse:
    messages.info(
        request,
        _("Eso ya se hizo, y el secreto se mostró una sola vez. Si lo perdiste, crea otro."),
    )
    return redirect("portal:api_clients", slug=brand.slug)


def _new_form() -> ApiClientForm:
    return ApiClientForm(initial={"once": uuid.uuid4()})


def _page(
    request: HttpRequest, brand: Brand, form: ApiClientForm, *, status: int = 200
) -> HttpResponse:
    rows = ApiClient.objects.filter(brand=brand).select_related("created_by")
    programs = [
        {"client": row, "may": [SCOPES[name] for name in row.scopes if name in SCOPES]}
        for row in rows
    ]
    shown: dict[str, Any] = {
        "brand": brand,
        "nav": "programs",
        "owns": brand.is_owned_by(request.user),
        "programs": [row for row in programs if row["client"].revoked_at is None],
        "revoked": [row for row in programs if row["client"].revoked_at],
        "once": uuid.uuid4(),
        "form": form,
    }
    return render(request, "brands/api_clients.html", shown, status=status)
