"""Brands that the caller is a member of."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Brand
from core.api.fields import OpenChoiceField, TextField
from core.api.pagination import PageQuerySerializer
from core.api.schema import operation
from core.api.serializers import StrictSerializer
from core.api.viewsets import ApiViewSet


class BrandSerializer(StrictSerializer):
    example = {"slug": "tienda", "name": "Tienda", "category": "RETAIL"}
    slug = TextField(help_text=_("La clave con que se nombra en otras peticiones."))
    name = TextField(help_text=_("Nombre comercial."))
    category = OpenChoiceField(
        choices=Brand.Category.choices, help_text=_("Su giro; pueden venir nuevos.")
    )


class BrandViewSet(ApiViewSet):
    """Brands whose campaigns are visible to the caller."""

    tag = "brands"
    scopes = ("campaigns:read", "campaigns:read")
    serializer_class = BrandSerializer

    def get_queryset(self) -> QuerySet[Brand]:
        return Brand.objects.visible_to(self.user)

    @operation(_("Lista tus marcas"), query=PageQuerySerializer, page=BrandSerializer)
    def list(self, request: Request) -> Response:
        return self.page_response(self.get_queryset())
