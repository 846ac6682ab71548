"""What campaigns delivered, by rows of a grain, in pages that stay right while counts come in."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import references
from campaigns.api.queries import ReferenceQuerySerializer
from campaigns.models import Campaign
from campaigns.results import rows
from campaigns.results.blocks import Grain
from campaigns.results.counts import Place
from campaigns.results.rows import Key, Row, Window
from core.api import pagination
from core.api.fields import (
    QueryIntegerField,
    QueryMomentField,
    StrictChoiceField,
    StrictDateField,
    StrictListField,
    TextField,
)
from core.api.pagination import (
    CURSOR_PATTERN,
    MAX_CURSOR,
    MAX_KEY,
    bad_cursor,
    read_cursor,
    write_cursor,
)
from core.api.schema import operation
from core.api.serializers import QuerySerializer, StrictSerializer
from core.api.viewsets import ApiViewSet
from core.snapshot import one_snapshot

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 100, 1_000  # rows
MAX_CAMPAIGNS = 100  # of a filter
NAME = "results"  # begins the cursors


class ResultQuerySerializer(QuerySerializer):
    """Which rows of results are read."""

    from_day = StrictDateField(required=False, help_text=gettext_lazy("Desde este día del canal."))
    until_day = StrictDateField(
        required=False, help_text=gettext_lazy("Hasta este día del canal, con él.")
    )
    grain = StrictChoiceField(
        choices=Grain.choices,
        default=Grain.DAY,
        help_text=gettext_lazy("De qué es cada fila; todas las formas suman lo mismo."),
    )
    updated_since = QueryMomentField(
        required=False,
        help_text=gettext_lazy(
            "Solo los días que se contaron de nuevo, o quedaron finales, después de este momento: "
            "el `nextUpdatedSince` de tu lectura anterior. Vienen enteros: reemplaza lo que tengas "
            "de esa campaña y día."
        ),
    )
    per_page = QueryIntegerField(
        min_value=1,
        max_value=MAX_PAGE_SIZE,
        default=DEFAULT_PAGE_SIZE,
        help_text=gettext_lazy("Cuántas por página."),
    )
    cursor = TextField(
        required=False,
        max_length=MAX_CURSOR,
        pattern=CURSOR_PATTERN,
        help_text=gettext_lazy(
            "El `nextCursor` de la página anterior, tal cual y con los mismos parámetros."
        ),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs.get("from_day"), attrs.get("until_day")
        if first and last and first > last:
            message = _("Es antes de fromDay: pon el mismo día o uno después.")
            raise serializers.ValidationError({"untilDay": message}, "invalid")
        return attrs


class ResultsQuerySerializer(ResultQuerySerializer, ReferenceQuerySerializer):
    """Which rows of which campaigns are read."""

    brand = TextField(required=False, max_length=50, help_text=gettext_lazy("Clave de una marca."))
    campaign = StrictListField(
        child=TextField(max_length=16),
        required=False,
        max_length=MAX_CAMPAIGNS,
        help_text=gettext_lazy("Folio de una campaña; repítelo para varias."),
    )


class ResultSerializer(StrictSerializer):
    """A row of results."""

    example = {
        "campaign": "LP-7K2M9Q",
        "externalReference": "OS-2231",
        "day": "2026-12-01",
        "hour": None,
        "state": "14",
        "lada": "33",
        "merged": False,
        "inserted": 2_412,
        "delivered": 2_120,
        "failed": 104,
        "noReceipt": 96,
        "pending": 92,
        "isFinal": False,
        "finalizedAt": None,
        "asOf": "2026-12-01T15:02:11.482910-06:00",
    }
    campaign = TextField(source="campaign.folio", help_text=gettext_lazy("El folio."))
    external_reference = TextField(
        source="campaign.external_reference", help_text=gettext_lazy("La que le pusiste.")
    )
    day = serializers.DateField(source="key.day", help_text=gettext_lazy("Día del canal."))
    hour = serializers.DateTimeField(
        source="key.hour",
        allow_null=True,
        help_text=gettext_lazy("Cuando empieza; null: varias del día, o no se pidió por hora."),
    )
    state = serializers.SerializerMethodField(
        help_text=gettext_lazy("Clave INEGI; null: varios, o no se pidió por lugar.")
    )
    lada = serializers.SerializerMethodField(
        help_text=gettext_lazy("null: varias, o no se pidió por LADA.")
    )
    merged = serializers.BooleanField(
        source="is_merged",
        help_text=gettext_lazy(
            "true: junta horas o lugares que no se dan solos por tener menos de 10 inserciones, "
            "o porque de ellos se sabrían."
        ),
    )
    inserted = serializers.IntegerField(
        source="counts.inserted",
        help_text=gettext_lazy("Notificaciones que salieron con el anuncio."),
    )
    delivered = serializers.IntegerField(
        source="counts.delivered", help_text=gettext_lazy("De ellas, las entregadas.")
    )
    failed = serializers.IntegerField(
        source="counts.failed", help_text=gettext_lazy("Las que no se pudieron entregar.")
    )
    no_receipt = serializers.IntegerField(
        source="counts.no_receipt", help_text=gettext_lazy("Las que se quedaron sin acuse.")
    )
    pending = serializers.IntegerField(
        source="counts.pending", help_text=gettext_lazy("Las que todavía lo esperan.")
    )
    is_final = serializers.SerializerMethodField(
        help_text=gettext_lazy("Si todas las horas de su día tienen su cuenta final.")
    )
    finalized_at = serializers.DateTimeField(
        source="final_at", allow_null=True, help_text=gettext_lazy("Desde cuándo; null: aún no.")
    )
    as_of = serializers.DateTimeField(
        help_text=gettext_lazy("Cuándo se contó su día por última vez.")
    )

    def get_state(self, row: Row) -> str | None:
        return (row.key.place or Place()).state or None

    def get_lada(self, row: Row) -> str | None:
        return (row.key.place or Place()).lada or None

    def get_is_final(self, row: Row) -> bool:
        return row.final_at is not None


class ResultPageSerializer(StrictSerializer):
    """A page of results."""

    example = {
        "items": [ResultSerializer.example],
        "nextCursor": None,
        "nextUpdatedSince": "2026-12-01T15:02:11.482910-06:00",
    }
    items = ResultSerializer(many=True, help_text=gettext_lazy("Los de esta página, en orden."))
    next_cursor = serializers.CharField(
        allow_null=True, help_text=gettext_lazy("Para `cursor`; null: es la última.")
    )
    next_updated_since = serializers.DateTimeField(
        allow_null=True,
        help_text=gettext_lazy(
            "Para `updatedSince` de tu siguiente lectura, cuando acabes esta: nada se pierde entre "
            "las dos. null: todavía no se ha contado nada."
        ),
    )


class ResultViewSet(ApiViewSet):
    """Results of the campaigns that the caller sees."""

    tag = "results"
    scopes = ("campaigns:read", "campaigns:read")

    @operation(
        gettext_lazy("Lista resultados"),
        gettext_lazy("De todas tus campañas, o de las que pidas, por día si no dices otra cosa."),
        query=ResultsQuerySerializer,
        response=ResultPageSerializer,
    )
    def list(self, request: Request) -> Response:
        query = self.query
        found: QuerySet[Campaign] = Campaign.objects.visible_to(self.user)
        if brand := query.get("brand"):
            found = found.filter(brand__slug=brand)
        if folios := query.get("campaign"):
            found = found.filter(folio__in=folios)
        found = references.having(
            found, query.get("external_reference", ""), query.get("metadata", {})
        )
        return page_response(found, query, request)


def page_response(
    campaigns: QuerySet[Campaign], query: Mapping[str, Any], request: Request
) -> Response:
    """Return the page of results of campaigns that a query requests.

    Raises ValidationError for a cursor that is malformed or of other parameters.
    """
    digest, size = _digest(query), query["per_page"]
    window = Window(
        grain=Grain(query["grain"]),
        first=query.get("from_day"),
        last=query.get("until_day"),
        changed_after=query.get("updated_since"),
    )
    with one_snapshot():
        if text := query.get("cursor"):
            newest, after = _read_cursor(text, digest)
        else:
            newest, after = rows.newest_change(), None
        found = list(islice(rows.read(campaigns, window, after, size + 1), size + 1))
    page, has_more = found[:size], len(found) > size
    cursor = _write_cursor(digest, newest, page[-1].key) if has_more else ""
    items: Sequence[Any] = list(ResultSerializer(page, many=True).data)
    response = pagination.page_response(items, cursor, request)
    response.data["nextUpdatedSince"] = newest and localtime(newest).isoformat()
    return response


def _digest(query: Mapping[str, Any]) -> str:
    """Return a short digest of the parameters that decide which rows there are."""
    decisive = {name: value for name, value in query.items() if name not in ("cursor", "per_page")}
    text = json.dumps(decisive, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _write_cursor(digest: str, newest: datetime | None, key: Key) -> str:
    place = list(key.place) if key.place is not None else None
    hour = key.hour.isoformat() if key.hour else None
    moment = newest.isoformat() if newest else None
    return write_cursor([NAME, digest, moment, key.campaign, key.day.isoformat(), hour, place])


def _read_cursor(text: str, digest: str) -> tuple[datetime | None, Key]:
    """Return the newest change at the first page, and the key of the last row read."""
    try:
        name, own_digest, moment, campaign, day, hour, place = read_cursor(text)
        if (name, own_digest) != (NAME, digest) or not 0 < int(campaign) <= MAX_KEY:
            raise bad_cursor()
        return _moment(moment), Key(
            int(campaign),
            date.fromisoformat(day),
            _moment(hour),
            Place(str(place[0]), str(place[1])) if place is not None else None,
        )
    except (ValueError, TypeError, IndexError, KeyError):
        raise bad_cursor() from None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone()
