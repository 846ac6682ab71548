"""Saved zones: areas that a brand has saved under a name."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import saved_zones
from campaigns.api.brands import choose_brand
from campaigns.models import Brand, SavedZone
from campaigns.saved_zones import MAX_NAME_LENGTH
from core.api.fields import TextField, TrimmedTextField
from core.api.pagination import PageQuerySerializer
from core.api.schema import operation
from core.api.serializers import StrictSerializer
from core.api.viewsets import ApiViewSet
from segments.api import AreaSerializer
from segments.areas import Area


class NewSavedZoneSerializer(StrictSerializer):
    component_name = "NewZone"
    example = {"name": "Centro", "area": {"states": ["09", "15"]}}
    name = TrimmedTextField(max_length=MAX_NAME_LENGTH, help_text=_("Único en la marca."))
    area = AreaSerializer(help_text=_("Dónde; al menos un estado, una LADA o todo México."))
    brand = TextField(
        required=False, max_length=50, help_text=_("Clave; un programa ya tiene la suya.")
    )


class SavedZoneNameSerializer(StrictSerializer):
    component_name = "Name"
    example = {"name": "Centro y bajío"}
    name = TrimmedTextField(max_length=MAX_NAME_LENGTH, help_text=_("Único en la marca."))


class SavedZoneSerializer(StrictSerializer):
    example = {
        "id": 31,
        "brand": "tienda",
        "name": "Centro",
        "area": {
            "nationwide": False,
            "states": ["09", "15"],
            "ladas": [],
            "excludedStates": [],
            "excludedLadas": [],
        },
        "createdAt": "2026-11-20T10:15:00-06:00",
    }
    id = serializers.IntegerField(help_text=_("Su número."))
    brand = TextField(source="brand.slug", help_text=_("Clave de la marca."))
    name = TextField(help_text=_("Único en la marca."))
    area = AreaSerializer(help_text=_("La elección, como se guardó."))
    created_at = serializers.DateTimeField(help_text=_("Cuándo se guardó."))


class SavedZoneViewSet(ApiViewSet):
    """Saved areas. A campaign takes a copy, so that later changes do not affect it."""

    tag = "saved-zones"
    scopes = ("campaigns:read", "campaigns:write")
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"
    serializer_class = SavedZoneSerializer

    def get_queryset(self) -> QuerySet[SavedZone]:
        return SavedZone.objects.visible_to(self.user).select_related("brand")

    @operation(_("Lista zonas guardadas"), query=PageQuerySerializer, page=SavedZoneSerializer)
    def list(self, request: Request) -> Response:
        return self.page_response(self.get_queryset())

    @operation(_("Lee una zona guardada"), response=SavedZoneSerializer)
    def retrieve(self, request: Request, id: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @operation(
        _("Guarda una zona"),
        request=NewSavedZoneSerializer,
        response=SavedZoneSerializer,
        refusals=("BAD_AREA", "BAD_BRAND", "BAD_NAME", "TOO_MANY_ZONES"),
        status=201,
    )
    def create(self, request: Request) -> Response:
        serializer = NewSavedZoneSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        brand = choose_brand(data.get("brand"), Brand.objects.edited_by(self.user), by=self.user)
        area = Area.from_json(data["area"])
        zone = saved_zones.create(brand.pk, data["name"], area, by=self.user)
        return self.created_response(Response(self.get_serializer(zone).data), zone.pk)

    @operation(
        _("Cambia el nombre de una zona"),
        request=SavedZoneNameSerializer,
        response=SavedZoneSerializer,
        refusals=("BAD_NAME",),
    )
    def partial_update(self, request: Request, id: str) -> Response:
        serializer = SavedZoneNameSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        name = serializer.validated_data["name"]
        zone = saved_zones.rename(self.get_object().pk, name, by=self.user)
        return Response(self.get_serializer(zone).data)

    @operation(_("Borra una zona guardada"), status=204)
    def destroy(self, request: Request, id: str) -> Response:
        saved_zones.delete(self.get_object().pk, by=self.user)
        return Response(status=204)
