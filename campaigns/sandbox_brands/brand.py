"""The sandbox of a brand: made by its owner, found for a program, and emptied."""

from contextlib import AbstractContextManager

import pgtrigger
from django.contrib.auth.models import AbstractUser as User
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import brands, rights
from campaigns.errors import SandboxOnly
from campaigns.models import (
    AdOrder,
    Brand,
    Campaign,
    CountedDay,
    DayCount,
    HourCount,
    HourTotal,
    MarkedDay,
    Membership,
    OrderCount,
    ReportHour,
    ReportPart,
)
from campaigns.reports import hours
from core import advisory_locks
from core.languages import stored
from inventory.models import Allocation, Reservation

COUNTS: tuple[type[models.Model], ...] = (
    HourCount,
    HourTotal,
    DayCount,
    OrderCount,
    CountedDay,
    MarkedDay,
)


@transaction.atomic
def create(brand_id: int, *, by: User) -> Brand:
    """Return the sandbox of a brand, which `by` owns; make it if there is none.

    Its clock begins at the present moment. Raises NotAllowed, BrandSuspended or NameTaken, and
    SandboxOnly for the sandbox of a sandbox.
    """
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand_id)
    rights.require_owner(brand, by)
    if brand.is_sandbox:
        raise SandboxOnly(_("Esta ya es una marca de pruebas."))
    found = Brand.objects.filter(sandbox_of=brand).first()
    if found is None:
        name = stored(gettext_lazy("Pruebas de {name}")).format(name=brand.name[:60])
        slug = brands.free_slug(f"{brand.slug[:32]}-pruebas")
        found = Brand(name=name, slug=slug, category=brand.category, sandbox_of=brand)
        found.clock = timezone.now()
        brands.require_unique(found, name)
        found.save()
    role = Membership.Role.OWNER
    Membership.objects.get_or_create(brand=found, user_id=by.pk, defaults={"role": role})
    return found


def require(brand: Brand, by: User) -> None:
    """Raise SandboxOnly for a brand that is none, NotAllowed for who does not write for it."""
    rights.require_editor(brand, by)
    if not brand.is_sandbox:
        raise SandboxOnly


def lock(brand_id: int) -> Brand:
    """Return a sandbox brand that nobody else plays until the transaction ends."""
    advisory_locks.acquire_named(f"sandbox-brand:{brand_id}")
    return Brand.objects.get(pk=brand_id, sandbox_of__isnull=False)


@transaction.atomic
def reset(brand_id: int, *, by: User) -> Brand:
    """Delete all campaigns of a sandbox brand with what belongs to them; its clock is now again.

    People, programs, webhooks and saved zones stay. Raises NotAllowed or SandboxOnly.
    """
    require(Brand.objects.get(pk=brand_id), by)
    brand = lock(brand_id)
    campaigns = Campaign.objects.filter(brand=brand, sandbox=True)
    orders = list(AdOrder.objects.filter(campaign__in=campaigns).values_list("pk", flat=True))
    for table in COUNTS:
        table._default_manager.filter(ad_order__in=orders).delete()
    for reported in (ReportPart, ReportHour):
        reported.objects.filter(stream=hours.stream_of(brand)).delete()
    with _without_triggers():
        _delete(campaigns)
    reservations = Reservation.objects.filter(ledger=brand.pk)
    Allocation.objects.filter(reservation__in=reservations).delete()
    reservations.delete()
    brand.clock = timezone.now()
    brand.save(update_fields=["clock"])
    return brand


def _without_triggers() -> AbstractContextManager[None]:
    """Return a context in which no trigger refuses to delete the records of a campaign."""
    return pgtrigger.ignore()


def _delete(rows: models.QuerySet) -> None:
    """Delete rows, and before them all rows that refer to them, of whatever table."""
    for relation in rows.model._meta.related_objects:
        if relation.field.model is not rows.model:
            manager = relation.related_model._base_manager
            _delete(manager.filter(**{f"{relation.field.name}__in": rows}))
    rows._raw_delete(rows.db)  # what refers to them is gone
