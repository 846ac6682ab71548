"""The text law by program: the same answer as under the field of the form."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import ad_text
from core.api.schema import operation
from core.api.serializers import AnyText, Shape
from core.api.viewsets import Resource

MOST_TEXTS = 500
MOST_CHARACTERS = 2_000


class AdTextShape(Shape):
    example = {"adText": "Recarga $100 y recibe 2 GB en movistar.mx/promo"}
    ad_text = AnyText(
        allow_blank=True, max_length=MOST_CHARACTERS, help_text=_("El texto, tal cual.")
    )


class AdTextsShape(Shape):
    example = {"adTexts": [AdTextShape.example["adText"], "Hoy 2x1 😀"]}
    ad_texts = serializers.ListField(
        child=AnyText(allow_blank=True, max_length=MOST_CHARACTERS),
        min_length=1,
        max_length=MOST_TEXTS,
        help_text=_("Los textos, tal cual."),
    )


class ProblemShape(Shape):
    example = {
        "code": "emoji",
        "position": 8,
        "offending": "😀",
        "message": "Los emojis no se pueden enviar: quita «😀».",
        "fix": "",
    }
    code = AnyText(help_text=_("Estable; la lista está en la documentación."))
    position = serializers.IntegerField(
        help_text=_("Dónde empieza, en puntos de código de `normalizedText`.")
    )
    offending = AnyText(help_text=_("Lo que no se puede enviar."))
    message = AnyText(help_text=_("Qué pasa y cómo arreglarlo."))
    fix = AnyText(allow_null=True, help_text=_("Con qué se cambia; null: lo decide una persona."))


class CheckShape(Shape):
    """What the channel says of a text."""

    example = {
        "valid": True,
        "length": 47,
        "limit": 90,
        "remaining": 43,
        "normalizedText": AdTextShape.example["adText"],
        "problems": [],
        "advice": [],
        "fixedText": AdTextShape.example["adText"],
        "fixedValid": True,
    }
    valid = serializers.BooleanField(help_text=_("Si se puede enviar."))
    length = serializers.IntegerField(help_text=_("Caracteres que ocupa."))
    limit = serializers.IntegerField(help_text=_("Los que caben."))
    remaining = serializers.IntegerField(help_text=_("Los que quedan; negativo: los que sobran."))
    normalized_text = AnyText(help_text=_("El texto en NFC, como se cuenta."))
    problems = ProblemShape(many=True, help_text=_("Lo que impide enviarlo."))
    advice = ProblemShape(many=True, help_text=_("Lo que conviene cambiar."))
    fixed_text = AnyText(help_text=_("Con todo lo que tiene un solo arreglo ya arreglado."))
    fixed_valid = serializers.BooleanField(help_text=_("Si `fixedText` se puede enviar."))


class ChecksShape(Shape):
    example = {"results": [CheckShape.example]}
    results = CheckShape(many=True, help_text=_("En el orden en que se enviaron."))


class AdTexts(Resource):
    """Check texts; nothing is kept."""

    tag = _("Textos")
    scopes = ("catalogue:read", "catalogue:read")
    serializer_class = CheckShape

    @operation(_("Revisa un texto"), takes=AdTextShape, gives=CheckShape)
    @action(detail=False, methods=["post"])
    def check(self, request: Request) -> Response:
        sent = AdTextShape(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(checked(sent.validated_data["ad_text"]))

    @operation(
        _("Revisa hasta 500 textos"),
        takes=AdTextsShape,
        gives=ChecksShape,
        operation_id="checkAdTexts",
    )
    @action(detail=False, methods=["post"], url_path="check-many")
    def check_many(self, request: Request) -> Response:
        sent = AdTextsShape(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response({"results": [checked(text) for text in sent.validated_data["ad_texts"]]})


def checked(text: str) -> Any:
    """Give all that the law says of a text, as the API shows it."""
    limit = settings.AD_TEXT_LIMIT
    normal = ad_text.normalise(text)
    problems = ad_text.check(text, limit=limit)
    fixed = ad_text.fix(text, limit=limit)
    told = {
        "valid": not problems,
        "length": len(normal),
        "limit": limit,
        "remaining": limit - len(normal),
        "normalized_text": normal,
        "problems": problems,
        "advice": ad_text.advice(text),
        "fixed_text": fixed.text,
        "fixed_valid": not fixed.undecided,
    }
    return CheckShape(told).data
