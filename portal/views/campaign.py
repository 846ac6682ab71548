"""The pages of a brand's campaigns: the list, the form, the campaign itself."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import lifecycle, readiness
from campaigns.errors import CampaignError, NotReady, StaleRevision
from campaigns.models import Brand, Campaign
from portal import access
from portal.forms import CampaignForm
from portal.views import ad_text, availability, story, zones

PAGE = 25
UNDO = "text_before_fix"  # what a fix button changed, until the page that offers it back

# What a brand may do to a campaign with one button, and what is said afterwards.
VERBS: Mapping[str, tuple[Callable[..., Campaign], str | Promise]] = {
    "retirar": (
        lifecycle.withdraw,
        gettext_lazy("La retiraste de revisión: vuelve a ser un borrador."),
    ),
    "pausar": (lifecycle.pause, gettext_lazy("Pausada. El inventario sigue siendo tuyo.")),
    "reanudar": (lifecycle.resume, gettext_lazy("Reanudada.")),
    "cancelar": (
        lifecycle.cancel,
        gettext_lazy("Cancelada. Lo que no se había enviado quedó libre."),
    ),
    "enviar": (lifecycle.submit, gettext_lazy("Enviada. Estamos apartando tu inventario.")),
    "avisarme": (
        lifecycle.join,
        gettext_lazy("Está en la lista de espera. Te escribimos en cuanto haya lugar."),
    ),
    "dejar-lista": (lifecycle.leave, gettext_lazy("Ya no está en la lista de espera.")),
    "soltar": (lifecycle.leave, gettext_lazy("Soltaste el inventario apartado.")),
}


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Go where the person works: their brand, the reviewers' desk, or a word of explanation."""
    brand = access.home_brand(request)
    if brand:
        return redirect("portal:campaigns", slug=brand.slug)
    if request.user.is_staff:
        return redirect("admin:index")
    if waiting := access.waiting_brand(request):
        return render(request, "campaigns/brand_waiting.html", {"waiting": waiting})
    return render(request, "campaigns/no_brand.html")


@login_required
@require_safe
def campaigns(request: HttpRequest, slug: str) -> HttpResponse:
    """List a brand's campaigns, newest first; search and status are in the address."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    rows = Campaign.objects.filter(brand=brand).select_related("ad_order", "reservation")
    rows = rows.prefetch_related(story.OPEN_PLACES)
    wanted = request.GET.get("q", "").replace("\0", "").strip()
    status = request.GET.get("estado", "")
    if wanted:
        rows = rows.filter(
            Q(name__icontains=wanted) | Q(folio__icontains=wanted) | Q(text__icontains=wanted)
        )
    if status in Campaign.Status.values:
        rows = rows.filter(status=status)
    return render(
        request,
        "campaigns/list.html",
        {
            "brand": brand,
            "nav": "campaigns",
            "may_edit": brand.may_edit(request.user),
            "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
            "wanted": wanted,
            "status": status,
            "statuses": Campaign.Status.choices,
            "filtered": bool(wanted or status),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a campaign from nothing; the first save makes the draft."""
    brand = access.brand_of(request, slug)
    if not brand.may_edit(request.user):
        raise Http404
    access.remember(request, brand)
    form = CampaignForm(availability.take(request.POST) or None)
    if request.method == "POST":
        return _save(request, form, brand, None)
    return _form_page(request, form, brand, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, folio: str) -> HttpResponse:
    """Write a draft further."""
    campaign = access.campaign_of(request, folio)
    if not campaign.brand.may_edit(request.user):
        raise Http404
    if not campaign.editable and request.method != "POST":
        messages.info(request, _("Ya se envió: retírala de revisión o cópiala para cambiarla."))
        return redirect("portal:campaign", folio=folio)
    form = CampaignForm(availability.take(request.POST) or None, campaign=campaign)
    if request.method == "POST":
        return _save(request, form, campaign.brand, campaign)
    return _form_page(request, form, campaign.brand, campaign)


@login_required
@require_safe
def show(request: HttpRequest, folio: str) -> HttpResponse:
    """Show a campaign: where it is, who has it, what comes next, and all that happened."""
    campaign = access.campaign_of(request, folio)
    access.remember(request, campaign.brand)
    return render(
        request,
        "campaigns/show.html",
        {
            "brand": campaign.brand,
            "nav": "campaigns",
            "campaign": campaign,
            "may_edit": campaign.brand.may_edit(request.user),
            **story.of(campaign),
        },
    )


@login_required
@require_POST
def act(request: HttpRequest, folio: str, verb: str) -> HttpResponse:
    """Do one thing to a campaign and come back to its page."""
    campaign = access.campaign_of(request, folio)
    try:
        if verb == "copiar":
            copied = lifecycle.copy(campaign.pk, by=request.user)
            messages.success(request, _("Copiada como borrador. Cambia lo que haga falta."))
            return redirect("portal:edit_campaign", folio=copied.folio)
        if verb not in VERBS:
            raise Http404
        do, said = VERBS[verb]
        do(campaign.pk, by=request.user)
        messages.success(request, said)
    except NotReady as error:
        messages.error(request, error.message)
        return redirect("portal:edit_campaign", folio=folio)
    except CampaignError as error:
        messages.error(request, error.message)
    return redirect("portal:campaign", folio=folio)


def _save(
    request: HttpRequest, form: CampaignForm, brand: Brand, campaign: Campaign | None
) -> HttpResponse:
    """Save what was sent, then do what its button says. What cannot be saved is shown again."""
    action = request.POST.get("action", "save")
    if not form.is_valid():
        return _form_page(request, form, brand, campaign, status=422)
    terms = form.terms()
    before = terms["text"]
    if action == "undo":
        terms["text"] = form.cleaned_data["undo_text"]
    if action.startswith("fix"):
        terms["text"] = ad_text.mend(request, before, action)
    try:
        saved = _store(request, form, terms, brand, campaign)
    except StaleRevision as error:
        form.add_error(None, error.message)
        return _form_page(request, form.at_revision(campaign), brand, campaign, status=409)
    except CampaignError as error:
        form.add_error(None, error.message)
        return _form_page(request, form, brand, campaign, status=409)
    if action == "submit":
        return _submit(request, form, brand, saved)
    if action == "save":
        messages.success(request, _("Borrador guardado."))
    if action.startswith("fix") and terms["text"] != before:
        request.session[UNDO] = before
    return _back_to(saved, action)


def _store(
    request: HttpRequest,
    form: CampaignForm,
    terms: Mapping[str, Any],
    brand: Brand,
    campaign: Campaign | None,
) -> Campaign:
    if campaign is None:
        return lifecycle.draft(brand.pk, terms, by=request.user)
    seen = form.cleaned_data["revision"] or 0
    return lifecycle.edit(campaign.pk, terms, revision=seen, by=request.user)


def _back_to(campaign: Campaign, action: str) -> HttpResponse:
    """Come back to the part of the form that the button stands in."""
    there = redirect("portal:edit_campaign", folio=campaign.folio)
    if action == "availability" or action.startswith(availability.USE):
        there["Location"] += "#disponibilidad"
    elif action != "save":
        there["Location"] += "#texto"
    return there


def _submit(
    request: HttpRequest, form: CampaignForm, brand: Brand, campaign: Campaign
) -> HttpResponse:
    try:
        lifecycle.submit(campaign.pk, by=request.user)
    except NotReady as error:
        for field, lines in error.problems.items():
            form.add_error("scope" if field == "area" else field, lines)
        campaign.refresh_from_db()
        return _form_page(request, form.at_revision(campaign), brand, campaign, status=422)
    except CampaignError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, VERBS["enviar"][1])
    return redirect("portal:campaign", folio=campaign.folio)


def _form_page(
    request: HttpRequest,
    form: CampaignForm,
    brand: Brand,
    campaign: Campaign | None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "brand": brand,
        "nav": "campaigns",
        "campaign": campaign,
        "form": form,
        "groups": zones.groups(form),
        "first_day": readiness.first_possible_day(),
        "last_day": readiness.last_open_day(),
        "lead_hours": settings.LEAD_HOURS,
        **ad_text.field(form["text"].value() or "", undo=request.session.pop(UNDO, "")),
        **(
            availability.of_form(form, campaign)
            if form.is_bound
            else availability.of_campaign(campaign)
        ),
    }
    return render(request, "campaigns/form.html", context, status=status)
