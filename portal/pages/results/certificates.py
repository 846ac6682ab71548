"""The certificates of a campaign: issue, download, accept and dispute."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.certificates import answers, issue, standing
from campaigns.errors import CampaignError
from campaigns.models import Campaign, Certificate
from campaigns.models.brand import MAX_REASON_LENGTH
from core.calendar import add_working_days
from core.counts import CountField
from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required


class DisputeForm(forms.Form):
    """The dispute of a certificate's counts."""

    claimed = CountField(
        label=gettext_lazy("Entregadas según tus cuentas"),
        help_text=gettext_lazy("Cuántas notificaciones reclamas como entregadas."),
        min_value=0,
    )
    reason = forms.CharField(
        label=gettext_lazy("Motivo"),
        help_text=gettext_lazy(
            "De dónde sale tu cuenta. Lo lee Telefónica, y queda en el registro."
        ),
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificate_list(request: SignedInRequest, folio: str) -> HttpResponse:
    """List the certificates of a campaign; a POST issues one."""
    campaign = access.campaign_of(request, folio)
    access.remember(request, campaign.brand)
    if request.method != "POST":
        return _page(request, campaign)
    access.require_editor(request, campaign.brand)
    try:
        certificate, is_new = issue.issue(campaign.pk, by=request.user)
    except CampaignError as error:
        messages.error(request, error.message)
    else:
        done = (
            _("Emitiste la constancia {folio}.")
            if is_new
            else _("La constancia {folio} sigue vigente: nada ha cambiado.")
        )
        messages.success(request, done.format(folio=certificate.folio))
    return redirect("portal:certificates", folio=folio)


@login_required
@require_safe
def certificate_file(request: SignedInRequest, folio: str, certificate: str) -> HttpResponse:
    """Return the PDF as it was issued."""
    found = _certificate_of(request, folio, certificate)
    headers = {"Content-Disposition": f'attachment; filename="constancia-{found.folio}.pdf"'}
    return HttpResponse(bytes(found.pdf), content_type="application/pdf", headers=headers)


@login_required
@require_POST
def answer_certificate(request: SignedInRequest, folio: str, certificate: str) -> HttpResponse:
    """Accept or dispute a certificate; a dispute that is refused is displayed again (422)."""
    found = _certificate_of(request, folio, certificate)
    access.require_editor(request, found.campaign.brand)
    is_dispute = request.POST.get("action") == "dispute"
    form = DisputeForm(request.POST) if is_dispute else None
    if form is not None and not form.is_valid():
        return _page(request, found.campaign, form, status=422)
    try:
        if form is None:
            answers.accept(found.pk, by=request.user)
            done = _("Aceptaste la constancia {folio}.")
        else:
            answers.dispute(found.pk, **form.cleaned_data, by=request.user)
            done = _("Objetaste la constancia {folio}. Telefónica te responde.")
    except CampaignError as error:
        if form is None:
            messages.error(request, error.message)
            return redirect("portal:certificates", folio=folio)
        form.add_error(None, error.message)
        return _page(request, found.campaign, form, status=422)
    messages.success(request, done.format(folio=found.folio))
    return redirect("portal:certificates", folio=folio)


def _certificate_of(request: SignedInRequest, folio: str, certificate: str) -> Certificate:
    campaign = access.campaign_of(request, folio)
    return get_object_or_404(campaign.certificates, folio=certificate)


def _page(
    request: SignedInRequest,
    campaign: Campaign,
    form: DisputeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = campaign.certificates.without_file().select_related("campaign", "issued_by")
    found = [(each, answers.of_certificate(each)) for each in rows]
    context = {
        "brand": campaign.brand,
        "nav": "campaigns",
        "campaign": campaign,
        "may_edit": campaign.brand.may_edit(request.user),
        "standing": standing.of_campaign(campaign),
        "certificates": found,
        "changes": issue.pending_changes(campaign) if found else [],
        "form": form or DisputeForm(),
        "form_open": form is not None,
        "answer_by": add_working_days(timezone.localdate(), settings.DISPUTE_WORKING_DAYS),
    }
    return render(request, "results/certificates.html", context, status=status)
