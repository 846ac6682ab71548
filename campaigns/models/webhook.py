from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models.brand import Brand
from core.encryption import TOKEN_PREFIX, EncryptedTextField

MAX_IN_FLIGHT = 4  # deliveries of one webhook at the same time; 1 while it fails
SECRET_PREFIX = "whsec_"  # noqa: S105 (lets scanners recognise a leaked secret)
TEST_TYPE = "mx.movistar.llamada-perdida.v1.webhook-test"
RESULTS_FINAL_TYPE = "mx.movistar.llamada-perdida.v1.results-final"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def managed_by(self, user: AbstractBaseUser) -> Self:
        """Return those of the brands that a person or an API client writes for."""
        return self.filter(brand__in=Brand.objects.edited_by(user))

    def subscribed_to(self, brand_id: int, event_type: str) -> Self:
        """Return those of an activated brand that want events of a type, paused ones included."""
        wanted = Q(event_types=[]) | Q(event_types__contains=[event_type])
        return self.filter(wanted, brand_id=brand_id, brand__activated_at__isnull=False)

    def sendable(self, now: datetime) -> Self:
        """Return those with a delivery that may be sent now.

        A test may always be sent. Other deliveries wait while the webhook is paused, backs off,
        or has its limit of deliveries in flight.
        """
        own = WebhookDelivery.objects.filter(webhook=OuterRef("pk"))
        in_flight = own.filter(lease_until__gt=now).order_by().values("webhook")
        limit = Case(When(failures=0, then=Value(MAX_IN_FLIGHT)), default=Value(1))
        rows = self.filter(brand__activated_at__isnull=False).alias(
            in_flight=Coalesce(Subquery(in_flight.annotate(n=Count("pk")).values("n")), 0),
            limit=limit,
        )
        not_backing_off = Q(backoff_until__isnull=True) | Q(backoff_until__lte=now)
        open_to_events = Q(paused_at__isnull=True, in_flight__lt=F("limit")) & not_backing_off
        return rows.filter(
            open_to_events & Q(Exists(own.ready(now)))
            | Q(Exists(own.ready(now).filter(type=TEST_TYPE)))
        )


class Webhook(models.Model):
    """A brand's subscription to events of its campaigns: an address, event types and a secret.

    While it is paused only tests are sent; events are kept until it is resumed. `failures`
    counts failed attempts in a row since `failing_since`; from the third on nothing is sent
    until `backoff_until`.
    """

    class PausedFor(models.TextChoices):
        """The values are part of the public API."""

        ASKED = "asked", _("La marca lo pausó")
        GONE = "gone", _("Contestó 410: pidió no recibir más")
        DEAD = "dead", _("Tres días sin recibir nada")

    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="webhooks", verbose_name=_("marca")
    )
    url = models.CharField(_("dirección"), max_length=500)
    event_types = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        verbose_name=_("eventos"),
        help_text=_("Vacío: todos."),
    )
    secret = EncryptedTextField(editable=False)
    previous_secret = EncryptedTextField(blank=True, editable=False)
    previous_until = models.DateTimeField(
        _("el secreto anterior vale hasta"), null=True, blank=True, editable=False
    )
    paused_at = models.DateTimeField(_("pausado desde"), null=True, blank=True, editable=False)
    paused_for = models.CharField(
        _("motivo de la pausa"), max_length=10, choices=PausedFor, blank=True, editable=False
    )
    failures = models.PositiveIntegerField(_("fallas seguidas"), default=0, editable=False)
    failing_since = models.DateTimeField(_("falla desde"), null=True, blank=True, editable=False)
    backoff_until = models.DateTimeField(_("descansa hasta"), null=True, blank=True, editable=False)
    served_at = models.DateTimeField(_("último intento"), null=True, blank=True, editable=False)
    last_delivered_at = models.DateTimeField(
        _("última entrega"), null=True, blank=True, editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("creado por")
    )
    created_at = models.DateTimeField(_("creado"), default=timezone.now, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["-id"]
        indexes = [
            models.Index(F("served_at").asc(nulls_first=True), name="webhook_least_served"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(url__regex=r"^https?://[!-~]+$"), name="webhook_has_address"
            ),
            models.CheckConstraint(
                condition=Q(secret__startswith=TOKEN_PREFIX), name="webhook_has_secret"
            ),
            models.CheckConstraint(
                condition=Q(previous_secret="", previous_until__isnull=True)
                | Q(previous_secret__startswith=TOKEN_PREFIX, previous_until__isnull=False),
                name="webhook_previous_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, paused_for="")
                | Q(paused_at__isnull=False) & ~Q(paused_for=""),
                name="webhook_paused_says_why",
            ),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since__isnull=True)
                | Q(failures__gt=0, failing_since__isnull=False),
                name="webhook_failing_says_since",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host} · {self.brand}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def paused(self) -> bool:
        return self.paused_at is not None

    def secrets_at(self, now: datetime) -> list[str]:
        """Return the secrets that sign: the current one, and for a day the previous one."""
        both = self.previous_until is not None and now < self.previous_until
        return [self.secret, self.previous_secret] if both else [self.secret]


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def ready(self, now: datetime) -> Self:
        """Return those that are due and that no worker has leased."""
        return self.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now), due_at__lte=now)

    def waiting(self) -> Self:
        """Return those that are neither delivered nor given up."""
        return self.filter(due_at__isnull=False)

    def in_state(self, state: str) -> Self:
        """Return those in a state, by its value."""
        column = {"waiting": "due_at", "delivered": "delivered_at", "given_up": "given_up_at"}
        return self.filter(**{f"{column[state]}__isnull": False})


class WebhookDelivery(models.Model):
    """An event for one webhook, with the result of its last attempt: the queue and the log.

    A row is queued while it has `due_at`. `requested_at` is when it was created, requested
    again, or its webhook resumed: it is tried for three days from then on.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Por entregar")
        DELIVERED = "delivered", _("Entregado")
        GIVEN_UP = "given_up", _("No se entregó")

    webhook = models.ForeignKey(
        Webhook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook")
    )
    event_id = models.CharField(
        _("id del evento"), max_length=60, help_text=_("El mismo en cada intento.")
    )
    type = models.CharField(_("tipo"), max_length=80)
    subject = models.CharField(_("de qué"), max_length=40)
    body = models.TextField(_("evento"), help_text=_("El CloudEvent, tal como se envía."))
    created_at = models.DateTimeField(_("cuándo"), default=timezone.now, editable=False)
    requested_at = models.DateTimeField(_("pedido"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(
        _("siguiente intento"), default=timezone.now, null=True, editable=False
    )
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveIntegerField(_("intentos"), default=0, editable=False)
    tried_at = models.DateTimeField(_("último intento"), null=True, editable=False)
    last_status = models.PositiveSmallIntegerField(
        _("contestó"), null=True, editable=False, help_text=_("Estado de HTTP; vacío: nada.")
    )
    last_error = models.CharField(_("último error"), max_length=300, blank=True, editable=False)
    last_milliseconds = models.PositiveIntegerField(_("tardó (ms)"), null=True, editable=False)
    delivered_at = models.DateTimeField(_("entregado"), null=True, editable=False)
    given_up_at = models.DateTimeField(_("abandonado"), null=True, editable=False)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("envío a un webhook")
        verbose_name_plural = _("envíos a webhooks")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["webhook", "due_at"],
                condition=Q(due_at__isnull=False),
                name="delivery_due_of_webhook",
            ),
            models.Index(fields=["webhook", "-id"], name="delivery_of_webhook_newest"),
            models.Index(fields=["created_at"], name="delivery_by_age"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_id"], name="delivery_once_an_event"),
            models.CheckConstraint(
                condition=Q(
                    due_at__isnull=False, delivered_at__isnull=True, given_up_at__isnull=True
                )
                | Q(
                    due_at__isnull=True,
                    lease_until__isnull=True,
                    delivered_at__isnull=False,
                    given_up_at__isnull=True,
                )
                | Q(
                    due_at__isnull=True,
                    lease_until__isnull=True,
                    delivered_at__isnull=True,
                    given_up_at__isnull=False,
                ),
                name="delivery_in_one_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} · {self.webhook_id}"

    @property
    def state(self) -> "WebhookDelivery.State":
        if self.due_at:
            return self.State.WAITING
        return self.State.DELIVERED if self.delivered_at else self.State.GIVEN_UP

    @property
    def state_label(self) -> str | Promise:
        return self.state.label

    @property
    def is_test(self) -> bool:
        return self.type == TEST_TYPE

    def in_flight(self, now: datetime) -> bool:
        """Return whether a worker holds a lease on it."""
        return self.lease_until is not None and now < self.lease_until
