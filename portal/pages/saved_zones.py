"""The page of the zones that a brand keeps by name."""

from typing import NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import saved_zones
from campaigns.models import Brand, SavedZone
from portal.accounts import access
from segments import areas, gazetteer, picture
from segments.areas import AreaError
from segments.gazetteer import Gazetteer
from segments.models.places import unaccented


class Row(NamedTuple):
    """A kept zone as the page lists it."""

    zone: SavedZone
    told: str
    trouble: str
    reached: tuple[str, ...]
    typed: str  # in the box of its name
    error: str


@login_required
@require_safe
def saved_zone_list(request: HttpRequest, slug: str) -> HttpResponse:
    """List what the brand keeps."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    return _page(request, brand)


@login_required
@require_POST
def rename_zone(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give a zone another name; one that will not do is shown again with its error."""
    brand, zone = _editable(request, slug, pk)
    typed = request.POST.get("name", "")
    try:
        renamed = saved_zones.rename(zone.pk, typed, by=request.user)
    except saved_zones.BadName as error:
        return _page(request, brand, wrong=(zone.pk, typed, error.message))
    messages.success(request, _("Ahora se llama «{name}».").format(name=renamed.name))
    return redirect("portal:saved_zones", slug=slug)


@login_required
@require_POST
def delete_zone(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Delete a zone."""
    _brand, zone = _editable(request, slug, pk)
    saved_zones.forget(zone.pk, by=request.user)
    messages.success(request, _("Borraste «{name}».").format(name=zone.name))
    return redirect("portal:saved_zones", slug=slug)


def _editable(request: HttpRequest, slug: str, pk: int) -> tuple[Brand, SavedZone]:
    brand = access.brand_of(request, slug)
    if not brand.may_edit(request.user):
        raise Http404
    return brand, get_object_or_404(brand.saved_zones, pk=pk)


def _page(
    request: HttpRequest, brand: Brand, wrong: tuple[int, str, str] | None = None
) -> HttpResponse:
    places = gazetteer.current()
    kept = sorted(brand.saved_zones.all(), key=lambda zone: unaccented(zone.name))
    rows = [_row(zone, places, wrong) for zone in kept]
    sheet = picture.sheet([row.reached for row in rows], places)
    context = {
        "brand": brand,
        "nav": "zones",
        "may_edit": brand.may_edit(request.user),
        "rows": list(zip(rows, sheet.pictures, strict=True)),
        "sheet": sheet,
    }
    return render(request, "saved_zones.html", context, status=422 if wrong else 200)


def _row(zone: SavedZone, places: Gazetteer, wrong: tuple[int, str, str] | None) -> Row:
    area = zone.chosen_area
    ladas, trouble = tuple[str, ...](), ""
    try:
        ladas = areas.resolve(area, places)
    except AreaError as error:
        trouble = str(error)
    _pk, typed, error = wrong if wrong and wrong[0] == zone.pk else (0, zone.name, "")
    return Row(zone, areas.describe(area, places), trouble, ladas, typed, error)
