"""Webhooks of a brand: subscriptions, their deliveries, and tests and repetitions of these."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.brands import choose_brand
from campaigns.api.webhook_serializers import (
    DeliveryDetailSerializer,
    DeliveryQuerySerializer,
    DeliverySerializer,
    NewWebhookSerializer,
    WebhookChangesSerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
)
from campaigns.models import Brand, Webhook, WebhookDelivery
from campaigns.webhooks import subscriptions
from core.api.idempotency import ShownOnceResponse
from core.api.pagination import PageQuerySerializer
from core.api.schema import operation
from core.api.viewsets import ApiViewSet

DELIVERY_PATH = r"deliveries/(?P<delivery>[0-9]{1,18})"


class WebhookViewSet(ApiViewSet):
    """Webhooks of the brands that the caller may edit."""

    tag = "webhooks"
    scopes = ("webhooks:manage", "webhooks:manage")
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"
    serializer_class = WebhookSerializer

    def get_queryset(self) -> QuerySet[Webhook]:
        return Webhook.objects.managed_by(self.user).select_related("brand")

    @operation(_("Lista webhooks"), query=PageQuerySerializer, page=WebhookSerializer)
    def list(self, request: Request) -> Response:
        return self.page_response(self.get_queryset())

    @operation(
        _("Da de alta un webhook"),
        _(
            "Contesta su secreto, esta vez y ninguna otra: al repetir con la misma "
            "`Idempotency-Key`, `secret` es null. Una marca tiene hasta 20."
        ),
        request=NewWebhookSerializer,
        response=WebhookSecretSerializer,
        refusals=("BAD_BRAND", "BAD_URL", "TOO_MANY_WEBHOOKS"),
        status=201,
    )
    def create(self, request: Request) -> Response:
        serializer = NewWebhookSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        brand = choose_brand(data.get("brand"), Brand.objects.edited_by(self.user), by=self.user)
        types = data.get("event_types", [])
        webhook = subscriptions.create(brand.pk, data["url"], types, by=self.user)
        return self.created_response(_secret_response(webhook), webhook.pk)

    @operation(_("Lee un webhook"), response=WebhookSerializer)
    def retrieve(self, request: Request, id: str) -> Response:
        return _webhook_response(self.get_object())

    @operation(
        _("Cambia un webhook"),
        _("Solo lo que envías; lo pendiente va a la dirección nueva."),
        request=WebhookChangesSerializer,
        response=WebhookSerializer,
        refusals=("BAD_URL",),
    )
    def partial_update(self, request: Request, id: str) -> Response:
        serializer = WebhookChangesSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        changes = serializer.validated_data
        webhook = subscriptions.update(self.get_object().pk, **changes, by=self.user)
        return _webhook_response(webhook)

    @operation(_("Borra un webhook"), _("Con su registro de envíos."), status=204)
    def destroy(self, request: Request, id: str) -> Response:
        subscriptions.delete(self.get_object().pk, by=self.user)
        return Response(status=204)

    @operation(
        _("Envía un evento de prueba"),
        _("Una vez y ahora, también en pausa. Lee el envío para saber cómo le fue."),
        response=DeliveryDetailSerializer,
        refusals=("TEST_WAITING",),
        status=202,
    )
    @action(detail=True, methods=["post"])
    def test(self, request: Request, id: str) -> Response:
        delivery = subscriptions.send_test(self.get_object().pk, by=self.user)
        return Response(DeliveryDetailSerializer(delivery).data, status=202)

    @operation(
        _("Cambia su secreto"),
        _(
            "Contesta el nuevo, esta vez y ninguna otra: al repetir con la misma "
            "`Idempotency-Key`, `secret` es null. El anterior firma también por 24 horas."
        ),
        response=WebhookSecretSerializer,
        operation_id="rotateWebhookSecret",
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, id: str) -> Response:
        return _secret_response(subscriptions.rotate(self.get_object().pk, by=self.user))

    @operation(
        _("Pausa un webhook"), _("Lo que pase lo espera 30 días."), response=WebhookSerializer
    )
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, id: str) -> Response:
        return _webhook_response(subscriptions.pause(self.get_object().pk, by=self.user))

    @operation(
        _("Reanuda un webhook"), _("Le envía lo que quedó pendiente."), response=WebhookSerializer
    )
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, id: str) -> Response:
        return _webhook_response(subscriptions.resume(self.get_object().pk, by=self.user))

    @operation(
        _("Lista sus envíos"),
        _("De los últimos 30 días, el más nuevo primero."),
        query=DeliveryQuerySerializer,
        page=DeliverySerializer,
        operation_id="listWebhookDeliveries",
    )
    @action(detail=True)
    def deliveries(self, request: Request, id: str) -> Response:
        rows = self.get_object().deliveries.all()
        if state := self.query.get("state"):
            rows = rows.in_state(state)
        return self.page_response(rows, serializer_class=DeliverySerializer)

    @operation(
        _("Lee un envío"),
        response=DeliveryDetailSerializer,
        operation_id="getWebhookDelivery",
    )
    @action(detail=True, url_path=DELIVERY_PATH)
    def delivery(self, request: Request, id: str, **kwargs: str) -> Response:
        return Response(DeliveryDetailSerializer(self._delivery(kwargs)).data)

    @operation(
        _("Repite un envío"),
        _("Ahora, con el mismo `webhook-id`, y por tres días si hace falta."),
        response=DeliveryDetailSerializer,
        refusals=("WEBHOOK_PAUSED",),
        status=202,
        operation_id="redeliverWebhookDelivery",
    )
    @action(detail=True, methods=["post"], url_path=f"{DELIVERY_PATH}/redeliver")
    def redeliver(self, request: Request, id: str, **kwargs: str) -> Response:
        delivery = subscriptions.redeliver(self._delivery(kwargs).pk, by=self.user)
        return Response(DeliveryDetailSerializer(delivery).data, status=202)

    def _delivery(self, kwargs: dict[str, str]) -> WebhookDelivery:
        return get_object_or_404(self.get_object().deliveries, pk=kwargs["delivery"])


def _webhook_response(webhook: Webhook) -> Response:
    return Response(WebhookSerializer(webhook).data)


def _secret_response(webhook: Webhook) -> Response:
    """Return a webhook with its secret. No other response has it, nor a repetition of this one."""
    data = WebhookSecretSerializer(webhook).data
    return ShownOnceResponse(data, headers={"Cache-Control": "no-store"})
