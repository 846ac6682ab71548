"""What a brand does to a campaign with one button."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns import lifecycle
from campaigns.errors import CampaignError, NotReady
from campaigns.models import Campaign
from portal.accounts import access
from portal.pages.campaigns import campaign_list

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
@require_POST
def act_on_campaign(request: HttpRequest, folio: str, verb: str) -> HttpResponse:
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
        messages.success(request, f"{campaign.name}: {said}" if "volver" in request.POST else said)
    except NotReady as error:
        messages.error(request, error.message)
        return redirect("portal:edit_campaign", folio=folio)
    except CampaignError as error:
        messages.error(request, error.message)
    if "volver" in request.POST:
        return campaign_list.back(request, campaign.brand)
    return redirect("portal:campaign", folio=folio)
