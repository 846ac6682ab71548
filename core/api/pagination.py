"""Cursor pagination of lists: rows that are inserted meanwhile do not shift the pages."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Max, Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.api.fields import QueryIntegerField, TextField
from core.api.serializers import QuerySerializer

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 25, 100
MAX_CURSOR = 500  # characters
MAX_KEY = 2**63 - 1
EDITED = "+edited"  # ends the name of the ordering in a cursor of rows edited since the first page
CURSOR_PATTERN = "WyJ[A-Za-z0-9_-]+"  # base64url of JSON that begins with `["`


class Ordering(NamedTuple):
    """The column by which a list is ordered, with ties by key. The column is never null.

    `parse` turns the string of a cursor into a value of the column, or None if it cannot. Where
    edits change the column, `edited_at` names the column with the moment of the last one: a list
    read to its end by cursor then ends with the rows that were edited since its first page, as
    these may have moved to a place that was already read.
    """

    column: str = "id"
    descending: bool = False
    parse: Callable[[str], Any] = str
    edited_at: str = ""

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
    if not (text := query.get("cursor")):
        found, has_more = _first(rows, ordering.columns(key), size)
        began = _last_edit(rows, ordering) if has_more else ""
        return Page(found, _cursor_of(found, name, ordering, key, began) if has_more else "")
    cursor = _parse_cursor(text, name, edited=bool(ordering.edited_at))
    found, has_more = [], False
    if not cursor.edited:
        after = _after(rows, ordering, key, cursor.value, cursor.last)
        found, has_more = _first(after, ordering.columns(key), size)
        if has_more or not cursor.began:
            next_cursor = _cursor_of(found, name, ordering, key, cursor.began) if has_more else ""
            return Page(found, next_cursor)
        cursor = cursor._replace(value=cursor.began, last=MAX_KEY)
    edits = Ordering(ordering.edited_at, parse=parse_datetime)
    after = _after(rows, edits, key, cursor.value, cursor.last)
    more, has_more = _first(after, edits.columns(key), size - len(found))
    found = [*found, *more]
    if not has_more:
        return Page(found, "")
    if not more:  # the page is full: the next one begins with the edits
        return Page(found, _make_cursor(name + EDITED, cursor.value, cursor.last))
    return Page(found, _cursor_of(more, name + EDITED, edits, key))


def _first(rows: QuerySet[Any], columns: Sequence[str], size: int) -> tuple[list[Any], bool]:
    """Return the first rows, and whether there are more."""
    found = list(rows.order_by(*columns)[: size + 1])
    return found[:size], len(found) > size


def _after(
    rows: QuerySet[Any], ordering: Ordering, key: str, text: str, last: Any
) -> QuerySet[Any]:
    """Return the rows that follow the one of a cursor. Raises ValidationError."""
    try:
        value = ordering.parse(text)
        if value is None:
            raise bad_cursor()
        return rows.filter(ordering.after(value, key, last))
    except (ValueError, TypeError, OverflowError, ValidationError):
        raise bad_cursor() from None


def _last_edit(rows: QuerySet[Any], ordering: Ordering) -> str:
    """Return the moment of the last edit of any of the rows, as a cursor has it; "" of none."""
    if not ordering.edited_at:
        return ""
    last = rows.aggregate(last=Max(ordering.edited_at))["last"]
    return str(last.isoformat()) if last else ""


def page_response(items: Sequence[Any], next_cursor: str, request: Request) -> Response:
    """Return a page as `{items, nextCursor}`, with the URL of the next one in `Link`."""
    response = Response({"items": items, "nextCursor": next_cursor or None})
    if next_cursor:
        url = replace_query_param(request.build_absolute_uri(), "cursor", next_cursor)
        response["Link"] = f'<{url}>; rel="next"'
    return response


class _Cursor(NamedTuple):
    """The value of the column, as text, and the key of the last row of the page before.

    `began` is the moment of the last edit before the first page; `edited` is whether the rows
    edited since are read.
    """

    value: str
    last: Any
    began: str
    edited: bool


def _cursor_of(
    found: Sequence[Model], name: str, ordering: Ordering, key: str, began: str = ""
) -> str:
    """Return the cursor of the page after some rows."""
    value = getattr(found[-1], ordering.column)
    if isinstance(value, date | datetime):
        value = value.isoformat()
    return _make_cursor(name, str(value), getattr(found[-1], key), began)


def write_cursor(content: Sequence[Any]) -> str:
    """Return a cursor with some JSON values, the first of which is a text."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def read_cursor(text: str) -> list[Any]:
    """Return the values of a cursor. Raises ValidationError if it is malformed."""
    try:
        content = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise bad_cursor() from None
    if not isinstance(content, list):
        raise bad_cursor()
    return content


def _make_cursor(name: str, value: str, last: Any, began: str = "") -> str:
    return write_cursor([name, value, last, *([began] if began else [])])


def _parse_cursor(text: str, name: str, *, edited: bool) -> _Cursor:
    """Return a cursor. `edited`: its list may end with what was edited since the first page."""
    try:
        ordering_name, value, last, *began = read_cursor(text)
    except ValueError:
        raise bad_cursor() from None
    is_id = isinstance(last, int) and not isinstance(last, bool) and 0 < last <= MAX_KEY
    is_code = isinstance(last, str) and last.isalnum() and len(last) < 20
    are_texts = all(isinstance(each, str) and "\0" not in each for each in (value, *began))
    names = (name, name + EDITED) if edited else (name,)
    is_known = ordering_name in names and len(began) <= edited
    if not is_known or not (is_id or is_code) or not are_texts:
        raise bad_cursor()
    return _Cursor(value, last, "".join(began), ordering_name != name)


def bad_cursor() -> serializers.ValidationError:
    """Return the error of a cursor that does not belong to its list."""
    message = _("Ese cursor no es de esta lista y orden: empieza sin cursor.")
    return serializers.ValidationError({"cursor": message}, "cursor")
