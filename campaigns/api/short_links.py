"""Short links and how often they were followed."""

from collections.abc import Mapping

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api import pages
from api.fields import Choice, Shape, Text
from api.pages import NEWEST, PageQuery
from api.resources import Resource
from api.schema import operation
from campaigns.models import Brand, Link, LinkHour


class ClicksShape(Shape):
    people = serializers.IntegerField()
    bots = serializers.IntegerField(help_text=_("Programas y vistas previas."))


class ShortLinkShape(Shape):
    code = Text()
    address = Text(help_text=_("Como va en el texto."))
    campaign = Text(source="campaign.folio")
    destination = Text(source="campaign.destination", help_text=_("La del borrador."))
    created_at = serializers.DateTimeField()
    clicks = serializers.SerializerMethodField()

    @extend_schema_field(ClicksShape)
    def get_clicks(self, link: Link) -> Mapping[str, int]:
        counted = {kind.value: 0 for kind in LinkHour.Kind}
        for hour in link.hours.all():
            counted[hour.kind] += hour.count
        return counted


class HourShape(Shape):
    hour = serializers.DateTimeField(help_text=_("Cuando empieza."))
    kind = Choice(choices=LinkHour.Kind.choices)
    count = serializers.IntegerField()


class ShortLinks(Resource):
    """The short links of the caller's campaigns."""

    scopes = ("campaigns:read", "campaigns:read")
    lookup_field = "code"
    lookup_value_regex = "[a-z0-9]{1,12}"
    serializer_class = ShortLinkShape

    def get_queryset(self) -> QuerySet[Link]:
        mine = Brand.objects.visible_to(self.request.user)
        rows = Link.objects.filter(campaign__brand__in=mine)
        return rows.select_related("campaign").prefetch_related("hours")

    @operation(_("Lista enlaces cortos"), query=PageQuery, page=ShortLinkShape)
    def list(self, request: Request) -> Response:
        page = pages.cut(self.get_queryset(), PageQuery.read(request), {"newest": NEWEST})
        return pages.answer(self.get_serializer(page.rows, many=True).data, page.cursor, request)

    @operation(_("Lee un enlace corto"), gives=ShortLinkShape)
    def retrieve(self, request: Request, code: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @operation(
        _("Lista sus visitas por hora"),
        query=PageQuery,
        page=HourShape,
        operation_id="listShortLinkHours",
    )
    @action(detail=True)
    def hours(self, request: Request, code: str) -> Response:
        rows = self.get_object().hours.all()
        page = pages.cut(rows, PageQuery.read(request), {"newest": NEWEST})
        return pages.answer(HourShape(page.rows, many=True).data, page.cursor, request)
