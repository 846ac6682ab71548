"""The pages of a brand's API clients, which its owners create, renew and revoke.

A secret is displayed only by the response that created it: it is stored in no session, message
or log. Each form works once, so that reloading that response creates nothing.
"""

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.errors import CampaignError
from campaigns.models import Brand
from campaigns.sandbox_brands import brand as sandbox
from portal.accounts import access, api_clients
from portal.accounts.access import SignedInRequest, login_required
from portal.accounts.api_clients import MAX_NAME_LENGTH, Credentials
from portal.accounts.models import ApiClient
from portal.api_settings import SCOPES

USED_FOR = 24 * 3600  # seconds for which a form is remembered as used


class OnceForm(forms.Form):
    """A form that works once: reloading its response sends the same value of `once`."""

    once = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": gettext_lazy("Carga la página de nuevo y repite."),
            "invalid": gettext_lazy("Carga la página de nuevo y repite."),
        },
    )


class ApiClientRow(NamedTuple):
    """An API client as the page lists it, with the labels of its scopes."""

    client: ApiClient
    scopes: list[str]


class ApiClientForm(OnceForm):
    """The name of an API client and its scopes."""

    name = forms.CharField(
        label=gettext_lazy("Nombre"),
        max_length=MAX_NAME_LENGTH,
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
def api_client_list(request: SignedInRequest, slug: str) -> HttpResponse:
    """List the API clients of a brand, and create one for an owner."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    if request.method != "POST":
        return _page(request, brand, _new_form())
    access.owned_brand(request, slug)
    form = ApiClientForm(request.POST)
    if not form.is_valid():
        return _page(request, brand, form, status=422)
    data = form.cleaned_data
    try:
        created = _once(
            data["once"],
            lambda: api_clients.create(brand.pk, data["name"], data["scopes"], by=request.user),
        )
    except CampaignError as error:
        form.add_error(None, error.message)
        return _page(request, brand, form, status=409)
    return _secret_page(request, created, brand) if created else _already_used(request, brand)


@login_required
@never_cache
@require_POST
def change_api_client(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Renew the secret of an API client, or revoke the client."""
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
        created = _once(
            form.cleaned_data["once"], lambda: api_clients.renew(client.pk, by=request.user)
        )
    except CampaignError as error:
        messages.error(request, error.message)
        return redirect("portal:api_clients", slug=slug)
    return _secret_page(request, created, brand) if created else _already_used(request, brand)


@login_required
@require_POST
def create_sandbox(request: SignedInRequest, slug: str) -> HttpResponse:
    """Make the sandbox of a brand, or give another of its owners theirs; redirect to its page."""
    brand = access.owned_brand(request, slug)
    try:
        made = sandbox.create(brand.pk, by=request.user)
    except CampaignError as error:
        messages.error(request, error.message)
        return redirect("portal:api_clients", slug=slug)
    messages.success(
        request, _("Lista tu marca de pruebas. Crea un programa de ella para tus pruebas.")
    )
    return redirect("portal:api_clients", slug=made.slug)


def _once(form_id: uuid.UUID, create: Callable[[], Credentials]) -> Credentials | None:
    """Call `create`, or return None where the same form was submitted before."""
    key = f"api-client-form:{form_id}"
    if not cache.add(key, True, USED_FOR):
        return None
    try:
        return create()
    except CampaignError:
        cache.delete(key)  # nothing was created: the form may be corrected and sent again
        raise


def _secret_page(request: SignedInRequest, credentials: Credentials, brand: Brand) -> HttpResponse:
    """Display a secret once, as the response to a POST."""
    context = {
        "brand": brand,
        "nav": "api_clients",
        "client": credentials.client,
        "secret": credentials.secret,
        "portal": settings.PORTAL_URL,
    }
    return render(request, "brands/api_client_secret.html", context, status=201)


def _already_used(request: SignedInRequest, brand: Brand) -> HttpResponse:
    messages.info(
        request,
        _("Eso ya se hizo, y el secreto se mostró una sola vez. Si lo perdiste, crea otro."),
    )
    return redirect("portal:api_clients", slug=brand.slug)


def _new_form() -> ApiClientForm:
    return ApiClientForm(initial={"once": uuid.uuid4()})


def _page(
    request: SignedInRequest, brand: Brand, form: ApiClientForm, *, status: int = 200
) -> HttpResponse:
    rows = ApiClient.objects.filter(brand=brand).select_related("created_by")
    clients = [
        ApiClientRow(client, [SCOPES[name] for name in client.scopes if name in SCOPES])
        for client in rows
    ]
    context: dict[str, Any] = {
        "brand": brand,
        "nav": "api_clients",
        "owns": brand.may_manage(request.user),
        "clients": [row for row in clients if row.client.revoked_at is None],
        "revoked": [row for row in clients if row.client.revoked_at],
        "once": uuid.uuid4(),
        "form": form,
        "sandbox": Brand.objects.visible_to(request.user).filter(sandbox_of=brand).first(),
    }
    return render(request, "brands/api_clients.html", context, status=status)
