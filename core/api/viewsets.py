"""What every resource of the API does alike: who may, how often, and once only."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core.api import idempotency
from core.api.errors import Refused
from core.api.throttles import PerCaller


class HasScope(BasePermission):
    """Let a program do only what its token was made for; people have their role instead."""

    def has_permission(self, request: Request, view: Any) -> bool:
        needed = view.scope_for(request.method)
        self.message = _("El token no tiene el alcance {scope}.").format(scope=needed)
        token: Any = request.auth
        return token is None or token.allow_scopes([needed])


class Resource(GenericViewSet[Any]):
    """The base of all resources.

    `scopes` names the scope that reading needs, and the one that all else does. `tag` is its
    chapter in the description of the API; `lookup_schema` and `lookup_told` say there what
    stands in its addresses.
    """

    scopes: ClassVar[tuple[str, str]] = ("", "")
    permission_classes = (IsAuthenticated, HasScope)
    throttle_classes = (PerCaller,)
    lookup_value_regex = r"[^/\x00]+"
    tag: str | Promise = ""
    lookup_schema: Mapping[str, Any] = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
    lookup_told: str | Promise = gettext_lazy("Su número.")
    pagination_class = None
    rate_headers: Mapping[str, str] = {}
    post: idempotency.Handler

    def scope_for(self, method: str) -> str:
        reads, writes = self.scopes
        return reads if method in SAFE_METHODS else writes

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and hasattr(self, "post"):
            self.post = idempotency.once(self, self.post)

    def created(self, response: Response, key: object) -> Response:
        """Say that what an answer shows is new, and where it stands."""
        response.status_code = 201
        kwargs = {self.lookup_url_kwarg or self.lookup_field: key}
        response["Location"] = self.reverse_action("detail", kwargs=kwargs)
        return response

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        for name, value in self.rate_headers.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return super().finalize_response(request, response, *args, **kwargs)


def tags_of(header: str) -> frozenset[str]:
    """Read the entity tags of an If-Match or If-None-Match; "*" stands for any."""
    return frozenset(tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip())


def require_match(request: Request, tag: str, *, needed: bool) -> None:
    """Raise Refused unless the request names the tag of what stands now.

    `needed`: a request that names none is refused as well, 428.
    """
    header = request.headers.get("If-Match")
    if header is None:
        if needed:
            message = _("Manda en If-Match el ETag que leíste, para no pisar otro cambio.")
            raise Refused("PRECONDITION_REQUIRED", message)
        return
    if not tags_of(header) & {tag, "*"}:
        message = _("Cambió desde que la leíste: léela de nuevo, compara y repite.")
        raise Refused("FAILED_PRECONDITION", message)


def is_unchanged(request: Request, tag: str) -> bool:
    """Say whether who asks has what stands already."""
    return bool(tags_of(request.headers.get("If-None-Match", "")) & {tag, "*"})
