"""The brands that the caller acts for."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Brand
from core.api import pagination
from core.api.pagination import NEWEST, PageQuery
from core.api.schema import operation
from core.api.serializers import OpenChoice, Shape, Text
from core.api.viewsets import Resource


class BrandShape(Shape):
    example = {"slug": "tienda", "name": "Tienda", "category": "RETAIL"}
    slug = Text(help_text=_("La clave con que se nombra en otras peticiones."))
    name = Text(help_text=_("Nombre comercial."))
    category = OpenChoice(
        choices=Brand.Category.choices, help_text=_("Su giro; pueden venir nuevos.")
    )


class Brands(Resource):
    """The brands whose campaigns the caller sees."""

    tag = _("Marcas")
    scopes = ("campaigns:read", "campaigns:read")
    serializer_class = BrandShape

    def get_queryset(self) -> QuerySet[Brand]:
        return Brand.objects.visible_to(self.request.user)

    @operation(_("Lista tus marcas"), query=PageQuery, page=BrandShape)
    def list(self, request: Request) -> Response:
        page = pagination.cut(self.get_queryset(), PageQuery.read(request), {"newest": NEWEST})
        return pagination.response(
            self.get_serializer(page.rows, many=True).data, page.cursor, request
        )
