"""Query parameters of the campaign operations, and the orderings of their list."""

from collections.abc import Mapping

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from campaigns import references
from campaigns.api.quotes import TOTAL_PATTERN
from campaigns.models import Campaign
from core.api.fields import (
    QueryBooleanField,
    StrictChoiceField,
    StrictDateField,
    StringMapField,
    TextField,
)
from core.api.pagination import NEWEST_FIRST, Ordering, PageQuerySerializer
from core.api.serializers import QuerySerializer

ORDERINGS: Mapping[str, Ordering] = {
    **NEWEST_FIRST,
    "oldest": Ordering("id"),
    "name": Ordering("name", edited_at="saved_at"),
    "savedAt": Ordering("saved_at", True, parse_datetime, edited_at="saved_at"),
}


class ReferenceQuerySerializer(QuerySerializer):
    external_reference = TextField(
        required=False,
        max_length=references.MAX_REFERENCE,
        help_text=_("Las que llevan esta referencia tuya."),
    )
    metadata = StringMapField(
        required=False,
        max_value=references.MAX_VALUE,
        help_text=_("Las que tienen estos datos tuyos, como `metadata[cliente]=0419`."),
    )


class SubmitQuerySerializer(QuerySerializer):
    dry_run = QueryBooleanField(
        default=False,
        help_text=_("Probar: contesta lo mismo y no cambia nada."),
    )
    accepted_total = serializers.RegexField(
        TOTAL_PATTERN,
        required=False,
        help_text=_("El total que aceptas, como 55100.00: si ya es otro no se envía."),
    )


class CampaignQuerySerializer(PageQuerySerializer, ReferenceQuerySerializer):
    q = TextField(required=False, max_length=90, help_text=_("En nombre, folio o texto."))
    status = StrictChoiceField(
        required=False, choices=Campaign.Status.choices, help_text=_("Las que están así.")
    )
    brand = TextField(required=False, max_length=50, help_text=_("Clave de una marca."))
    runs_from = StrictDateField(required=False, help_text=_("Las que terminan este día o después."))
    runs_until = StrictDateField(required=False, help_text=_("Las que empiezan este día o antes."))
    order = StrictChoiceField(
        required=False,
        choices=list(ORDERINGS),
        help_text=_(
            "De la más nueva si no se dice; savedAt: la cambiada al último primero. Con savedAt y "
            "name, lo que cambia mientras lees la lista vuelve al final de ella."
        ),
    )
