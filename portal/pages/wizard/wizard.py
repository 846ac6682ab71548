"""The wizard: a page for each step, saved on its own, so that windows never undo each other."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns import lifecycle
from campaigns.errors import CampaignError, NotReady, StaleRevision
from campaigns.models import Brand, Campaign
from portal.accounts import access
from portal.accounts.access import SignedInRequest
from portal.pages.wizard import (
    ad_text_field,
    availability_panel,
    destination_field,
    step_pages,
    steps,
    zone_picker,
)
from portal.pages.wizard.forms import StepForm, TextStep, ZoneStep, digest
from portal.pages.wizard.steps import Step

UNDO = "text_before_fix"  # what a fix button changed, until the page that offers it back
KEPT = "kept_posts"  # what was sent without a session, by address, until its person is back
KEPT_MOST = 64_000  # characters of one of them
GO = "go "  # begins the action of a button that leads to another step
AUTOSAVE = "autosave"
ENTER = "enter"  # the button that Enter presses where it has more than one meaning
TRIES = 3

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Let people in who are signed in; what others send is kept until they are."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **named)
        if request.method == "POST":
            if request.POST.get("action") == AUTOSAVE:
                told = _("Tu sesión terminó. Entra otra vez: lo que escribiste sigue aquí.")
                return JsonResponse({"told": told}, status=401)
            sent = request.POST.copy()
            sent.pop("csrfmiddlewaretoken", None)
            if len(text := sent.urlencode()) <= KEPT_MOST:
                request.session[KEPT] = {request.path: text}
        return redirect_to_login(request.get_full_path())

    return guarded


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_campaign(request: SignedInRequest, slug: str) -> HttpResponse:
    """Begin a campaign: the first step, whose saving makes the draft."""
    brand = access.brand_of(request, slug)
    if not brand.may_edit(request.user):
        raise Http404
    access.remember(request, brand)
    return _answer(request, steps.FIRST, brand, None)


@signed_in
@require_http_methods(["GET", "HEAD"])
def edit_campaign(request: SignedInRequest, folio: str) -> HttpResponse:
    """Go on where something is missing."""
    campaign = access.campaign_of(request, folio)
    if not campaign.brand.may_edit(request.user):
        raise Http404
    return redirect("portal:campaign_step", folio=folio, slug=steps.first_open(campaign).slug)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_step(request: SignedInRequest, folio: str, slug: str) -> HttpResponse:
    """Write one step of a draft."""
    campaign = access.campaign_of(request, folio)
    if slug not in steps.BY_SLUG or not campaign.brand.may_edit(request.user):
        raise Http404
    if not campaign.editable and request.method != "POST":
        messages.info(request, _("Ya se envió: retírala de revisión o cópiala para cambiarla."))
        return redirect("portal:campaign", folio=folio)
    return _answer(request, steps.BY_SLUG[slug], campaign.brand, campaign)


def _answer(
    request: SignedInRequest, step: Step, brand: Brand, campaign: Campaign | None
) -> HttpResponse:
    if request.method == "POST":
        return _save(request, step, step.form(request.POST, campaign=campaign), brand, campaign)
    kept = request.session.get(KEPT, {})
    if request.path in kept:
        del request.session[KEPT]
        messages.info(
            request, _("Tu sesión había terminado: recuperamos lo que escribiste. Guárdalo.")
        )
        form = step.form(QueryDict(kept[request.path]), campaign=campaign)
        return _page(request, step, form.over(campaign), brand, campaign)
    return _page(request, step, step.form(campaign=campaign), brand, campaign)


def _save(
    request: SignedInRequest, step: Step, form: StepForm, brand: Brand, campaign: Campaign | None
) -> HttpResponse:
    """Save what was sent, then do what its button says. What cannot be saved is shown again."""
    action = request.POST.get("action", "next")
    quiet = action == AUTOSAVE
    if campaign is not None and step.form is ZoneStep:
        if action == ENTER:
            action = zone_picker.entered(request.POST)
        if action.startswith(zone_picker.ACTION):
            return _pick(request, step, brand, campaign, action)
    if not form.is_valid():
        if quiet:
            told = _("Sin guardar: hay un dato por corregir.")
            return JsonResponse({"told": told}, status=422)
        return _page(request, step, form, brand, campaign, status=422)
    terms = form.terms()
    if isinstance(form, TextStep):
        _mend(request, form, terms, action)
    if campaign is not None and action.startswith(availability_panel.USE):
        terms |= availability_panel.taken(request.POST, campaign)
    try:
        saved = _store(request, form, terms, brand, campaign)
    except CampaignError as error:
        if quiet:
            return JsonResponse({"told": error.message}, status=409)
        form.add_error(None, error.message)
        if campaign is not None:
            campaign.refresh_from_db()
        return _page(request, step, form.over(campaign), brand, campaign, status=409)
    if quiet:
        told = {"told": said_saved(saved), "seen": digest(form.saved(saved))}
        return JsonResponse(told | {"link": saved.short_link})
    return _go_on(request, step, form, saved, action)


def _pick(
    request: SignedInRequest, step: Step, brand: Brand, campaign: Campaign, action: str
) -> HttpResponse:
    """Do what a button of the zone picker stands for: it changes the form, and saves nothing."""
    form = ZoneStep(zone_picker.take(request.POST, action, brand), campaign=campaign)
    answer = zone_picker.answer(request.POST, action, form, brand, by=request.user)
    if answer.said and request.POST["action"] == ENTER:  # the page opens at its top
        messages.success(request, answer.said)
    return _page(request, step, form, brand, campaign, answer=answer)


def _store(
    request: SignedInRequest,
    form: StepForm,
    terms: dict[str, Any],
    brand: Brand,
    campaign: Campaign | None,
) -> Campaign:
    """Save a step. Raises StaleRevision where others saved it since its page was made."""
    by = request.user
    if campaign is None:
        return lifecycle.draft(brand.pk, terms, by=by)
    if not terms:
        return campaign
    for _try in range(TRIES):  # other steps may be saved meanwhile: that is no conflict
        saved = form.saved(campaign)
        ours = {name: terms[name] for name in saved}
        if form.cleaned_data["seen"] != digest(saved) and saved != ours:
            raise StaleRevision
        try:
            return lifecycle.edit(campaign.pk, terms, revision=campaign.revision, by=by)
        except StaleRevision:
            campaign.refresh_from_db()
    raise StaleRevision


def _go_on(
    request: SignedInRequest, step: Step, form: StepForm, campaign: Campaign, action: str
) -> HttpResponse:
    """Lead to where the button says."""
    if action == "submit":
        return _submit(request, step, form, campaign)
    if action == "save":
        messages.success(request, _("Borrador guardado."))
        return redirect("portal:campaign", folio=campaign.folio)
    if action in ("next", ENTER):
        return _to(campaign, steps.after(step))
    if action == "back":
        return _to(campaign, steps.before(step))
    if action == "link":
        _insert_link(request, campaign)
    if action.startswith(GO):
        return _to(campaign, steps.BY_SLUG.get(action.removeprefix(GO), step))
    at_panel = action == "availability" or action.startswith(availability_panel.USE)
    return _to(campaign, step, "#disponibilidad" if at_panel else "#texto")


def _to(campaign: Campaign, step: Step, place: str = "") -> HttpResponse:
    address = reverse("portal:campaign_step", args=[campaign.folio, step.slug])
    return redirect(address + place)


def _mend(request: SignedInRequest, form: StepForm, terms: dict[str, Any], action: str) -> None:
    """Do to the text what a fix button stands for, or undo it."""
    before = terms["text"]
    if action == "undo":
        terms["text"] = form.cleaned_data["undo_text"]
    elif action.startswith("fix"):
        terms["text"] = ad_text_field.apply_fix(request, before, action)
        if terms["text"] != before:
            request.session[UNDO] = before


def _insert_link(request: SignedInRequest, campaign: Campaign) -> None:
    before = campaign.text
    try:
        saved = destination_field.insert_link(request, campaign)
    except CampaignError as error:
        messages.error(request, error.message)
    else:
        if saved.text != before:
            request.session[UNDO] = before


def _submit(
    request: SignedInRequest, step: Step, form: StepForm, campaign: Campaign
) -> HttpResponse:
    try:
        lifecycle.submit(campaign.pk, by=request.user)
    except NotReady as error:
        campaign.refresh_from_db()
        for field in error.problems:
            there = steps.step_of(field)
            form.add_error(None, f"{there.title}: {' '.join(error.problems[field])}")
        return _page(request, step, form, campaign.brand, campaign, status=422)
    except CampaignError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Enviada. Estamos apartando tu inventario."))
    return redirect("portal:campaign", folio=campaign.folio)


def said_saved(campaign: Campaign) -> str:
    """Say when a draft was saved, for the corner of the page."""
    saved_at = localtime(campaign.saved_at)
    return _("Guardado {at}").format(at=date_format(saved_at, "H:i"))


def _page(
    request: SignedInRequest,
    step: Step,
    form: StepForm,
    brand: Brand,
    campaign: Campaign | None,
    *,
    status: int = 200,
    answer: zone_picker.Answer | None = None,
) -> HttpResponse:
    context = {
        "brand": brand,
        "nav": "campaigns",
        "campaign": campaign,
        "form": form,
        "step": step,
        "stages": steps.stages(campaign, step),
        "number": steps.STEPS.index(step) + 1,
        "total": len(steps.STEPS),
        "saved": said_saved(campaign) if campaign else "",
        "undo": request.session.pop(UNDO, ""),
    }
    context |= step_pages.context(step, form, campaign, undo=context["undo"], answer=answer)
    return render(request, step.template, context, status=status)
