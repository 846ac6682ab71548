"""Which brand a request acts for, and what its person may do there."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from campaigns.models import Brand, Campaign, Notice
from portal.accounts.models import User


class SignedInRequest(HttpRequest):
    """A request that `login_required` has let through."""

    user: User


def brand_of(request: SignedInRequest, slug: str) -> Brand:
    """Give one of the person's brands; a stranger's is not found, as if it did not exist."""
    return get_object_or_404(Brand.objects.visible_to(request.user), slug=slug)


def campaign_of(request: SignedInRequest, folio: str) -> Campaign:
    """Give a campaign of one of the person's brands, or 404."""
    rows = Campaign.objects.visible_to(request.user).select_related("brand", "reservation")
    return get_object_or_404(rows, folio=folio)


def home_brand(request: SignedInRequest) -> Brand | None:
    """Give the brand that the person worked for last, or their first, or none."""
    brands = Brand.objects.visible_to(request.user)
    return brands.filter(slug=request.session.get("brand", "")).first() or brands.first()


def owned_brand(request: SignedInRequest, slug: str) -> Brand:
    """Give a brand that the person owns; to others of its team, as to strangers, it is 404."""
    brand = brand_of(request, slug)
    if not brand.is_owned_by(request.user):
        raise Http404
    return brand


def waiting_brand(request: SignedInRequest) -> Brand | None:
    """Give the brand that the person asked for and that staff have not activated yet."""
    return Brand.objects.waiting().filter(memberships__user_id=request.user.pk).first()


def applied_brand(request: SignedInRequest, pk: int) -> Brand:
    """Give a brand that the person asked for and that was never let in, or 404."""
    rows = Brand.objects.filter(active=False, activated_at__isnull=True)
    brand = get_object_or_404(rows, pk=pk)
    if not brand.is_owned_by(request.user):
        raise Http404
    return brand


def discarded_brand(request: SignedInRequest) -> Brand | None:
    """Give the brand that the person asked for and that staff turned down."""
    return Brand.objects.discarded().filter(memberships__user_id=request.user.pk).first()


def remember(request: HttpRequest, brand: Brand) -> None:
    """Come back to this brand at the next sign-in of the same session."""
    if request.session.get("brand") != brand.slug:
        request.session["brand"] = brand.slug


def context(request: HttpRequest) -> dict[str, Any]:
    """Give every page the operator's skin and logo, the person's brands and unread notices."""
    look = {
        "skin": settings.SKIN,
        "operator_logo": settings.OPERATOR_LOGO,
        "mailbox": settings.MAILBOX,
    }
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return look
    unread = Notice.objects.visible_to(request.user).unread()
    return look | {"brands": Brand.objects.visible_to(request.user), "unread": unread.count}
