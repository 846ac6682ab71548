"""The pages of a brand's saved zones."""

from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import saved_zones
from campaigns.models import Brand, SavedZone
from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required
from segments import areas, gazetteer, picture
from segments.areas import AreaError
from segments.gazetteer import Gazetteer
from segments.models.places import unaccented


class SavedZoneRow(NamedTuple):
    """A saved zone as the page lists it."""

    zone: SavedZone
    description: str
    problem: str  # why it resolves to no LADAs, or ""
    ladas: tuple[str, ...]
    name: str  # in the form that renames it
    name_error: str


class RejectedName(NamedTuple):
    """A new name of a saved zone that was refused."""

    zone_id: int
    name: str
    message: str


@login_required
@require_safe
def saved_zone_list(request: SignedInRequest, slug: str) -> HttpResponse:
    """List the saved zones of a brand."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    return _page(request, brand)


@login_required
@require_POST
def rename_zone(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Rename a saved zone; a name that is refused is displayed with its error (422)."""
    brand, zone = _editable_zone(request, slug, pk)
    name = request.POST.get("name", "")
    try:
        renamed = saved_zones.rename(zone.pk, name, by=request.user)
    except saved_zones.BadName as error:
        return _page(request, brand, rejected=RejectedName(zone.pk, name, error.message))
    messages.success(request, _("Ahora se llama «{name}».").format(name=renamed.name))
    return redirect("portal:saved_zones", slug=slug)


@login_required
@require_POST
def delete_zone(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Delete a saved zone."""
    _brand, zone = _editable_zone(request, slug, pk)
    saved_zones.delete(zone.pk, by=request.user)
    messages.success(request, _("Borraste «{name}».").format(name=zone.name))
    return redirect("portal:saved_zones", slug=slug)


def _editable_zone(request: SignedInRequest, slug: str, pk: int) -> tuple[Brand, SavedZone]:
    brand = access.brand_of(request, slug)
    access.require_editor(request, brand)
    return brand, get_object_or_404(brand.saved_zones, pk=pk)


def _page(
    request: SignedInRequest, brand: Brand, rejected: RejectedName | None = None
) -> HttpResponse:
    places = gazetteer.current()
    zones = sorted(brand.saved_zones.all(), key=lambda zone: unaccented(zone.name))
    rows = [_row(zone, places, rejected) for zone in zones]
    sheet = picture.draw([row.ladas for row in rows], places)
    context = {
        "brand": brand,
        "nav": "zones",
        "may_edit": brand.may_edit(request.user),
        "rows": list(zip(rows, sheet.pictures, strict=True)),
        "sheet": sheet,
    }
    return render(request, "saved_zones.html", context, status=422 if rejected else 200)


def _row(zone: SavedZone, places: Gazetteer, rejected: RejectedName | None) -> SavedZoneRow:
    area = zone.chosen_area
    ladas, problem = tuple[str, ...](), ""
    try:
        ladas = areas.resolve(area, places)
    except AreaError as error:
        problem = str(error)
    if rejected is not None and rejected.zone_id == zone.pk:
        name, name_error = rejected.name, rejected.message
    else:
        name, name_error = zone.name, ""
    description = areas.describe(area, places)
    return SavedZoneRow(zone, description, problem, ladas, name, name_error)
