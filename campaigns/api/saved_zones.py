"""The zones that a brand keeps by name."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import saved_zones
from campaigns.api.serializers import brand_for
from campaigns.models import Brand, SavedZone
from campaigns.saved_zones import MAX_NAME_LENGTH
from core.api import pagination
from core.api.pagination import NEWEST, PageQuery
from core.api.schema import operation
from core.api.serializers import Line, Shape, Text
from core.api.viewsets import Resource
from segments.api import AreaShape
from segments.areas import Area


class NewZoneShape(Shape):
    example = {"name": "Centro", "area": {"states": ["09", "15"]}}
    name = Line(max_length=MAX_NAME_LENGTH, help_text=_("Único en la marca."))
    area = AreaShape(help_text=_("Dónde; al menos un estado, una LADA o todo México."))
    brand = Text(required=False, max_length=50, help_text=_("Clave; un programa ya tiene la suya."))


class NameShape(Shape):
    example = {"name": "Centro y bajío"}
    name = Line(max_length=MAX_NAME_LENGTH, help_text=_("Único en la marca."))


class SavedZoneShape(Shape):
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
    brand = Text(source="brand.slug", help_text=_("Clave de la marca."))
    name = Text(help_text=_("Único en la marca."))
    area = AreaShape(help_text=_("La elección, como se guardó."))
    created_at = serializers.DateTimeField(help_text=_("Cuándo se guardó."))


class SavedZones(Resource):
    """Kept choices of where. A campaign takes a copy."""

    tag = _("Zonas guardadas")
    scopes = ("campaigns:read", "campaigns:write")
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"
    serializer_class = SavedZoneShape

    def get_queryset(self) -> QuerySet[SavedZone]:
        return SavedZone.objects.visible_to(self.request.user).select_related("brand")

    @operation(_("Lista zonas guardadas"), query=PageQuery, page=SavedZoneShape)
    def list(self, request: Request) -> Response:
        page = pagination.cut(self.get_queryset(), PageQuery.read(request), {"newest": NEWEST})
        return pagination.response(
            self.get_serializer(page.rows, many=True).data, page.cursor, request
        )

    @operation(_("Lee una zona guardada"), gives=SavedZoneShape)
    def retrieve(self, request: Request, id: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @operation(_("Guarda una zona"), takes=NewZoneShape, gives=SavedZoneShape, status=201)
    def create(self, request: Request) -> Response:
        shape = NewZoneShape(data=request.data)
        shape.is_valid(raise_exception=True)
        sent = shape.validated_data
        brand = brand_for(sent.get("brand"), Brand.objects.edited_by(request.user))
        area = Area.from_json(sent["area"])
        zone = saved_zones.create(brand.pk, sent["name"], area, by=request.user)
        return self.created(Response(self.get_serializer(zone).data), zone.pk)

    @operation(_("Cambia el nombre de una zona"), takes=NameShape, gives=SavedZoneShape)
    def partial_update(self, request: Request, id: str) -> Response:
        shape = NameShape(data=request.data)
        shape.is_valid(raise_exception=True)
        name = shape.validated_data["name"]
        zone = saved_zones.rename(self.get_object().pk, name, by=request.user)
        return Response(self.get_serializer(zone).data)

    @operation(_("Borra una zona guardada"), status=204)
    def destroy(self, request: Request, id: str) -> Response:
        saved_zones.delete(self.get_object().pk, by=request.user)
        return Response(status=204)
