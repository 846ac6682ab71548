"""The zones that a brand keeps by name."""

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from campaigns.errors import CampaignError, NotAllowed
from campaigns.models import Brand, SavedZone
from segments import areas
from segments.areas import Area

MOST = 100  # saved zones of a brand; all of them are listed in the picker
LONGEST_NAME = 60


class BadName(CampaignError):
    """A zone cannot be kept under this name."""

    code = "bad_name"


class TooManyZones(CampaignError):
    """The brand keeps as many zones as it may."""

    code = "too_many_zones"

    def __init__(self) -> None:
        super().__init__(
            _("Tu marca ya guarda {most} zonas: borra alguna que no uses.").format(most=MOST)
        )


@transaction.atomic
def create(brand_id: int, name: str, area: Area, *, by: User) -> SavedZone:
    """Keep a choice under a name that is new in the brand, whatever its capitals.

    Raises NotAllowed, BadName, TooManyZones, or UnknownCode and EmptyArea from `areas.resolve`.
    """
    brand = _lock(brand_id, by)
    areas.resolve(area)
    name = _checked(name, brand)
    if brand.saved_zones.count() >= MOST:
        raise TooManyZones
    return SavedZone.objects.create(
        brand=brand, name=name, area=area.to_json(), created_by_id=by.pk
    )


@transaction.atomic
def rename(zone_id: int, name: str, *, by: User) -> SavedZone:
    """Give a kept zone another name. Raises NotAllowed or BadName."""
    zone = SavedZone.objects.get(pk=zone_id)
    brand = _lock(zone.brand_id, by)
    zone.name = _checked(name, brand, but=zone)
    zone.save(update_fields=["name"])
    return zone


@transaction.atomic
def delete(zone_id: int, *, by: User) -> None:
    """Delete a kept zone; campaigns that took it keep theirs. Raises NotAllowed."""
    zone = SavedZone.objects.get(pk=zone_id)
    _lock(zone.brand_id, by)
    zone.delete()


def _lock(brand_id: int, by: User) -> Brand:
    """Take a brand's names for this transaction, for one of its editors."""
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand_id)
    if not (brand.active and brand.may_edit(by)):
        raise NotAllowed
    return brand


def _checked(name: str, brand: Brand, but: SavedZone | None = None) -> str:
    name = " ".join(name.replace("\0", " ").split())
    if not name:
        raise BadName(_("Ponle un nombre a la zona, por ejemplo «Bajío»."))
    if len(name) > LONGEST_NAME:
        raise BadName(
            _("Usa un nombre de hasta {longest} caracteres.").format(longest=LONGEST_NAME)
        )
    others = brand.saved_zones.alias(low=Lower("name")).filter(low=Lower(Value(name)))
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        raise BadName(_("Ya hay una zona «{name}»: usa otro nombre.").format(name=name))
    return name
