"""What the people of a brand may write: nothing while it is suspended, and they are told why."""

from django.contrib.auth.models import AbstractUser as User

from campaigns.errors import BrandSuspended, NotAllowed
from campaigns.models import Brand


def require_editor(brand: Brand, by: User) -> None:
    """Raise NotAllowed unless `by` writes for the brand, and BrandSuspended while it may not."""
    _require(brand, allowed=brand.has_editor(by))


def require_owner(brand: Brand, by: User) -> None:
    """Raise NotAllowed unless `by` owns the brand, and BrandSuspended while it may not act."""
    _require(brand, allowed=brand.is_owned_by(by))


def require_active(brand: Brand) -> None:
    """Raise BrandSuspended, or NotAllowed for a brand that was never activated."""
    _require(brand, allowed=True)


def _require(brand: Brand, *, allowed: bool) -> None:
    standing = brand.sandbox_of or brand  # a sandbox is suspended with its brand
    if allowed and standing.is_suspended:
        raise BrandSuspended(standing.suspension_reason)
    if not (allowed and standing.active):
        raise NotAllowed
