"""How a brand comes in: its person asks, and staff let it in or discard it."""

import secrets

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import notices
from campaigns.errors import BadReason, NameTaken, NotAllowed
from campaigns.models import Brand, Membership, Notice
from campaigns.models.brand import MAX_DISCARD_REASON_LENGTH
from campaigns.models.campaign import FOLIO_ALPHABET


@transaction.atomic
def apply(name: str, category: str, *, by: User) -> Brand:
    """Ask for a brand, with the person as its owner; it waits until staff activate it.

    Staff hear of it once the person has proven an address: `announce`. Whether another
    brand has that name is not said here: staff see it when they decide.
    """
    brand = Brand.objects.create(
        name=name, slug=_slug(name), category=category, active=False, activated_at=None
    )
    Membership.objects.create(brand=brand, user_id=by.pk, role=Membership.Role.OWNER)
    return brand


@transaction.atomic
def announce(*, owner: User) -> None:
    """Tell staff of the waiting brands of a person whose address is proven, once each."""
    rows = Brand.objects.waiting().filter(
        memberships__user_id=owner.pk, memberships__role=Membership.Role.OWNER
    )
    for brand in rows.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        if not brand.notices.filter(kind=Notice.Kind.APPLIED).exists():
            notices.notify_applied(brand)


@transaction.atomic
def reapply(brand_id: int, name: str, category: str, *, by: User) -> Brand:
    """Ask once more for a brand that was discarded, mended or as it was; tell staff of it.

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
    """Turn a waiting brand down and tell its owners why; say whether it waited.

    Its address is free for others; its people, and what they asked for, stay. Raises
    BadReason.
    """
    reason = reason.replace("\r\n", "\n").strip()
    _require_sense(reason)
    brand = _lock(brand_id)
    if not brand.is_waiting:
        return False
    brand.discarded_at = timezone.now()
    brand.discard_reason = reason
    brand.slug = _with_letters(brand.slug[:40])
    brand.save(update_fields=["discarded_at", "discard_reason", "slug"])
    notices.notify_discarded(brand)
    return True


@transaction.atomic
def restore(brand_id: int) -> bool:
    """Let a discarded brand wait again; say whether it was discarded."""
    brand = _lock(brand_id)
    if not brand.is_discarded:
        return False
    _wait_again(brand)
    return True


@transaction.atomic
def activate(brand_id: int) -> bool:
    """Let a waiting brand in and tell its owners; say whether it waited.

    Raises NameTaken where an active brand has its name.
    """
    brand = _lock(brand_id)
    if not brand.is_waiting:
        return False
    _require_free(brand, brand.name)
    brand.active = True
    brand.activated_at = timezone.now()
    brand.save(update_fields=["active", "activated_at"])
    notices.notify_activated(brand)
    return True


@transaction.atomic
def update(brand_id: int, *, name: str, category: str, by: User) -> Brand:
    """Change how a brand is called and what it sells; its address stays.

    Raises NotAllowed or NameTaken.
    """
    brand = _lock(brand_id)
    if not brand.is_owned_by(by):
        raise NotAllowed
    _require_free(brand, name)
    brand.name = name
    brand.category = category
    brand.save(update_fields=["name", "category"])
    return brand


def _lock(brand_id: int) -> Brand:
    return Brand.objects.select_for_update(no_key=True).get(pk=brand_id)


def _wait_again(brand: Brand) -> None:
    """Save a locked brand as one that waits, at an address of its name."""
    brand.discarded_at = None
    brand.discard_reason = ""
    brand.slug = _slug(brand.name)
    brand.save(update_fields=["name", "category", "discarded_at", "discard_reason", "slug"])


def _require_sense(reason: str) -> None:
    if not reason or "\0" in reason:
        raise BadReason(_("Escribe el motivo: lo recibe por correo quien la registró."))
    if (over := len(reason) - MAX_DISCARD_REASON_LENGTH) > 0:
        raise BadReason(
            ngettext(
                "El motivo pasa por {over} carácter de los {most} que caben: acórtalo.",
                "El motivo pasa por {over} caracteres de los {most} que caben: acórtalo.",
                over,
            ).format(over=over, most=MAX_DISCARD_REASON_LENGTH)
        )


def _require_free(brand: Brand, name: str) -> None:
    others = Brand.objects.filter(active=True, name__iexact=name).exclude(pk=brand.pk)
    if others.exists():
        raise NameTaken(name)


def _slug(name: str) -> str:
    """Make the brand's part of addresses: its name, and random letters where that is taken."""
    base = slugify(name)[:40] or "marca"
    if not Brand.objects.filter(slug=base).exists():
        return base
    return _with_letters(base)


def _with_letters(base: str) -> str:
    letters = "".join(secrets.choice(FOLIO_ALPHABET) for _place in range(5)).lower()
    return f"{base}-{letters}"
