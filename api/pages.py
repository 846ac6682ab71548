"""Lists come in pages that follow a cursor, so that rows which come meanwhile shift nothing."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

PER_PAGE, MOST_PER_PAGE = 25, 100


class Order(NamedTuple):
    """By which column a list is ordered, ties by id; the column is never null."""

    column: str
    backwards: bool = False

    def columns(self) -> tuple[str, ...]:
        sign = "-" if self.backwards else ""
        return tuple(dict.fromkeys([f"{sign}{self.column}", f"{sign}id"]))

    def after(self, value: Any, last_id: int) -> Q:
        """Keep what comes after a row."""
        beyond = "lt" if self.backwards else "gt"
        if self.column == "id":
            return Q(**{f"id__{beyond}": last_id})
        tie = Q(**{self.column: value, f"id__{beyond}": last_id})
        return Q(**{f"{self.column}__{beyond}": value}) | tie


class Page(NamedTuple):
    """The rows of a page, and the cursor of the next one; empty on the last."""

    rows: Sequence[Any]
    cursor: str


def read(rows: QuerySet[Any], request: Request, orders: Mapping[str, Order]) -> Page:
    """Cut the page that a request asks for by `order`, `perPage` and `cursor`.

    The first of `orders` is what a request gets that names none. Raises ValidationError.
    """
    name = request.query_params.get("order") or next(iter(orders))
    if name not in orders:
        raise serializers.ValidationError(
            {"order": _("Los órdenes que hay: {names}.").format(names=", ".join(orders))}, "choice"
        )
    order, count = orders[name], _per_page(request)
    if cursor := request.query_params.get("cursor"):
        value, last_id = _read_cursor(cursor, name)
        try:
            rows = rows.filter(order.after(value, last_id))
        except (ValueError, TypeError):
            raise _bad_cursor() from None
    found = list(rows.order_by(*order.columns())[: count + 1])
    more, found = len(found) > count, found[:count]
    return Page(found, _cursor(found[-1], name, order) if more else "")


def answer(items: Sequence[Any], cursor: str, request: Request) -> Response:
    """Give a page as `{items, nextCursor}`, with the next one's address in `Link`."""
    response = Response({"items": items, "nextCursor": cursor or None})
    if cursor:
        address = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
        response["Link"] = f'<{address}>; rel="next"'
    return response


def _per_page(request: Request) -> int:
    asked = request.query_params.get("perPage", str(PER_PAGE))
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:6]) <= MOST_PER_PAGE):
        raise serializers.ValidationError(
            {"perPage": _("Escribe un número de 1 a {most}.").format(most=MOST_PER_PAGE)}, "range"
        )
    return int(asked)


def _cursor(row: Model, name: str, order: Order) -> str:
    value = getattr(row, order.column)
    if isinstance(value, date | datetime):
        value = value.isoformat()
    return base64.urlsafe_b64encode(json.dumps([name, value, row.pk]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, name: str) -> tuple[Any, int]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_for, value, last_id = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _bad_cursor() from None
    fits = isinstance(last_id, int) and not isinstance(last_id, bool) and 0 < last_id < 2**63
    plain = isinstance(value, str | int) and "\0" not in str(value) and len(str(value)) < 200
    if made_for != name or not fits or not plain:
        raise _bad_cursor()
    return value, last_id


def _bad_cursor() -> serializers.ValidationError:
    message = _("Ese cursor no es de esta lista y orden: empieza sin cursor.")
    return serializers.ValidationError({"cursor": message}, "cursor")
