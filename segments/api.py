"""The catalogue as programs read it: states, zones and LADAs, and the shape of a choice of them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import pagination
from core.api.pagination import Order, PageQuery
from core.api.schema import IF_NONE_MATCH, operation
from core.api.serializers import Flag, Query, Shape, Text
from core.api.viewsets import Resource, is_unchanged
from segments.areas import Area, AreaError
from segments.models import CatalogueLoad, Lada, State, Zone

MOST_CODES = 500  # of each kind in a choice: more than there are
STATE, LADA = "[0-9]{2}", "[0-9]{2,3}"
BY_CODE = {"code": Order("code")}


def _codes(pattern: str, told: Any) -> serializers.ListField:
    return serializers.ListField(
        child=Text(pattern=pattern), required=False, max_length=MOST_CODES, help_text=told
    )


class AreaShape(Shape):
    """Where: the whole country, or states and LADAs, less others."""

    example = {
        "nationwide": False,
        "states": ["09", "15"],
        "ladas": ["33"],
        "excludedStates": [],
        "excludedLadas": ["720"],
    }
    nationwide = Flag(required=False, help_text=_("Todo México."))
    states = _codes(STATE, _("Claves INEGI de dos cifras, como 14 (Jalisco)."))
    ladas = _codes(LADA, _("LADA de dos o tres cifras, como 55 o 664."))
    excluded_states = _codes(STATE, _("Estados que se quitan."))
    excluded_ladas = _codes(LADA, _("LADA que se quitan."))

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Give a choice as it is stored. Raises ValidationError for what is not one."""
        sent = super().to_internal_value(data)
        try:
            return Area.from_json(dict(sent)).to_json()
        except AreaError as error:
            raise serializers.ValidationError(str(error), "area") from None

    def to_representation(self, instance: Mapping[str, Any] | None) -> Any:
        return super().to_representation(Area.from_json(instance).to_json()) if instance else None


class StateShape(Shape):
    example = {
        "code": "14",
        "name": "Jalisco",
        "officialName": "Jalisco",
        "abbreviation": "Jal.",
        "population": 8_348_151,
        "ladas": ["312", "33"],
    }
    code = Text(help_text=_("Clave INEGI de dos cifras."))
    name = Text(source="common_name", help_text=_("Nombre de uso."))
    official_name = Text(source="name", help_text=_("El de su constitución."))
    abbreviation = Text(help_text=_("La de uso, con punto."))
    population = serializers.IntegerField(help_text=_("Censo de 2020."))
    ladas = serializers.SerializerMethodField(help_text=_("Las que llegan al estado."))

    def get_ladas(self, state: State) -> list[str]:
        return sorted({lada.code for zone in state.zones.all() for lada in zone.ladas.all()})


class ZoneShape(Shape):
    example = {
        "code": "55",
        "city": "Ciudad de México",
        "population": 20_000_000,
        "states": ["09", "15"],
        "ladas": ["55", "56"],
    }
    code = Text(help_text=_("La LADA base de la zona."))
    city = Text(help_text=_("Ciudad principal."))
    population = serializers.IntegerField(help_text=_("Censo de 2020."))
    states = serializers.SerializerMethodField(help_text=_("Primero el de su ciudad principal."))
    ladas = serializers.SerializerMethodField(help_text=_("Las que comparten el territorio."))

    def get_states(self, zone: Zone) -> list[str]:
        return [state.code for state in zone.states_in_order]

    def get_ladas(self, zone: Zone) -> list[str]:
        return sorted(lada.code for lada in zone.ladas.all())


class LadaShape(Shape):
    example = {
        "code": "56",
        "kind": Lada.Kind.choices[-1][0],
        "city": "Ciudad de México",
        "zone": "55",
        "states": ["09", "15"],
        "overlaps": ["55"],
        "population": 20_000_000,
        "weightPpm": 12_345,
        "latitude": 19.43,
        "longitude": -99.13,
    }
    code = Text(help_text=_("Las cifras que se marcan."))
    kind = serializers.ChoiceField(
        choices=Lada.Kind.choices, help_text=_("Si es la base de su zona.")
    )
    city = Text(help_text=_("Ciudad principal."))
    zone = Text(source="zone_id", help_text=_("Clave de su zona."))
    states = serializers.SerializerMethodField(help_text=_("Primero el de su ciudad principal."))
    overlaps = serializers.SerializerMethodField(help_text=_("Otras LADA del mismo territorio."))
    population = serializers.IntegerField(help_text=_("Censo de 2020."))
    weight_ppm = serializers.IntegerField(
        help_text=_("Su parte de las notificaciones del país, en millonésimas.")
    )
    latitude = serializers.FloatField(help_text=_("Grados, de la ciudad principal."))
    longitude = serializers.FloatField(help_text=_("Grados, de la ciudad principal."))

    def get_states(self, lada: Lada) -> list[str]:
        return [state.code for state in lada.zone.states_in_order]

    def get_overlaps(self, lada: Lada) -> list[str]:
        return sorted(other.code for other in lada.overlaps)


class SearchQuery(PageQuery):
    q = Text(required=False, max_length=80, help_text=_("Busca sin acentos: «guadal», «55»."))


class PlaceQuery(SearchQuery):
    state = Text(required=False, pattern=STATE, help_text=_("Solo las que llegan a este estado."))


class Places(Resource):
    """Rows of the catalogue: they change when a new one is loaded, and only then."""

    tag = _("Catálogo")
    lookup_schema = {"type": "string", "pattern": "^[0-9]{2,3}$"}
    lookup_told = _("Su clave.")
    scopes = ("catalogue:read", "catalogue:read")
    lookup_field = "code"
    lookup_value_regex = "[0-9]{2,3}"
    query: type[Query] = PlaceQuery
    by_state = ""

    def list(self, request: Request) -> Response:
        tag = self._tag()
        query = self.query.read(request)
        if is_unchanged(request, tag):
            return Response(status=304, headers={"ETag": tag})
        rows: QuerySet[Any] = self.get_queryset().search(query.get("q", ""))
        if state := query.get("state"):
            rows = rows.filter(**{self.by_state: state}).distinct()
        page = pagination.cut(rows, query, BY_CODE, key="code")
        response = pagination.response(
            self.get_serializer(page.rows, many=True).data, page.cursor, request
        )
        response["ETag"] = tag
        return response

    def retrieve(self, request: Request, code: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    def _tag(self) -> str:
        digest = CatalogueLoad.objects.values_list("digest", flat=True).first()
        return f'"{(digest or "none")[:16]}"'


WITH_STATES = Prefetch("zone", Zone.objects.prefetch_related("zone_states__state", "ladas"))


@extend_schema_view(
    list=operation(
        _("Lista estados"), query=SearchQuery, page=StateShape, headers=(IF_NONE_MATCH,)
    ),
    retrieve=operation(_("Lee un estado"), gives=StateShape),
)
class States(Places):
    queryset = State.objects.prefetch_related("zones__ladas")
    serializer_class = StateShape
    query = SearchQuery


@extend_schema_view(
    list=operation(_("Lista zonas"), query=PlaceQuery, page=ZoneShape, headers=(IF_NONE_MATCH,)),
    retrieve=operation(_("Lee una zona"), gives=ZoneShape),
)
class Zones(Places):
    queryset = Zone.objects.prefetch_related("zone_states__state", "ladas")
    serializer_class = ZoneShape
    by_state = "states"


@extend_schema_view(
    list=operation(_("Lista LADA"), query=PlaceQuery, page=LadaShape, headers=(IF_NONE_MATCH,)),
    retrieve=operation(_("Lee una LADA"), gives=LadaShape),
)
class Ladas(Places):
    queryset = Lada.objects.prefetch_related(WITH_STATES)
    serializer_class = LadaShape
    by_state = "zone__states"
