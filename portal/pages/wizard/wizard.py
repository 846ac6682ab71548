"""The wizard: one page a step. Each step is saved alone, so windows do not undo each other."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns import differences, lifecycle, links, readiness
from campaigns.differences import TwoValues
from campaigns.errors import CampaignError, NotReady, StaleRevision
from campaigns.models import Brand, Campaign
from campaigns.pricing.errors import PriceChanged
from core import pending_post
from core.pending_post import AUTOSAVE, login_required_keeping_post
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
from portal.pages.wizard.forms import StepForm, TextStep, ZoneStep
from portal.pages.wizard.steps import Step

TEXT_BEFORE_FIX = "text_before_fix"  # session key, for the button that undoes a fix
GO = "go "  # prefix of the action of a button that leads to another step
LINK_AT = "link:"  # prefix of the action that puts the short link in the place of another link
ENTER = "enter"  # the action of the Enter key where it depends on the field
OBJECT = "corregir"  # the parameter of a step that says what is wrong with what was saved


@login_required_keeping_post
@require_http_methods(["GET", "HEAD", "POST"])
def new_campaign(request: SignedInRequest, slug: str) -> HttpResponse:
    """Display and save the first step of a new campaign; saving it creates the draft."""
    brand = access.brand_of(request, slug)
    access.require_editor(request, brand)
    access.remember(request, brand)
    return _step_response(request, steps.FIRST, brand, None)


@login_required_keeping_post
@require_http_methods(["GET", "HEAD"])
def edit_campaign(request: SignedInRequest, folio: str) -> HttpResponse:
    """Redirect to the first step that is not complete."""
    campaign = access.campaign_of(request, folio)
    access.require_editor(request, campaign.brand)
    return redirect("portal:campaign_step", folio=folio, slug=steps.first_incomplete(campaign).slug)


@login_required_keeping_post
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_step(request: SignedInRequest, folio: str, slug: str) -> HttpResponse:
    """Display and save one step of a draft."""
    campaign = access.campaign_of(request, folio)
    if slug not in steps.BY_SLUG:
        raise Http404
    access.require_editor(request, campaign.brand)
    if not campaign.editable and request.method != "POST":
        messages.info(request, _("Ya se envió: retírala de revisión o cópiala para cambiarla."))
        return redirect("portal:campaign", folio=folio)
    return _step_response(request, steps.BY_SLUG[slug], campaign.brand, campaign)


def _step_response(
    request: SignedInRequest, step: Step, brand: Brand, campaign: Campaign | None
) -> HttpResponse:
    if request.method == "POST":
        return _save(request, step, step.form(request.POST, campaign=campaign), brand, campaign)
    if (kept := pending_post.take(request)) is not None:
        messages.info(
            request, _("Tu sesión había terminado: recuperamos lo que escribiste. Guárdalo.")
        )
        form = step.form(kept, campaign=campaign)
        return _page(request, step, form.rebase(campaign), brand, campaign)
    form = step.form(campaign=campaign)
    if campaign is None or OBJECT not in request.GET:
        return _page(request, step, form, brand, campaign)
    form.add_problems(readiness.problems(campaign))
    return _page(request, step, form, brand, campaign, objects=True)


def _save(
    request: SignedInRequest, step: Step, form: StepForm, brand: Brand, campaign: Campaign | None
) -> HttpResponse:
    """Save the step and respond by its action; a form that is not valid is displayed again."""
    action = request.POST.get("action", "next")
    is_autosave = action == AUTOSAVE
    if campaign is not None and step.form is ZoneStep:
        if action == ENTER:
            action = zone_picker.enter_action(request.POST)
        if action.startswith(zone_picker.ACTION):
            return _picker_page(request, step, brand, campaign, action)
    if not form.is_valid():
        if is_autosave:
            message = _("Sin guardar: hay un dato por corregir.")
            return JsonResponse({"message": message}, status=422)
        return _page(request, step, form, brand, campaign, status=422)
    terms = form.terms()
    if isinstance(form, TextStep):
        _fix_text(request, form, terms, action)
    if campaign is not None and action.startswith(availability_panel.USE):
        area = form.area() if isinstance(form, ZoneStep) else campaign.chosen_area
        terms |= availability_panel.alternative_terms(action, area)
    try:
        saved = _store(request, form, terms, brand, campaign)
    except CampaignError as error:
        if is_autosave:
            is_conflict = isinstance(error, StaleRevision)
            return JsonResponse({"message": error.message, "conflict": is_conflict}, status=409)
        form.add_error(None, error.message)
        conflict = []
        if campaign is not None:
            campaign.refresh_from_db()
            conflict = differences.between_values(campaign, terms)
        return _page(
            request, step, form.rebase(campaign), brand, campaign, status=409, conflict=conflict
        )
    if is_autosave:
        return JsonResponse(_autosaved(step, saved))
    return _redirect_after_save(request, step, saved, action)


def _picker_page(
    request: SignedInRequest, step: Step, brand: Brand, campaign: Campaign, action: str
) -> HttpResponse:
    """Apply a button of the zone picker and display the form again; the draft is not saved."""
    form = ZoneStep(zone_picker.apply_action(request.POST, action, brand), campaign=campaign)
    result = zone_picker.action_result(request.POST, action, form, brand, by=request.user)
    if result.message and request.POST["action"] == ENTER:  # the page opens at its top
        messages.success(request, result.message)
    return _page(request, step, form, brand, campaign, result=result)


def _store(
    request: SignedInRequest,
    form: StepForm,
    terms: dict[str, Any],
    brand: Brand,
    campaign: Campaign | None,
) -> Campaign:
    """Save a step. Raises StaleRevision where it would undo what others saved meanwhile."""
    by = request.user
    if campaign is None:
        return lifecycle.draft(brand.pk, terms, by=by)
    if not terms:
        return campaign
    revision = form.cleaned_data["revision"] or 0
    return lifecycle.edit(campaign.pk, terms, revision=revision, by=by)


def _redirect_after_save(
    request: SignedInRequest, step: Step, campaign: Campaign, action: str
) -> HttpResponse:
    """Redirect to where the action leads."""
    if action == "submit":
        return _submit(request, step, campaign)
    if action == "save":
        messages.success(request, _("Borrador guardado."))
        return redirect("portal:campaign", folio=campaign.folio)
    if action in ("next", ENTER):
        if step.problems(readiness.problems(campaign)):
            return _redirect_to_step(campaign, step, objects=True)
        return _redirect_to_step(campaign, steps.next_step(step))
    if action == "back":
        return _redirect_to_step(campaign, steps.previous_step(step))
    if action == "link" or action.startswith(LINK_AT):
        _insert_link(request, campaign)
    if action.startswith(GO):
        return _redirect_to_step(campaign, steps.BY_SLUG.get(action.removeprefix(GO), step))
    at_panel = action == "availability" or action.startswith(availability_panel.USE)
    return _redirect_to_step(campaign, step, "#disponibilidad" if at_panel else "#texto")


def _redirect_to_step(
    campaign: Campaign, step: Step, fragment: str = "", *, objects: bool = False
) -> HttpResponse:
    """Redirect to a step, which says what is wrong with it if it `objects`."""
    address = reverse("portal:campaign_step", args=[campaign.folio, step.slug])
    return redirect(f"{address}?{OBJECT}" if objects else address + fragment)


def _fix_text(request: SignedInRequest, form: StepForm, terms: dict[str, Any], action: str) -> None:
    """Apply a fix to the text of the terms, or undo the last one."""
    before = terms["text"]
    if action == "undo":
        fixed = form.cleaned_data["fixed_text"].replace("\r\n", "\n") or before
        terms["text"] = ad_text_field.undo_fix(form.cleaned_data["undo_text"], fixed, before)
        if terms["text"] == before:
            messages.info(request, _("Cambiaste lo que se había corregido: no hay qué deshacer."))
    elif action.startswith(LINK_AT):
        position = action.removeprefix(LINK_AT)
        if position.isdecimal():
            terms |= destination_field.own_link_at(
                int(position), text=before, destination=terms["destination"]
            )
        if terms["text"] != before:
            request.session[TEXT_BEFORE_FIX] = before
    elif action.startswith("fix"):
        terms["text"] = ad_text_field.apply_fix(request, before, action)
        if terms["text"] != before:
            request.session[TEXT_BEFORE_FIX] = before


def _insert_link(request: SignedInRequest, campaign: Campaign) -> None:
    before = campaign.text
    try:
        saved = destination_field.insert_link(request, campaign)
    except CampaignError as error:
        messages.error(request, error.message)
    else:
        if saved.text != before:
            request.session.setdefault(TEXT_BEFORE_FIX, before)


def _submit(request: SignedInRequest, step: Step, campaign: Campaign) -> HttpResponse:
    try:
        lifecycle.submit(campaign.pk, by=request.user, shown=request.POST.get("shown", ""))
    except NotReady:
        return _redirect_to_step(campaign, step, objects=True)
    except PriceChanged as error:
        messages.warning(request, error.message)
        return _redirect_to_step(campaign, step, "#precio")
    except CampaignError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Enviada. Estamos apartando tu inventario."))
    return redirect("portal:campaign", folio=campaign.folio)


def _autosaved(step: Step, campaign: Campaign) -> dict[str, Any]:
    """Return what the page's script displays of a saved step."""
    wrong = step.problems(readiness.problems(campaign))
    label = saved_label(campaign)
    if any(getattr(campaign, problem.term) for problem in wrong):
        label += _(" · hay algo por corregir")
    return {
        "message": label,
        "revision": campaign.revision,
        "link": campaign.short_link,
        "destination": campaign.destination,
        "destinationProblem": " ".join(
            problem.message for problem in links.check_destination(campaign.destination)
        ),
    }


def saved_label(campaign: Campaign) -> str:
    """Return when a draft was saved, as the page displays it."""
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
    result: zone_picker.PickerResult | None = None,
    objects: bool = False,
    conflict: Sequence[TwoValues] = (),
) -> HttpResponse:
    context = {
        "brand": brand,
        "nav": "campaigns",
        "campaign": campaign,
        "form": form,
        "objects": objects,
        "conflict": conflict,
        "step": step,
        "stages": steps.stages(campaign, step),
        "number": steps.STEPS.index(step) + 1,
        "total": len(steps.STEPS),
        "saved": saved_label(campaign) if campaign else "",
        "undo": request.session.pop(TEXT_BEFORE_FIX, ""),
    }
    context |= step_pages.context(step, form, campaign, undo=context["undo"], result=result)
    return render(request, step.template, context, status=status)
