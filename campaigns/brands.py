"""How a brand comes in: its person asks, and staff let it in."""

import secrets

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from campaigns import notices
from campaigns.errors import NameTaken, NotAllowed
from campaigns.models import Brand, Membership
from campaigns.models.campaign import FOLIO_ALPHABET


@transaction.atomic
def apply(name: str, category: str, *, by: User) -> Brand:
    """Ask for a brand, with the person as its owner; it waits until staff activate it.

    Whether another brand has that name is not said here: staff see it when they decide.
    """
    brand = Brand.objects.create(
        name=name, slug=_slug(name), category=category, active=False, activated_at=None
    )
    Membership.objects.create(brand=brand, user_id=by.pk, role=Membership.Role.OWNER)
    return brand


@transaction.atomic
def activate(brand_id: int) -> bool:
    """Let a waiting brand in and tell its owners; say whether it waited.

    Raises NameTaken where an active brand has its name.
    """
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand_id)
    if not brand.is_waiting:
        return False
    _require_free(brand, brand.name)
    brand.active = True
    brand.activated_at = timezone.now()
    brand.save(update_fields=["active", "activated_at"])
    notices.tell_activated(brand)
    return True


@transaction.atomic
def describe(brand_id: int, *, name: str, category: str, by: User) -> Brand:
    """Change how a brand is called and what it sells; its address stays.

    Raises NotAllowed or NameTaken.
    """
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand_id)
    if not brand.is_owned_by(by):
        raise NotAllowed
    _require_free(brand, name)
    brand.name = name
    brand.category = category
    brand.save(update_fields=["name", "category"])
    return brand


def _require_free(brand: Brand, name: str) -> None:
    others = Brand.objects.filter(active=True, name__iexact=name).exclude(pk=brand.pk)
    if others.exists():
        raise NameTaken(name)


def _slug(name: str) -> str:
    """Make the brand's part of addresses: its name, and random letters where that is taken."""
    base = slugify(name)[:40] or "marca"
    if not Brand.objects.filter(slug=base).exists():
        return base
    letters = "".join(secrets.choice(FOLIO_ALPHABET) for _ in range(5)).lower()
    return f"{base}-{letters}"
