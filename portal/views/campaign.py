"""The pages of a brand's campaigns: the list and the campaign itself."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from campaigns import lifecycle
from campaigns.errors import CampaignError, NotReady
from campaigns.models import Campaign
from portal import access
from portal.views import story

PAGE = 25

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
