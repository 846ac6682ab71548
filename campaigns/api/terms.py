"""Serializers of what is written of a campaign: its terms, and what an agency notes on it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import links, references
from campaigns.bulk_rows import MAX_NAME_LENGTH, MAX_TEXT_LENGTH
from campaigns.models import Campaign
from campaigns.models.campaign import MAX_VOLUME, OrderTerms
from core.api.errors import ApiError
from core.api.fields import (
    StrictChoiceField,
    StrictDateField,
    StrictIntegerField,
    StringMapField,
    TextField,
    TrimmedTextField,
)
from core.api.serializers import StrictSerializer
from segments.api import AreaSerializer


class TermsSerializer(StrictSerializer):
    """The terms of a campaign."""

    example = {
        "name": "Recarga de diciembre",
        "adText": "Recarga $100 y recibe 2 GB en movistar.mx/promo",
        "area": {"ladas": ["33", "55", "81"]},
        "startsOn": "2026-12-01",
        "endsOn": "2026-12-07",
        "volume": 500_000,
    }
    name = TrimmedTextField(
        max_length=MAX_NAME_LENGTH, help_text=gettext_lazy("Para reconocerla; no se publica.")
    )
    use = StrictChoiceField(
        choices=OrderTerms.Use.choices,
        required=False,
        help_text=gettext_lazy("`broadcast`: difusión; `promotion`: promoción, con vigencia."),
    )
    promotion_ends_on = StrictDateField(
        required=False,
        allow_null=True,
        help_text=gettext_lazy("Hasta cuándo vale una promoción."),
    )
    text = TextField(
        required=False,
        allow_blank=True,
        max_length=MAX_TEXT_LENGTH,
        help_text=gettext_lazy("El texto del anuncio. Un borrador puede pasarse del límite."),
    )
    destination = TextField(
        required=False,
        allow_blank=True,
        max_length=links.MAX_URL_LENGTH,
        help_text=gettext_lazy("La página https a la que lleva su enlace corto."),
    )
    area = AreaSerializer(
        required=False, allow_null=True, help_text=gettext_lazy("Dónde; null: aún no se elige.")
    )
    starts_on = StrictDateField(
        required=False, allow_null=True, help_text=gettext_lazy("Primer día del canal.")
    )
    ends_on = StrictDateField(
        required=False, allow_null=True, help_text=gettext_lazy("Último día del canal.")
    )
    volume = StrictIntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_VOLUME,
        help_text=gettext_lazy("Notificaciones en total."),
    )
    daily_cap = StrictIntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_VOLUME,
        help_text=gettext_lazy("Lo más de un día; null: ritmo parejo."),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        use = attrs.get("use", getattr(self.instance, "use", OrderTerms.Use.BROADCAST))
        if use == OrderTerms.Use.PROMOTION:
            return attrs
        if attrs.get("promotion_ends_on"):
            message = _("Solo una promoción tiene vigencia: quítala o pon use en promotion.")
            code, field = "NOT_A_PROMOTION", "promotionEndsOn"
            detail = {"field": field, "code": code, "message": message}
            raise ApiError(code, message, details=[detail])
        if "use" in attrs:
            attrs["promotion_ends_on"] = None
        return attrs

    def terms(self) -> dict[str, Any]:
        """Return the validated data as `lifecycle.draft` and `lifecycle.edit` take it."""
        terms = {
            name: value for name, value in self.validated_data.items() if name in Campaign.TERMS
        }
        if "area" in terms:
            terms["area"] = terms["area"] or {}
        return terms


class ReferencesSerializer(StrictSerializer):
    """What an agency notes on a campaign for its own systems."""

    example = {"externalReference": "OS-2231", "metadata": {"cliente": "0419", "medio": "sms"}}
    external_reference = TrimmedTextField(
        required=False,
        allow_blank=True,
        max_length=references.MAX_REFERENCE,
        help_text=gettext_lazy("Como la llamas tú; varias pueden llevar la misma."),
    )
    metadata = StringMapField(
        required=False,
        max_value=references.MAX_VALUE,
        help_text=gettext_lazy(
            "Hasta 20 textos tuyos, con claves de 1 a 40 letras sin acento, cifras, punto, guion o "
            "guion bajo. Lo que mandas reemplaza lo que había."
        ),
    )

    def references(self) -> dict[str, Any]:
        """Return the validated data as `references.change` takes it; empty: nothing of it."""
        names = ("external_reference", "metadata")
        return {name: self.validated_data[name] for name in names if name in self.validated_data}


class CampaignChangesSerializer(TermsSerializer, ReferencesSerializer):
    """The terms of a campaign that change."""

    component_name = "Changes"
    example = {"volume": 400_000, "endsOn": "2026-12-09"}
    name = TrimmedTextField(
        required=False,
        max_length=MAX_NAME_LENGTH,
        help_text=gettext_lazy("Para reconocerla; no se publica."),
    )


class NewCampaignSerializer(TermsSerializer, ReferencesSerializer):
    brand = TextField(
        required=False,
        max_length=50,
        help_text=gettext_lazy("Clave de la marca; un programa ya tiene la suya."),
    )
