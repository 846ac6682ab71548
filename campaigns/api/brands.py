"""Brands that the caller is a member of."""

from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.errors import NotAllowed
from campaigns.models import Brand
from core.api.errors import ApiError
from core.api.fields import OpenChoiceField, TextField
from core.api.pagination import PageQuerySerializer
from core.api.schema import operation
from core.api.serializers import StrictSerializer
from core.api.viewsets import ApiViewSet


class BrandSerializer(StrictSerializer):
    example = {"slug": "tienda", "name": "Tienda", "category": "RETAIL", "sandboxClock": None}
    slug = TextField(help_text=_("La clave con que se nombra en otras peticiones."))
    name = TextField(help_text=_("Nombre comercial."))
    category = OpenChoiceField(
        choices=Brand.Category.choices, help_text=_("Su giro; pueden venir nuevos.")
    )
    sandbox_clock = serializers.DateTimeField(
        source="clock",
        allow_null=True,
        help_text=_("La hora que es para una marca de pruebas; null: no es de pruebas."),
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


def choose_brand(slug: str | None, editable: Iterable[Brand], *, by: AbstractBaseUser) -> Brand:
    """Return the brand with the slug, or the only one if none is named.

    Raises ApiError, or NotAllowed for a person who may only read there.
    """
    editable = list(editable)
    matching = [brand for brand in editable if slug in (None, brand.slug)]
    if len(matching) == 1:
        return matching[0]
    readable = Brand.objects.visible_to(by)
    if not matching and (readable.filter(slug=slug) if slug else readable).exists():
        raise NotAllowed
    message = (
        gettext("No es una de tus marcas, o todavía no está activa.")
        if slug or not editable
        else gettext("Di de qué marca: {slugs}.").format(
            slugs=", ".join(brand.slug for brand in editable)
        )
    )
    detail = {"field": "brand", "code": "BAD_BRAND", "message": message}
    raise ApiError("BAD_BRAND", message, details=[detail])
