"""Short links and their clicks."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Brand, Link, LinkHour
from campaigns.results import link_clicks
from core.api import pagination
from core.api.fields import TextField
from core.api.pagination import PageQuerySerializer, bad_cursor, read_cursor, write_cursor
from core.api.schema import operation
from core.api.serializers import StrictSerializer
from core.api.viewsets import ApiViewSet

DAYS = "days"  # begins the cursors of days


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


class LinkDaySerializer(StrictSerializer):
    example = {"day": "2026-12-01", "people": 1_204}
    day = serializers.DateField(help_text=_("Día del canal."))
    people = serializers.IntegerField(help_text=_("Visitas de personas."))


class ShortLinkQuerySerializer(PageQuerySerializer):
    campaign = TextField(required=False, max_length=16, help_text=_("Folio de su campaña."))


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

    @operation(_("Lista enlaces cortos"), query=ShortLinkQuerySerializer, page=ShortLinkSerializer)
    def list(self, request: Request) -> Response:
        found = self.get_queryset()
        if folio := self.query.get("campaign"):
            found = found.filter(campaign__folio=folio)
        return self.page_response(found)

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

    @operation(
        _("Lista sus visitas por día"),
        _("Los días con visitas de personas, del primero al último."),
        query=PageQuerySerializer,
        page=LinkDaySerializer,
        operation_id="listShortLinkDays",
    )
    @action(detail=True)
    def days(self, request: Request, code: str) -> Response:
        link, size = self.get_object(), self.query["per_page"]
        first = localdate(link.created_at)
        if text := self.query.get("cursor"):
            first = _read_day(text) + timedelta(1)
        clicks = link_clicks.by_day([link.campaign], first, localdate()).get(link.campaign_id, {})
        found = [{"day": day, "people": people} for day, people in sorted(clicks.items())]
        page = list(LinkDaySerializer(found[:size], many=True).data)
        cursor = write_cursor([DAYS, page[-1]["day"]]) if len(found) > size else ""
        return pagination.page_response(page, cursor, request)


def _read_day(text: str) -> date:
    """Return the last day of the page before. Raises ValidationError."""
    try:
        name, day = read_cursor(text)
        if name != DAYS:
            raise bad_cursor()
        return date.fromisoformat(day)
    except (ValueError, TypeError):
        raise bad_cursor() from None
