"""Notices of the caller, the same as in the pages of the portal."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import notices
from campaigns.models import Notice
from campaigns.models.notice import NoticeQuerySet
from core.api.fields import OpenChoiceField, QueryBooleanField, TextField
from core.api.pagination import PageQuerySerializer
from core.api.schema import operation
from core.api.serializers import StrictSerializer
from core.api.viewsets import ApiViewSet


class NoticeSerializer(StrictSerializer):
    example = {
        "id": 812,
        "at": "2026-11-20T10:15:00-06:00",
        "kind": Notice.Kind.choices[0][0],
        "title": "Recarga de diciembre",
        "brand": "tienda",
        "campaign": "LP-7K2M9Q",
        "reasons": [],
        "comment": "",
        "readAt": None,
    }
    id = serializers.IntegerField(help_text=_("Su número."))
    at = serializers.DateTimeField(help_text=_("Cuándo pasó."))
    kind = OpenChoiceField(
        choices=Notice.Kind.choices, help_text=_("Qué pasó; pueden venir nuevos.")
    )
    title = TextField(help_text=_("Para personas."))
    brand = TextField(source="brand.slug", help_text=_("Clave de la marca."))
    campaign = serializers.SerializerMethodField(help_text=_("Folio, si es de una campaña."))
    reasons = serializers.ListField(
        child=TextField(), help_text=_("Motivos de quien revisó, para personas.")
    )
    comment = TextField(help_text=_("Lo que escribió quien revisó."))
    read_at = serializers.DateTimeField(
        allow_null=True, help_text=_("Cuándo se leyó; null: no se ha leído.")
    )

    def get_campaign(self, notice: Notice) -> str | None:
        return notice.campaign.folio if notice.campaign else None


class NoticeQuerySerializer(PageQuerySerializer):
    unread = QueryBooleanField(default=False, help_text=_("Solo las no leídas."))


class ReadCountSerializer(StrictSerializer):
    component_name = "Read"
    example = {"read": 3}
    read = serializers.IntegerField(help_text=_("Cuántos no estaban leídos."))


class NoticeViewSet(ApiViewSet):
    """Notices of the caller, newest first."""

    tag = "notices"
    scopes = ("campaigns:read", "campaigns:read")
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"
    serializer_class = NoticeSerializer

    def get_queryset(self) -> NoticeQuerySet:
        return Notice.objects.visible_to(self.user)

    @operation(_("Lista avisos"), query=NoticeQuerySerializer, page=NoticeSerializer)
    def list(self, request: Request) -> Response:
        rows = self.get_queryset()
        return self.page_response(rows.unread() if self.query["unread"] else rows)

    @operation(_("Marca un aviso como leído"), response=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, id: str) -> Response:
        notice = self.get_object()
        self.get_queryset().unread().filter(pk=notice.pk).update(read_at=timezone.now())
        return Response(self.get_serializer(self.get_object()).data)

    @operation(
        _("Marca todos como leídos"), response=ReadCountSerializer, operation_id="readAllNotices"
    )
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request) -> Response:
        return Response({"read": notices.mark_all_read(self.user)})
