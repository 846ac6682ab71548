"""Areas that a brand saves under a name."""

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from campaigns import rights
from campaigns.errors import CampaignError
from campaigns.models import Brand, SavedZone
from segments import areas
from segments.areas import Area

MAX_ZONES = 100  # of a brand; all of them are listed in the picker
MAX_NAME_LENGTH = 60


class BadName(CampaignError):
    """The name is empty, too long or taken."""

    code = "bad_name"


class TooManyZones(CampaignError):
    """The brand has as many saved zones as it may."""

    code = "too_many_zones"

    def __init__(self) -> None:
        super().__init__(
            _("Tu marca ya guarda {most} zonas: borra alguna que no uses.").format(most=MAX_ZONES)
        )


@transaction.atomic
def create(brand_id: int, name: str, area: Area, *, by: User) -> SavedZone:
    """Save an area under a name that is unique in the brand, ignoring case.

    Raises NotAllowed, BadName, TooManyZones, or UnknownCode and EmptyArea from `areas.resolve`.
    """
    brand = _lock(brand_id, by)
    areas.resolve(area)
    name = _clean_name(name, brand)
    if brand.saved_zones.count() >= MAX_ZONES:
        raise TooManyZones
    return SavedZone.objects.create(
        brand=brand, name=name, area=area.to_json(), created_by_id=by.pk
    )


@transaction.atomic
def rename(zone_id: int, name: str, *, by: User) -> SavedZone:
    """Rename a saved zone. Raises NotAllowed or BadName."""
    zone = SavedZone.objects.get(pk=zone_id)
    brand = _lock(zone.brand_id, by)
    zone.name = _clean_name(name, brand, exclude=zone)
    zone.save(update_fields=["name"])
    return zone


@transaction.atomic
def delete(zone_id: int, *, by: User) -> None:
    """Delete a saved zone; campaigns that used it keep their copy. Raises NotAllowed."""
    zone = SavedZone.objects.get(pk=zone_id)
    _lock(zone.brand_id, by)
    zone.delete()


def _lock(brand_id: int, by: User) -> Brand:
    """Lock a brand for this transaction. Raises NotAllowed unless `by` writes for it."""
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand_id)
    rights.require_editor(brand, by)
    return brand


def _clean_name(name: str, brand: Brand, exclude: SavedZone | None = None) -> str:
    """Return a name without extra spaces. Raises BadName."""
    name = " ".join(name.replace("\0", " ").split())
    if not name:
        raise BadName(_("Ponle un nombre a la zona, por ejemplo «Bajío»."))
    if len(name) > MAX_NAME_LENGTH:
        raise BadName(
            _("Usa un nombre de hasta {longest} caracteres.").format(longest=MAX_NAME_LENGTH)
        )
    others = brand.saved_zones.alias(lowered=Lower("name")).filter(lowered=Lower(Value(name)))
    if exclude is not None:
        others = others.exclude(pk=exclude.pk)
    if others.exists():
        raise BadName(_("Ya hay una zona «{name}»: usa otro nombre.").format(name=name))
    return name
