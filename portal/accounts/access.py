"""Access of users to brands: the brand of a request, and the user's rights in it."""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth import decorators
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from campaigns.models import Brand, Campaign, Notice
from portal.accounts.models import User

P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    """A request that `login_required` has let through."""

    user: User


def login_required(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Redirect to the sign-in page unless a user is signed in.

    Django's decorator of the same name, typed: the view it guards takes a SignedInRequest.
    """
    return decorators.login_required(
        cast(Callable[Concatenate[HttpRequest, P], HttpResponseBase], view)
    )


def brand_of(request: SignedInRequest, slug: str) -> Brand:
    """Return one of the user's brands. Raise Http404 for any other, whether or not it exists."""
    return get_object_or_404(Brand.objects.visible_to(request.user), slug=slug)


def campaign_of(request: SignedInRequest, folio: str) -> Campaign:
    """Return a campaign of one of the user's brands, or raise Http404."""
    rows = Campaign.objects.visible_to(request.user).select_related("brand", "reservation")
    return get_object_or_404(rows, folio=folio)


def home_brand(request: SignedInRequest) -> Brand | None:
    """Return the brand that the user worked for last, or their first, or None."""
    brands = Brand.objects.visible_to(request.user)
    return brands.filter(slug=request.session.get("brand", "")).first() or brands.first()


def owned_brand(request: SignedInRequest, slug: str) -> Brand:
    """Return a brand that the user owns. Raise Http404 also for others of its team."""
    brand = brand_of(request, slug)
    if not brand.is_owned_by(request.user):
        raise Http404
    return brand


def waiting_brand(request: SignedInRequest) -> Brand | None:
    """Return the brand that the user applied for and that staff have not activated yet."""
    return Brand.objects.waiting().filter(memberships__user_id=request.user.pk).first()


def applied_brand(request: SignedInRequest, pk: int) -> Brand:
    """Return a brand that the user applied for and that was never activated, or raise Http404."""
    rows = Brand.objects.filter(active=False, activated_at__isnull=True)
    brand = get_object_or_404(rows, pk=pk)
    if not brand.is_owned_by(request.user):
        raise Http404
    return brand


def discarded_brand(request: SignedInRequest) -> Brand | None:
    """Return the brand that the user applied for and that staff discarded."""
    return Brand.objects.discarded().filter(memberships__user_id=request.user.pk).first()


def remember(request: HttpRequest, brand: Brand) -> None:
    """Keep the brand in the session as the one that `home_brand` returns."""
    if request.session.get("brand") != brand.slug:
        request.session["brand"] = brand.slug


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what every template may use: skin, logo, the portal's address, the user's brands,
    count of unread notices.

    A context processor; the two queries run only in templates that use their values.
    """
    branding = {
        "skin": settings.SKIN,
        "operator_logo": settings.OPERATOR_LOGO,
        "mailbox": settings.MAILBOX,
        "portal_url": settings.PORTAL_URL,
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return branding
    unread = Notice.objects.visible_to(user).unread()
    return branding | {"brands": Brand.objects.visible_to(user), "unread": unread.count}
