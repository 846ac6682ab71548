"""The base class of the API's viewsets, with scopes, rate limits and idempotency; entity tags."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import Throttled
from rest_framework.metadata import BaseMetadata
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core.api import idempotency, pagination
from core.api.errors import ApiError
from core.api.pagination import NEWEST_FIRST, Ordering
from core.api.schema import Operation
from core.api.serializers import QuerySerializer, StrictSerializer
from core.api.throttles import CallerRateThrottle, Usage, count_for
from core.body_limits import JSON, KIB, exceeds


class HasScope(BasePermission):
    """Require the view's scope of a token. People in a session need none: they have roles."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scope = view.scope_for(request.method)
        self.message = _("El token no tiene el alcance {scope}.").format(scope=scope)
        token: Any = request.auth
        return token is None or token.allow_scopes([scope])


class OperationsMetadata(BaseMetadata):
    """The response to OPTIONS: what each method does here, in the words of the description."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, dict[str, str]]:
        found = {method.upper(): view.operation_of(method) for method in view.action_map}
        found.pop("HEAD", None)  # as GET
        return {"methods": {name: str(known.summary) for name, known in found.items() if known}}


class ApiViewSet(GenericViewSet[Any]):
    """The base of all viewsets of the API.

    `scopes` are the scopes that reading and writing require. `tag` names the chapter in the OpenAPI
    description, in ASCII for generators of clients. `lookup_schema` and `lookup_description`
    describe the key in the URL there, `uses_etags` adds the header of conditional requests.

    `max_bodies` are the bytes that bodies may have and `costs` the requests that an action counts
    for, by action, where they are not `body_limits.JSON` and 1. `charge` counts what depends on
    the body.
    """

    scopes: ClassVar[tuple[str, str]] = ("", "")
    permission_classes: tuple[type[BasePermission], ...] = (IsAuthenticated, HasScope)
    throttle_classes = (CallerRateThrottle,)
    metadata_class = OperationsMetadata
    lookup_value_regex = r"[^/\x00]+"
    tag = ""
    lookup_schema: Mapping[str, Any] = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
    lookup_description: str | Promise = gettext_lazy("Su número.")
    uses_etags = False
    pagination_class = None
    max_body = 1024 * KIB  # bytes, of any action
    max_bodies: ClassVar[Mapping[str, int]] = {}
    costs: ClassVar[Mapping[str, int]] = {}
    usage: Usage | None = None
    query: Mapping[str, Any]  # the parameters of the request, validated
    post: idempotency.Handler

    @property
    def user(self) -> AbstractUser:
        """The caller: a person, or the account of an API client."""
        user = self.request.user
        assert isinstance(user, AbstractUser)  # IsAuthenticated
        return user

    def scope_for(self, method: str) -> str:
        """Return the scope that a request with this HTTP method requires."""
        read_scope, write_scope = self.scopes
        return read_scope if method in SAFE_METHODS else write_scope

    def operation_of(self, method: str) -> Operation | None:
        """Return what is known of the operation of an HTTP method here; None: there is none."""
        name = self.action_map.get(method.lower(), "")
        found: Operation | None = getattr(getattr(self, name, None), "operation", None)
        return found

    def may_write(self) -> bool:
        """Return whether the caller's token, if it has one, lets it write here."""
        token: Any = self.request.auth
        return token is None or token.allow_scopes([self.scopes[1]])

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        limit = self.max_bodies.get(self.action, JSON)
        if exceeds(request._request, limit):
            message = _("El cuerpo pasa de {limit} KiB: divídelo en varios.")
            raise ApiError("PAYLOAD_TOO_LARGE", message.format(limit=limit // KIB))
        super().initial(request, *args, **kwargs)
        operation = self.operation_of(request.method or "")
        self.query = (operation.query if operation else QuerySerializer).parse(request)
        if request.method == "POST" and hasattr(self, "post"):
            self.post = idempotency.idempotent(self, self.post)

    def charge(self, cost: int) -> None:
        """Count more of the cost of this request. Raises Throttled if it exceeds the limit."""
        if not cost or self.usage is None:
            return
        usage = count_for(self.user.pk, cost)
        self.usage = usage._replace(cost=self.usage.cost + (0 if usage.exceeded else cost))
        if usage.exceeded:
            raise Throttled(usage.seconds_left)

    def page_response(
        self,
        rows: QuerySet[Any],
        *,
        orderings: Mapping[str, Ordering] = NEWEST_FIRST,
        key: str = "id",
        serializer_class: type[StrictSerializer] | None = None,
    ) -> Response:
        """Return a page of rows by the parameters that every list has.

        Raises ValidationError for an invalid cursor.
        """
        page = pagination.paginate(rows, self.query, orderings, key)
        return pagination.page_response(
            self._serialize(page.rows, serializer_class), page.next_cursor, self.request
        )

    def _serialize(
        self, rows: Sequence[Any], serializer_class: type[StrictSerializer] | None
    ) -> Sequence[Any]:
        serializer = serializer_class or self.get_serializer_class()
        context = self.get_serializer_context()
        return serializer(rows, many=True, context=context).data

    def created_response(self, response: Response, key: object) -> Response:
        """Turn a response with a new object into a 201 with its URL in `Location`."""
        response.status_code = 201
        kwargs = {self.lookup_url_kwarg or self.lookup_field: key}
        response["Location"] = self.reverse_action("detail", kwargs=kwargs)
        return response

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        if self.usage is not None:
            for name, value in self.usage.headers().items():
                response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return super().finalize_response(request, response, *args, **kwargs)


def parse_etags(header: str) -> frozenset[str]:
    """Return the entity tags of an If-Match or If-None-Match header; "*" stands for any."""
    return frozenset(tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip())


def require_match(
    request: Request, etag: str, *, required: bool, compared: Callable[[str], str] = str
) -> None:
    """Raise ApiError (412) if If-Match does not name the current entity tag.

    A request without If-Match passes unless it is `required` (428). `compared` returns the part
    of a tag that has to be the same, by default all of it.
    """
    header = request.headers.get("If-Match")
    if header is None:
        if required:
            message = _("Manda en If-Match el ETag que leíste, para no pisar otro cambio.")
            raise ApiError("PRECONDITION_REQUIRED", message)
        return
    tags = parse_etags(header)
    if "*" not in tags and compared(etag) not in map(compared, tags):
        message = _("Cambió desde que la leíste: léela de nuevo, compara y repite.")
        raise ApiError("FAILED_PRECONDITION", message)


def is_unchanged(request: Request, etag: str) -> bool:
    """Return whether the client already has the current representation (If-None-Match)."""
    return bool(parse_etags(request.headers.get("If-None-Match", "")) & {etag, "*"})
