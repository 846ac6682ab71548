"""Short links and their clicks."""

from collections.abc import Mapping

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Brand, Link, LinkHour
from core.api.fields import TextField
from core.api.pagination import PageQuerySerializer
from core.api.schema import operation
from core.api.serializers import StrictSerializer
from core.api.viewsets import ApiViewSet


class ClicksSerializer(StrictSerializer):
    example = {"people": 1_204, "bots": 87}
    people = serializers.IntegerField(help_text=_("Visitas de personas."))
    bots = serializers.IntegerField(help_text=_("Programas y vistas previas."))


class ShortLinkSerializer(StrictSerializer):
    example = {
        "code": "k7m2q",
        "address": "llmda.mx/k7m2q",
        "campaign": "LP-7K2M9Q",
        "destination": "https://tienda.mx/recargas",
        "createdAt": "2026-11-20T10:15:00-06:00",
        "clicks": ClicksSerializer.example,
    }
    code = TextField(help_text=_("Lo último de su dirección."))
    address = TextField(help_text=_("Como va en el texto."))
    campaign = TextField(source="campaign.folio", help_text=_("Folio de su campaña."))
    destination = TextField(source="campaign.destination", help_text=_("La del borrador."))
    created_at = serializers.DateTimeField(help_text=_("Cuándo se hizo."))
    clicks = serializers.SerializerMethodField(help_text=_("Visitas en total."))

    @extend_schema_field(ClicksSerializer)
    def get_clicks(self, link: Link) -> Mapping[str, int]:
        totals = {kind.value: 0 for kind in LinkHour.Kind}
        for hour in link.hours.all():
            totals[hour.kind] += hour.count
        return totals


class LinkHourSerializer(StrictSerializer):
    component_name = "Hour"
    example = {"hour": "2026-12-01T10:00:00-06:00", "kind": "people", "count": 42}
    hour = serializers.DateTimeField(help_text=_("Cuando empieza."))
    kind = serializers.ChoiceField(choices=LinkHour.Kind.choices, help_text=_("De quién."))
    count = serializers.IntegerField(help_text=_("Visitas en esa hora."))


class ShortLinkViewSet(ApiViewSet):
    """Short links of the campaigns that are visible to the caller."""

    tag = "short-links"
    lookup_schema = {"type": "string", "pattern": "^[a-z0-9]{1,12}$"}
    lookup_description = _("El código: lo último de su dirección.")
    scopes = ("campaigns:read", "campaigns:read")
    lookup_field = "code"
    lookup_value_regex = "[a-z0-9]{1,12}"
    serializer_class = ShortLinkSerializer

    def get_queryset(self) -> QuerySet[Link]:
        brands = Brand.objects.visible_to(self.user)
        rows = Link.objects.filter(campaign__brand__in=brands)
        return rows.select_related("campaign").prefetch_related("hours")

    @operation(_("Lista enlaces cortos"), query=PageQuerySerializer, page=ShortLinkSerializer)
    def list(self, request: Request) -> Response:
        return self.page_response(self.get_queryset())

    @operation(_("Lee un enlace corto"), response=ShortLinkSerializer)
    def retrieve(self, request: Request, code: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @operation(
        _("Lista sus visitas por hora"),
        query=PageQuerySerializer,
        page=LinkHourSerializer,
        operation_id="listShortLinkHours",
    )
    @action(detail=True)
    def hours(self, request: Request, code: str) -> Response:
        rows = self.get_object().hours.all()
        return self.page_response(rows, serializer_class=LinkHourSerializer)
