"""Access of users to brands: the brand of a request, and the user's rights in it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth import decorators
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from campaigns import rights
from campaigns.models import Brand, Campaign, ChannelSwitch, Notice
from core.api import throttles
from portal.accounts.models import User

P = ParamSpec("P")

PAGE_COST_A_MINUTE = 1_200  # of one person


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


def costly(
    cost: int,
) -> Callable[
    [Callable[Concatenate[SignedInRequest, P], HttpResponseBase]],
    Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
]:
    """Limit posts to a page that costs as much as `cost` ordinary ones, for members of a brand.

    Others get a 404, and whoever posts more than PAGE_COST_A_MINUTE a 429.
    """

    def limit(
        view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[SignedInRequest, P], HttpResponseBase]:
        @wraps(view)
        def limited(
            request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if request.method == "POST":
                if not (request.user.is_staff or home_brand(request)):
                    raise Http404
                caller = f"page-{request.user.pk}"
                usage = throttles.count_request(caller, PAGE_COST_A_MINUTE, cost)
                if usage.exceeded:
                    response = render(request, "429.html", status=429)
                    response["Retry-After"] = str(usage.seconds_left)
                    return response
            return view(request, *args, **kwargs)

        return limited

    return limit


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
    require_owner(request, brand)
    return brand


def require_editor(request: SignedInRequest, brand: Brand) -> None:
    """Raise Http404 unless the user writes for a brand, and BrandSuspended while nobody may."""
    if not brand.has_editor(request.user):
        raise Http404
    rights.require_active(brand)


def require_owner(request: SignedInRequest, brand: Brand) -> None:
    """Raise Http404 unless the user owns a brand, and BrandSuspended while nobody may act."""
    if not brand.is_owned_by(request.user):
        raise Http404
    rights.require_active(brand)


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
    """Return what every template may use: skin, logo, the portal's address, brands, unread notices,
    the channel's stop.

    A context processor; the queries run only in templates that use their values.
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
    return branding | {
        "brands": Brand.objects.visible_to(user),
        "unread": unread.count,
        "channel_stop": ChannelSwitch.objects.current_stop,
    }
