"""The operations of a sandbox brand: its clock, its reviewer, and a new beginning."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.brands import BrandSerializer, choose_brand
from campaigns.api.permissions import ActsForBrand
from campaigns.api.serializers import CampaignSerializer
from campaigns.errors import BadClock
from campaigns.models import Brand, Campaign
from campaigns.models.waiting_list_entry import OPEN_ENTRIES
from campaigns.reasons import MAX_COMMENT_LENGTH
from campaigns.sandbox_brands import brand as sandbox
from campaigns.sandbox_brands import clock
from campaigns.sandbox_brands.decisions import Decision, decide
from core.api.errors import ApiError
from core.api.fields import StrictChoiceField, StrictIntegerField, StrictListField, TextField
from core.api.schema import operation
from core.api.serializers import StrictSerializer
from core.api.viewsets import ApiViewSet

COST = 30  # requests: a day of a national campaign takes about a second
MAX_HOURS = clock.MAX_STEP // timedelta(hours=1)
MAX_REASONS = 10


class SandboxBrandSerializer(StrictSerializer):
    """Which sandbox brand is meant, where the caller has several."""

    component_name = "SandboxChoice"
    example: ClassVar[Any] = {}
    brand = TextField(
        required=False,
        max_length=50,
        help_text=_("Clave de la marca de pruebas; un programa ya tiene la suya."),
    )


class ClockMoveSerializer(SandboxBrandSerializer):
    """How far the clock goes: by a number of hours, or to a moment."""

    component_name = "ClockMove"
    example = {"advanceHours": 24}
    advance_hours = StrictIntegerField(
        required=False, min_value=1, max_value=MAX_HOURS, help_text=_("Cuántas horas avanza.")
    )
    now = serializers.DateTimeField(required=False, help_text=_("O a qué momento llega."))


class DecisionSerializer(SandboxBrandSerializer):
    """A decision on the version in review, as a reviewer makes it."""

    component_name = "SandboxDecision"
    example = {"campaign": "LP-7K2M9Q", "decision": "approve"}
    campaign = TextField(max_length=16, help_text=_("Su folio."))
    decision = StrictChoiceField(choices=Decision.choices, help_text=_("Lo que se decide."))
    reasons = StrictListField(
        child=TextField(max_length=120),
        max_length=MAX_REASONS,
        default=list,
        help_text=_("Los motivos, como los leería la marca; al aprobar no hay."),
    )
    comment = TextField(
        default="",
        allow_blank=True,
        max_length=MAX_COMMENT_LENGTH,
        help_text=_("Lo que escribe quien revisa."),
    )


class SandboxViewSet(ApiViewSet):
    """What the rest of the world does, played by the program of a sandbox brand."""

    tag = "sandbox"
    scopes = ("campaigns:read", "campaigns:write")
    permission_classes = (*ApiViewSet.permission_classes, ActsForBrand)
    costs = {"move_clock": COST, "reset": COST}

    @operation(
        _("Mueve el reloj de pruebas"),
        _(
            "Solo hacia adelante, hasta 180 días de una vez, o unos 10 de una campaña nacional. "
            "Tus campañas empiezan, terminan y entregan como si ese tiempo hubiera pasado, y tus "
            "webhooks reciben sus eventos."
        ),
        request=ClockMoveSerializer,
        response=BrandSerializer,
        refusals=("BAD_BRAND", "BAD_CLOCK", "SANDBOX_ONLY"),
        operation_id="moveSandboxClock",
    )
    @action(detail=False, methods=["post"], url_path="clock")
    def move_clock(self, request: Request) -> Response:
        data = self._read(ClockMoveSerializer, request)
        if ("advance_hours" in data) == ("now" in data):
            raise BadClock(gettext("Manda advanceHours o now, uno de los dos."))
        hours = data.get("advance_hours")
        to = data["now"] if hours is None else timedelta(hours=hours)
        moved = clock.move(self._brand(data).pk, to, by=self.user)
        return Response(BrandSerializer(moved).data)

    @operation(
        _("Decide como quien revisa"),
        _("Lo aprobado queda programado al momento."),
        request=DecisionSerializer,
        response=CampaignSerializer,
        refusals=(
            *("BAD_BRAND", "BAD_CAMPAIGN", "HOLD_EXPIRED"),
            *("REASON_NEEDED", "SANDBOX_ONLY", "WRONG_STATUS"),
        ),
        operation_id="decideInSandbox",
    )
    @action(detail=False, methods=["post"])
    def decisions(self, request: Request) -> Response:
        data = self._read(DecisionSerializer, request)
        brand = self._brand(data)
        rows = Campaign.objects.filter(brand=brand).with_risk()
        rows = rows.select_related("brand", "link").prefetch_related(OPEN_ENTRIES)
        campaign = rows.filter(folio=data["campaign"]).first()
        if campaign is None:
            message = gettext("No es una campaña de tu marca de pruebas.")
            raise ApiError("BAD_CAMPAIGN", message)
        reasons, comment = data["reasons"], data["comment"]
        decision = Decision(data["decision"])
        decide(campaign.pk, decision, by=self.user, reasons=reasons, comment=comment)
        context = {"editable": {brand.pk: brand}}
        return Response(CampaignSerializer(rows.get(pk=campaign.pk), context=context).data)

    @operation(
        _("Vacía la marca de pruebas"),
        _("Borra sus campañas y sus cuentas; su reloj vuelve a ahora. Sus programas se quedan."),
        request=SandboxBrandSerializer,
        response=BrandSerializer,
        refusals=("BAD_BRAND", "SANDBOX_ONLY"),
        operation_id="resetSandbox",
    )
    @action(detail=False, methods=["post"])
    def reset(self, request: Request) -> Response:
        data = self._read(SandboxBrandSerializer, request)
        return Response(BrandSerializer(sandbox.reset(self._brand(data).pk, by=self.user)).data)

    def _read(self, serializer_class: type[StrictSerializer], request: Request) -> dict[str, Any]:
        serializer = serializer_class(data=request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _brand(self, data: dict[str, Any]) -> Brand:
        """Return the sandbox that is named, or the caller's only one.

        Raises ApiError, NotAllowed, BrandSuspended, or SandboxOnly for a real brand.
        """
        rows = Brand.objects.edited_by(self.user).select_related("sandbox_of")
        slug, sandboxes = data.get("brand"), rows.filter(sandbox_of__isnull=False)
        named = rows if slug or not sandboxes.exists() else sandboxes
        brand = choose_brand(slug, named, by=self.user)
        sandbox.require(brand, self.user)
        return brand
