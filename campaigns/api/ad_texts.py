"""The text law by program: the same answer as under the field of the form."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import Shape, Text
from api.resources import Resource
from api.schema import operation
from campaigns import ad_text

MOST_TEXTS = 500
MOST_CHARACTERS = 2_000


class AdTextShape(Shape):
    ad_text = Text(allow_blank=True, max_length=MOST_CHARACTERS)


class AdTextsShape(Shape):
    ad_texts = serializers.ListField(
        child=Text(allow_blank=True, max_length=MOST_CHARACTERS),
        min_length=1,
        max_length=MOST_TEXTS,
    )


class ProblemShape(Shape):
    code = Text(help_text=_("Estable; la lista está en la documentación."))
    position = serializers.IntegerField(
        help_text=_("Dónde empieza, en puntos de código de `normalizedText`.")
    )
    offending = Text(help_text=_("Lo que no se puede enviar."))
    message = Text()
    fix = Text(allow_null=True, help_text=_("Con qué se cambia; null: lo decide una persona."))


class CheckShape(Shape):
    """What the channel says of a text."""

    valid = serializers.BooleanField()
    length = serializers.IntegerField(help_text=_("Caracteres que ocupa."))
    limit = serializers.IntegerField()
    remaining = serializers.IntegerField(help_text=_("Los que quedan; negativo: los que sobran."))
    normalized_text = Text()
    problems = ProblemShape(many=True, help_text=_("Lo que impide enviarlo."))
    advice = ProblemShape(many=True, help_text=_("Lo que conviene cambiar."))
    fixed_text = Text(help_text=_("Con todo lo que tiene un solo arreglo ya arreglado."))
    fixed_valid = serializers.BooleanField(help_text=_("Si `fixedText` se puede enviar."))


class ChecksShape(Shape):
    results = CheckShape(many=True, help_text=_("En el orden en que se enviaron."))


class AdTexts(Resource):
    """Check texts; nothing is kept."""

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
