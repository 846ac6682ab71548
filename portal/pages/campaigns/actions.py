"""The buttons of a campaign: each makes one move of the table, or a copy."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from campaigns import lifecycle
from campaigns.errors import CampaignError, NotReady
from campaigns.moves import COPY, POSTED
from portal.accounts import access
from portal.accounts.access import SignedInRequest
from portal.pages.campaigns import campaign_list
from portal.pages.wizard import steps


@login_required
@require_POST
def campaign_action(request: SignedInRequest, folio: str, verb: str) -> HttpResponse:
    """Make the move of a button, and return to the page that it was on."""
    campaign = access.campaign_of(request, folio)
    from_list = "volver" in request.POST
    try:
        if verb == COPY.verb:
            copied = lifecycle.copy(campaign.pk, by=request.user)
            messages.success(request, str(COPY.done))
            return redirect("portal:campaign_step", folio=copied.folio, slug=steps.DATES.slug)
        if verb not in POSTED:
            raise Http404
        move, button = POSTED[verb]
        getattr(lifecycle, move.name)(campaign.pk, by=request.user)
        done = f"{campaign.name}: {button.done}" if from_list else str(button.done)
        messages.success(request, done)
    except NotReady as error:
        messages.error(request, error.message)
        return redirect("portal:edit_campaign", folio=folio)
    except CampaignError as error:
        messages.error(request, error.message)
    if from_list:
        return campaign_list.redirect_to_list(request, campaign.brand)
    return redirect("portal:campaign", folio=folio)
