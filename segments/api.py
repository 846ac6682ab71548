"""The catalogue in the API: states, zones and LADAs, and the serializer of an area."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import StrictBooleanField, StrictListField, TextField
from core.api.pagination import Ordering, PageQuerySerializer
from core.api.schema import IF_NONE_MATCH, operation
from core.api.serializers import StrictSerializer
from core.api.viewsets import ApiViewSet, is_unchanged
from segments import place_rows
from segments.areas import Area, AreaError
from segments.models import CatalogueLoad, Lada, State, Zone

MAX_CODES = 500  # of each kind in an area; there are fewer
STATE_PATTERN, LADA_PATTERN = "[0-9]{2}", "[0-9]{2,3}"
BY_CODE = {"code": Ordering("code")}
BY_RANK = {"rank": Ordering("rank", parse=int)}


def _codes(pattern: str, help_text: Any) -> StrictListField:
    return StrictListField(
        child=TextField(pattern=pattern), required=False, max_length=MAX_CODES, help_text=help_text
    )


class AreaSerializer(StrictSerializer):
    """An area: the whole country, or states and LADAs, less others."""

    example = {
        "nationwide": False,
        "states": ["09", "15"],
        "ladas": ["33"],
        "excludedStates": [],
        "excludedLadas": ["720"],
    }
    nationwide = StrictBooleanField(required=False, help_text=_("Todo México."))
    states = _codes(STATE_PATTERN, _("Claves INEGI de dos cifras, como 14 (Jalisco)."))
    ladas = _codes(LADA_PATTERN, _("LADA de dos o tres cifras, como 55 o 664."))
    excluded_states = _codes(STATE_PATTERN, _("Estados que se quitan."))
    excluded_ladas = _codes(LADA_PATTERN, _("LADA que se quitan."))

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the area as models store it. Raises ValidationError if it is malformed."""
        members = super().to_internal_value(data)
        try:
            return Area.from_json(dict(members)).to_json()
        except AreaError as error:
            raise serializers.ValidationError(str(error), "area") from None

    def to_representation(self, instance: Mapping[str, Any] | None) -> Any:
        return super().to_representation(Area.from_json(instance).to_json()) if instance else None


class StateSerializer(StrictSerializer):
    example = {
        "code": "14",
        "name": "Jalisco",
        "officialName": "Jalisco",
        "abbreviation": "Jal.",
        "population": 8_348_151,
        "ladas": ["312", "33"],
    }
    code = TextField(help_text=_("Clave INEGI de dos cifras."))
    name = TextField(source="common_name", help_text=_("Nombre de uso."))
    official_name = TextField(source="name", help_text=_("El de su constitución."))
    abbreviation = TextField(help_text=_("La de uso, con punto."))
    population = serializers.IntegerField(help_text=_("Censo de 2020."))
    ladas = serializers.SerializerMethodField(help_text=_("Las que llegan al estado."))

    def get_ladas(self, state: State) -> list[str]:
        return sorted({lada.code for zone in state.zones.all() for lada in zone.ladas.all()})


class ZoneSerializer(StrictSerializer):
    example = {
        "code": "55",
        "city": "Ciudad de México",
        "population": 20_000_000,
        "states": ["09", "15"],
        "ladas": ["55", "56"],
    }
    code = TextField(help_text=_("La LADA base de la zona."))
    city = TextField(help_text=_("Ciudad principal."))
    population = serializers.IntegerField(help_text=_("Censo de 2020."))
    states = serializers.SerializerMethodField(help_text=_("Primero el de su ciudad principal."))
    ladas = serializers.SerializerMethodField(help_text=_("Las que comparten el territorio."))

    def get_states(self, zone: Zone) -> list[str]:
        return [state.code for state in zone.states_in_order]

    def get_ladas(self, zone: Zone) -> list[str]:
        return sorted(lada.code for lada in zone.ladas.all())


class LadaSerializer(StrictSerializer):
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
    code = TextField(help_text=_("Las cifras que se marcan."))
    kind = serializers.ChoiceField(
        choices=Lada.Kind.choices, help_text=_("Si es la base de su zona.")
    )
    city = TextField(help_text=_("Ciudad principal."))
    zone = TextField(source="zone_id", help_text=_("Clave de su zona."))
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


class SearchQuerySerializer(PageQuerySerializer):
    q = TextField(
        required=False,
        max_length=80,
        help_text=_(
            "Busca por nombre, abreviatura o LADA, sin acentos: «guadal», «Coyoacán», «edomex», "
            "«lada 33». Lo más parecido va primero."
        ),
    )


class PlaceQuerySerializer(SearchQuerySerializer):
    state = TextField(
        required=False, pattern=STATE_PATTERN, help_text=_("Solo las que llegan a este estado.")
    )


class CatalogueViewSet(ApiViewSet):
    """The base of the catalogue's viewsets. Its rows change only when a new catalogue is loaded.

    `state_lookup` is the filter for the parameter `state` of the list.
    """

    tag = "catalogue"
    lookup_schema = {"type": "string", "pattern": "^[0-9]{2,3}$"}
    lookup_description = _("Su clave.")
    scopes = ("catalogue:read", "catalogue:read")
    lookup_field = "code"
    lookup_value_regex = "[0-9]{2,3}"
    state_lookup = ""

    def list(self, request: Request) -> Response:
        etag = self._etag()
        if is_unchanged(request, etag):
            return Response(status=304, headers={"ETag": etag})
        rows: Any = self.get_queryset()  # each model's own queryset
        rows, orderings = place_rows.find(rows, self.query.get("q", "")), BY_CODE
        if "rank" in rows.query.annotations:
            orderings = BY_RANK
        if state := self.query.get("state"):
            rows = rows.filter(**{self.state_lookup: state}).distinct()
        response = self.page_response(rows, orderings=orderings, key="code")
        response["ETag"] = etag
        return response

    def retrieve(self, request: Request, code: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    def _etag(self) -> str:
        digest = CatalogueLoad.objects.values_list("digest", flat=True).first()
        return f'"{(digest or "none")[:16]}"'


ZONE_WITH_STATES = Prefetch("zone", Zone.objects.prefetch_related("zone_states__state", "ladas"))


@extend_schema_view(
    list=operation(
        _("Lista estados"),
        query=SearchQuerySerializer,
        page=StateSerializer,
        headers=(IF_NONE_MATCH,),
    ),
    retrieve=operation(_("Lee un estado"), response=StateSerializer),
)
class StateViewSet(CatalogueViewSet):
    queryset = State.objects.prefetch_related("zones__ladas")
    serializer_class = StateSerializer


@extend_schema_view(
    list=operation(
        _("Lista zonas"), query=PlaceQuerySerializer, page=ZoneSerializer, headers=(IF_NONE_MATCH,)
    ),
    retrieve=operation(_("Lee una zona"), response=ZoneSerializer),
)
class ZoneViewSet(CatalogueViewSet):
    queryset = Zone.objects.prefetch_related("zone_states__state", "ladas")
    serializer_class = ZoneSerializer
    state_lookup = "states"


@extend_schema_view(
    list=operation(
        _("Lista LADA"), query=PlaceQuerySerializer, page=LadaSerializer, headers=(IF_NONE_MATCH,)
    ),
    retrieve=operation(_("Lee una LADA"), response=LadaSerializer),
)
class LadaViewSet(CatalogueViewSet):
    queryset = Lada.objects.prefetch_related(ZONE_WITH_STATES)
    serializer_class = LadaSerializer
    state_lookup = "zone__states"
