"""Lists come in pages that follow a cursor, so that rows which come meanwhile shift nothing."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.api.serializers import Query, QueryWhole, Text

PER_PAGE, MOST_PER_PAGE = 25, 100
MOST_CURSOR = 500  # characters
CURSOR = "WyJ[A-Za-z0-9_-]+"  # base64url of `["`, and on


class Order(NamedTuple):
    """By which column a list is ordered, ties by key; the column is never null.

    `read` makes the column's value of what stands in a cursor, None where it cannot.
    """

    column: str = "id"
    backwards: bool = False
    read: Callable[[str], Any] = str

    def columns(self, key: str) -> tuple[str, ...]:
        sign = "-" if self.backwards else ""
        return tuple(dict.fromkeys([f"{sign}{self.column}", f"{sign}{key}"]))

    def after(self, value: Any, key: str, last: Any) -> Q:
        """Keep what comes after a row."""
        beyond = "lt" if self.backwards else "gt"
        if self.column in (key, "id"):
            return Q(**{f"{key}__{beyond}": last})
        tie = Q(**{self.column: value, f"{key}__{beyond}": last})
        return Q(**{f"{self.column}__{beyond}": value}) | tie


NEWEST = Order("id", backwards=True)
MOMENT = parse_datetime


class PageQuery(Query):
    """What every list takes."""

    per_page = QueryWhole(
        min_value=1, max_value=MOST_PER_PAGE, default=PER_PAGE, help_text=_("Cuántas por página.")
    )
    cursor = Text(
        required=False,
        max_length=MOST_CURSOR,
        pattern=CURSOR,
        help_text=_("El `nextCursor` de la página anterior, tal cual."),
    )


class Page(NamedTuple):
    """The rows of a page, and the cursor of the next one; empty on the last."""

    rows: Sequence[Any]
    cursor: str


def cut(
    rows: QuerySet[Any], query: Mapping[str, Any], orders: Mapping[str, Order], key: str = "id"
) -> Page:
    """Cut the page that a query asks for by `order`, `per_page` and `cursor`.

    The first of `orders` is what a query gets that names none. Raises ValidationError.
    """
    name = query.get("order") or next(iter(orders))
    order, count = orders[name], query["per_page"]
    if cursor := query.get("cursor"):
        value, last = _read_cursor(cursor, name)
        try:
            value = order.read(value)
            if value is None:
                raise _bad_cursor()
            rows = rows.filter(order.after(value, key, last))
        except (ValueError, TypeError, OverflowError, ValidationError):
            raise _bad_cursor() from None
    found = list(rows.order_by(*order.columns(key))[: count + 1])
    more, found = len(found) > count, found[:count]
    return Page(found, _cursor(found[-1], name, order, key) if more else "")


def response(items: Sequence[Any], cursor: str, request: Request) -> Response:
    """Give a page as `{items, nextCursor}`, with the next one's address in `Link`."""
    page = Response({"items": items, "nextCursor": cursor or None})
    if cursor:
        address = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
        page["Link"] = f'<{address}>; rel="next"'
    return page


def _cursor(row: Model, name: str, order: Order, key: str) -> str:
    value = getattr(row, order.column)
    if isinstance(value, date | datetime):
        value = value.isoformat()
    told = json.dumps([name, str(value), getattr(row, key)])
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, name: str) -> tuple[str, Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_for, value, last = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _bad_cursor() from None
    whole = isinstance(last, int) and not isinstance(last, bool) and 0 < last < 2**63
    code = isinstance(last, str) and last.isalnum() and len(last) < 20
    if made_for != name or not (whole or code) or not isinstance(value, str) or "\0" in value:
        raise _bad_cursor()
    return value, last


def _bad_cursor() -> serializers.ValidationError:
    message = _("Ese cursor no es de esta lista y orden: empieza sin cursor.")
    return serializers.ValidationError({"cursor": message}, "cursor")
