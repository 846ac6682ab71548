"""The contexts of the wizard's pages beside their forms."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns import pricing, readiness
from campaigns.models import Campaign
from core.calendar import format_date_range
from portal.pages.wizard import (
    ad_text_field,
    availability_panel,
    day_calendar,
    destination_field,
    steps,
    zone_picker,
)
from portal.pages.wizard.forms import DatesStep, StepForm, TextStep, ZoneStep
from portal.pages.wizard.steps import Step
from segments import areas, gazetteer, picture
from segments.catalogue import ATTRIBUTION


def context(
    step: Step,
    form: StepForm,
    campaign: Campaign | None,
    *,
    undo: str = "",
    result: zone_picker.PickerResult | None = None,
) -> dict[str, Any]:
    """Return the context of a step's template, beyond what all steps have."""
    if isinstance(form, TextStep):
        text = form["text"].value() or ""
        destination = form["destination"].value() or ""
        return {
            "text_errors": form["text"].errors if form.is_bound else [],  # the field has the others
            **ad_text_field.field_context(text, undo=undo),
            **destination_field.field_context(campaign, destination=destination, text=text),
        }
    if isinstance(form, ZoneStep) and campaign is not None:
        picker = zone_picker.picker_context(form, campaign.brand, result)
        return picker | availability_panel.panel_for_step(form, campaign)
    if isinstance(form, DatesStep):
        now = campaign.now() if campaign else None
        return {
            "first_day": readiness.first_possible_day(now),
            "last_day": readiness.last_open_day(now),
            "lead_hours": settings.LEAD_HOURS,
            **day_calendar.calendar_context(campaign),
            **availability_panel.panel_for_step(form, campaign),
        }
    if step.slug == "revisar" and campaign is not None:
        return {
            "sentences": sentences(campaign),
            "problem_count": sum(map(len, readiness.problems(campaign).values())),
            "first_wrong": steps.first_incomplete(campaign),
            "lead_hours": settings.LEAD_HOURS,
            "operations_hours": settings.OPERATIONS_HOURS,
            **_price(campaign),
            **ad_text_field.field_context(campaign.text),
            **_picture(campaign),
            **availability_panel.panel_for_campaign(campaign),
        }
    return {}


def _price(campaign: Campaign) -> dict[str, Any]:
    """Return what the order costs if it is sent today, and that total as the form sends it back."""
    offer = pricing.offer(campaign)
    return {"offer": offer, "shown": pricing.total_of(offer)}


def _picture(campaign: Campaign) -> dict[str, Any]:
    """Return the picture of the campaign's area; {} while it cannot be resolved."""
    area = campaign.chosen_area
    try:
        ladas = areas.resolve(area) if area else ()
    except areas.AreaError:
        ladas = ()
    return {"sheet": picture.draw([ladas]), "attribution": ATTRIBUTION} if ladas else {}


def sentences(campaign: Campaign) -> list[str]:
    """Return the order as sentences; what is missing is left out."""
    lines = []
    if campaign.use == Campaign.Use.PROMOTION and campaign.promotion_ends_on:
        lines.append(
            _("Es una promoción que vale hasta el {day}.").format(
                day=format_date_range(campaign.promotion_ends_on, campaign.promotion_ends_on)
            )
        )
    elif campaign.use == Campaign.Use.BROADCAST:
        lines.append(_("Es una difusión: un mensaje sin vigencia."))
    if (area := campaign.chosen_area) is not None:
        places = gazetteer.current()
        try:
            lines.append(
                _("Sale en {where}: {count} LADA.").format(
                    where=areas.describe(area, places), count=len(areas.resolve(area, places))
                )
            )
        except areas.AreaError as error:
            lines.append(str(error))
    if campaign.starts_on and campaign.ends_on and campaign.starts_on <= campaign.ends_on:
        days = (campaign.ends_on - campaign.starts_on).days + 1
        lines.append(
            _("Corre {span} ({days} días).").format(
                span=format_date_range(campaign.starts_on, campaign.ends_on), days=days
            )
            if days > 1
            else _("Corre el {span}, un solo día.").format(
                span=format_date_range(campaign.starts_on, campaign.ends_on)
            )
        )
    if campaign.destination:
        lines.append(_("Lleva a {page} con tu enlace corto.").format(page=campaign.destination))
    if campaign.volume:
        lines.append(
            _("Se entregan {volume:,} notificaciones, con un tope de {cap:,} por día.").format(
                volume=campaign.volume, cap=campaign.daily_cap
            )
            if campaign.daily_cap
            else _("Se entregan {volume:,} notificaciones, a ritmo parejo.").format(
                volume=campaign.volume
            )
        )
    return lines
