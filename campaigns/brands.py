"""Applications of brands: a person applies, and staff activate or discard the brand."""

import secrets

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from campaigns import notices, reasons, rights
from campaigns.errors import NameTaken, NotAllowed
from campaigns.models import Brand, Membership, Notice
from campaigns.models.campaign import FOLIO_ALPHABET


@transaction.atomic
def apply(name: str, category: str, *, by: User) -> Brand:
    """Create a brand that waits for staff to activate it, with the person as its owner.

    Staff are notified once the person has confirmed an e-mail address: see `announce`. Whether
    another brand has the name is not revealed here: staff see it when they decide.
    """
    brand = Brand.objects.create(
        name=name, slug=free_slug(name), category=category, active=False, activated_at=None
    )
    Membership.objects.create(brand=brand, user_id=by.pk, role=Membership.Role.OWNER)
    return brand


@transaction.atomic
def announce(*, owner: User) -> None:
    """Notify staff, once each, of the waiting brands of a person with a confirmed address."""
    rows = Brand.objects.waiting().filter(
        memberships__user_id=owner.pk, memberships__role=Membership.Role.OWNER
    )
    for brand in rows.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        if not brand.notices.filter(kind=Notice.Kind.APPLIED).exists():
            notices.notify_applied(brand)


@transaction.atomic
def reapply(brand_id: int, name: str, category: str, *, by: User) -> Brand:
    """Apply again for a discarded brand, changed or not, and notify staff.

    Raises NotAllowed unless it is discarded and the person owns it.
    """
    brand = _lock(brand_id)
    if not (brand.is_discarded and brand.is_owned_by(by)):
        raise NotAllowed
    brand.name = name
    brand.category = category
    _wait_again(brand)
    notices.notify_applied(brand)
    return brand


@transaction.atomic
def discard(brand_id: int, reason: str) -> bool:
    """Discard a waiting brand and notify its owners of the reason; return whether it waited.

    Its slug becomes free for others; its members and their data stay. Raises BadReason.
    """
    reason = reasons.clean(reason, readers=_("lo recibe por correo quien la registró"))
    brand = _lock(brand_id)
    if not brand.is_waiting:
        return False
    brand.discarded_at = timezone.now()
    brand.discard_reason = reason
    brand.slug = _with_random_suffix(brand.slug[:40])
    brand.save(update_fields=["discarded_at", "discard_reason", "slug"])
    notices.notify_discarded(brand)
    return True


@transaction.atomic
def restore(brand_id: int) -> bool:
    """Put a discarded brand back into waiting; return whether it was discarded."""
    brand = _lock(brand_id)
    if not brand.is_discarded:
        return False
    _wait_again(brand)
    return True


@transaction.atomic
def activate(brand_id: int) -> bool:
    """Activate a waiting brand and notify its owners; return whether it waited.

    Raises NameTaken where an active brand has its name.
    """
    brand = _lock(brand_id)
    if not brand.is_waiting:
        return False
    require_unique(brand, brand.name)
    brand.active = True
    brand.activated_at = timezone.now()
    brand.save(update_fields=["active", "activated_at"])
    notices.notify_activated(brand)
    return True


@transaction.atomic
def update(brand_id: int, *, name: str, category: str, by: User) -> Brand:
    """Change a brand's name and category; its slug stays.

    Raises NotAllowed, BrandSuspended or NameTaken.
    """
    brand = _lock(brand_id)
    rights.require_owner(brand, by)
    require_unique(brand, name)
    brand.name = name
    brand.category = category
    brand.save(update_fields=["name", "category"])
    return brand


def _lock(brand_id: int) -> Brand:
    return Brand.objects.select_for_update(no_key=True).get(pk=brand_id)


def _wait_again(brand: Brand) -> None:
    """Save a locked brand as a waiting one, with a slug of its name."""
    brand.discarded_at = None
    brand.discard_reason = ""
    brand.slug = free_slug(brand.name)
    brand.save(update_fields=["name", "category", "discarded_at", "discard_reason", "slug"])


def require_unique(brand: Brand, name: str) -> None:
    """Raise NameTaken if another active brand has a name."""
    others = Brand.objects.filter(active=True, name__iexact=name).exclude(pk=brand.pk)
    if others.exists():
        raise NameTaken(name)


def free_slug(name: str) -> str:
    """Return a slug of a brand's name, with random letters where that is taken."""
    base = slugify(name)[:40] or "marca"
    if not Brand.objects.filter(slug=base).exists():
        return base
    return _with_random_suffix(base)


def _with_random_suffix(base: str) -> str:
    suffix = "".join(secrets.choice(FOLIO_ALPHABET) for _index in range(5)).lower()
    return f"{base}-{suffix}"
