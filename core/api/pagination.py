"""Cursor pagination of lists: rows that are inserted meanwhile do not shift the pages."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.api.fields import QueryIntegerField, TextField
from core.api.serializers import QuerySerializer

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 25, 100
MAX_CURSOR = 500  # characters
CURSOR_PATTERN = "WyJ[A-Za-z0-9_-]+"  # base64url of JSON that begins with `["`


class Ordering(NamedTuple):
    """The column by which a list is ordered, with ties by key. The column is never null.

    `parse` turns the string of a cursor into a value of the column, or None if it cannot.
    """

    column: str = "id"
    descending: bool = False
    parse: Callable[[str], Any] = str

    def columns(self, key: str) -> tuple[str, ...]:
        """Return the arguments of `order_by`."""
        sign = "-" if self.descending else ""
        return tuple(dict.fromkeys([f"{sign}{self.column}", f"{sign}{key}"]))

    def after(self, value: Any, key: str, last: Any) -> Q:
        """Return the condition of the rows that follow the row with `value` and key `last`."""
        beyond = "lt" if self.descending else "gt"
        if self.column in (key, "id"):
            return Q(**{f"{key}__{beyond}": last})
        tie = Q(**{self.column: value, f"{key}__{beyond}": last})
        return Q(**{f"{self.column}__{beyond}": value}) | tie


NEWEST_FIRST: Mapping[str, Ordering] = {"newest": Ordering("id", descending=True)}


class PageQuerySerializer(QuerySerializer):
    """The parameters of every list."""

    per_page = QueryIntegerField(
        min_value=1,
        max_value=MAX_PAGE_SIZE,
        default=DEFAULT_PAGE_SIZE,
        help_text=_("Cuántas por página."),
    )
    cursor = TextField(
        required=False,
        max_length=MAX_CURSOR,
        pattern=CURSOR_PATTERN,
        help_text=_("El `nextCursor` de la página anterior, tal cual."),
    )


class Page(NamedTuple):
    """The rows of a page, and the cursor of the next one; empty on the last."""

    rows: Sequence[Any]
    next_cursor: str


def paginate(
    rows: QuerySet[Any],
    query: Mapping[str, Any],
    orderings: Mapping[str, Ordering] = NEWEST_FIRST,
    key: str = "id",
) -> Page:
    """Return the page that a query requests by `order`, `per_page` and `cursor`.

    The first of `orderings` is the default. Raises ValidationError for a cursor that is malformed
    or of another ordering.
    """
    name = query.get("order") or next(iter(orderings))
    ordering, size = orderings[name], query["per_page"]
    if cursor := query.get("cursor"):
        text, last = _parse_cursor(cursor, name)
        try:
            value = ordering.parse(text)
            if value is None:
                raise _bad_cursor()
            rows = rows.filter(ordering.after(value, key, last))
        except (ValueError, TypeError, OverflowError, ValidationError):
            raise _bad_cursor() from None
    found = list(rows.order_by(*ordering.columns(key))[: size + 1])
    has_more, found = len(found) > size, found[:size]
    return Page(found, _make_cursor(found[-1], name, ordering, key) if has_more else "")


def page_response(items: Sequence[Any], next_cursor: str, request: Request) -> Response:
    """Return a page as `{items, nextCursor}`, with the URL of the next one in `Link`."""
    response = Response({"items": items, "nextCursor": next_cursor or None})
    if next_cursor:
        url = replace_query_param(request.build_absolute_uri(), "cursor", next_cursor)
        response["Link"] = f'<{url}>; rel="next"'
    return response


def _make_cursor(row: Model, name: str, ordering: Ordering, key: str) -> str:
    value = getattr(row, ordering.column)
    if isinstance(value, date | datetime):
        value = value.isoformat()
    content = json.dumps([name, str(value), getattr(row, key)])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _parse_cursor(cursor: str, name: str) -> tuple[str, Any]:
    """Return the column's value, as text, and the key of the last row of the page before."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        ordering_name, value, last = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _bad_cursor() from None
    is_id = isinstance(last, int) and not isinstance(last, bool) and 0 < last < 2**63
    is_code = isinstance(last, str) and last.isalnum() and len(last) < 20
    is_text = isinstance(value, str) and "\0" not in value
    if ordering_name != name or not (is_id or is_code) or not is_text:
        raise _bad_cursor()
    return value, last


def _bad_cursor() -> serializers.ValidationError:
    message = _("Ese cursor no es de esta lista y orden: empieza sin cursor.")
    return serializers.ValidationError({"cursor": message}, "cursor")
