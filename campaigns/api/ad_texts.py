"""Ad texts checked by the text law, with the same result as in the form of the portal."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import ad_text, text_limit
from campaigns.api.permissions import ActsForBrand
from core.api.fields import RawTextField, StrictListField
from core.api.idempotency import EffectlessResponse
from core.api.schema import operation
from core.api.serializers import StrictSerializer
from core.api.viewsets import ApiViewSet
from core.body_limits import KIB

MAX_TEXTS = 500
MAX_CHARACTERS = 2_000
MAX_TOGETHER = 60_000  # characters: 500 texts of 120
MAX_PROBLEMS = 20  # of a text; those after them are counted
CHARACTERS_PER_REQUEST = 300  # of texts that are wrong throughout, in 10 ms


class AdTextSerializer(StrictSerializer):
    example = {"adText": "Recarga $100 y recibe 2 GB en movistar.mx/promo"}
    ad_text = RawTextField(
        allow_blank=True, max_length=MAX_CHARACTERS, help_text=_("El texto, tal cual.")
    )


class AdTextsSerializer(StrictSerializer):
    example = {"adTexts": [AdTextSerializer.example["adText"], "Hoy 2x1 😀"]}
    ad_texts = StrictListField(
        child=RawTextField(allow_blank=True, max_length=MAX_CHARACTERS),
        min_length=1,
        max_length=MAX_TEXTS,
        help_text=_("Los textos, tal cual."),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        together = sum(map(len, attrs["ad_texts"]))
        if together <= MAX_TOGETHER:
            return attrs
        message = _("Juntos tienen {count} caracteres y caben {most}: divídelos en varias.")
        raise serializers.ValidationError(
            {"adTexts": message.format(count=together, most=MAX_TOGETHER)}, "max_length"
        )


class ProblemSerializer(StrictSerializer):
    example = {
        "code": "emoji",
        "position": 8,
        "offending": "😀",
        "message": "Los emojis no se pueden enviar: quita «😀».",
        "fix": "",
    }
    code = RawTextField(help_text=_("Estable; la lista está en la documentación."))
    position = serializers.IntegerField(
        help_text=_("Dónde empieza, en puntos de código de `normalizedText`.")
    )
    offending = RawTextField(help_text=_("Lo que no se puede enviar."))
    message = RawTextField(help_text=_("Qué pasa y cómo arreglarlo."))
    fix = RawTextField(
        allow_null=True, help_text=_("Con qué se cambia; null: lo decide una persona.")
    )


class AdTextCheckSerializer(StrictSerializer):
    """The result of checking a text."""

    component_name = "Check"
    example = {
        "valid": True,
        "length": 47,
        "limit": 90,
        "remaining": 43,
        "normalizedText": AdTextSerializer.example["adText"],
        "problems": [],
        "advice": [],
        "fixedText": AdTextSerializer.example["adText"],
        "fixedValid": True,
    }
    valid = serializers.BooleanField(help_text=_("Si se puede enviar."))
    length = serializers.IntegerField(help_text=_("Caracteres que ocupa."))
    limit = serializers.IntegerField(help_text=_("Los que caben."))
    remaining = serializers.IntegerField(help_text=_("Los que quedan; negativo: los que sobran."))
    normalized_text = RawTextField(help_text=_("El texto en NFC, como se cuenta."))
    problems = ProblemSerializer(
        many=True, help_text=_("Lo que impide enviarlo: lo primero, hasta 20.")
    )
    advice = ProblemSerializer(
        many=True, help_text=_("Lo que conviene cambiar: lo primero, hasta 20.")
    )
    fixed_text = RawTextField(help_text=_("Con todo lo que tiene un solo arreglo ya arreglado."))
    fixed_valid = serializers.BooleanField(help_text=_("Si `fixedText` se puede enviar."))


class AdTextChecksSerializer(StrictSerializer):
    component_name = "Checks"
    example = {"results": [AdTextCheckSerializer.example]}
    results = AdTextCheckSerializer(many=True, help_text=_("En el orden en que se enviaron."))


class AdTextViewSet(ApiViewSet):
    """Check texts. Nothing is stored."""

    tag = "ad-texts"
    scopes = ("catalogue:read", "catalogue:read")
    serializer_class = AdTextCheckSerializer
    permission_classes = (*ApiViewSet.permission_classes, ActsForBrand)
    max_bodies = {"check_many": 512 * KIB}

    @operation(_("Revisa un texto"), request=AdTextSerializer, response=AdTextCheckSerializer)
    @action(detail=False, methods=["post"])
    def check(self, request: Request) -> Response:
        serializer = AdTextSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        text = serializer.validated_data["ad_text"]
        self.charge(len(text) // CHARACTERS_PER_REQUEST)
        return EffectlessResponse(check_result(text))

    @operation(
        _("Revisa hasta 500 textos"),
        _(
            "Hasta 60,000 caracteres entre todos. De tu límite usa una petición, y otra por cada "
            "300 caracteres."
        ),
        request=AdTextsSerializer,
        response=AdTextChecksSerializer,
        operation_id="checkAdTexts",
    )
    @action(detail=False, methods=["post"], url_path="check-many")
    def check_many(self, request: Request) -> Response:
        serializer = AdTextsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        texts = serializer.validated_data["ad_texts"]
        self.charge(sum(map(len, texts)) // CHARACTERS_PER_REQUEST)
        return EffectlessResponse({"results": [check_result(text) for text in texts]})


def check_result(text: str) -> Any:
    """Return the problems, advice and fixed form of a text as the API represents them."""
    limit = text_limit.current()
    normalised = ad_text.normalise(text)
    problems = ad_text.check(text, limit=limit)
    fixed = ad_text.fix(text, limit=limit)
    result = {
        "valid": not problems,
        "length": len(normalised),
        "limit": limit,
        "remaining": limit - len(normalised),
        "normalized_text": normalised,
        "problems": problems[:MAX_PROBLEMS],
        "advice": ad_text.advice(text)[:MAX_PROBLEMS],
        "fixed_text": fixed.text,
        "fixed_valid": not fixed.undecided,
    }
    return AdTextCheckSerializer(result).data
