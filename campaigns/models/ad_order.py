"""Ad orders: the state requested of the gateway for each campaign, and what it has confirmed."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.gateway.contract import DesiredState, OrderState
from campaigns.models import order_document
from campaigns.models.campaign import Campaign
from campaigns.models.version import Version

ALERT_AFTER = timedelta(minutes=30)  # of failures in a row, even if all are retryable
STOPPED = (DesiredState.PAUSED.value, DesiredState.CANCELLED.value)


class AdOrderQuerySet(models.QuerySet["AdOrder"]):
    def of_channel(self) -> Self:
        """Return those that the gateway gets: not those of sandbox brands."""
        return self.filter(generation__gt=0)

    def pending(self) -> Self:
        """Return the orders whose newest generation is neither confirmed nor refused."""
        return self.filter(generation__gt=F("acknowledged_generation")).exclude(
            refused_generation=F("generation")
        )

    def at_rest(self, now: datetime) -> Self:
        """Return the orders whose newest generation is confirmed, and that no worker holds."""
        return self.filter(
            Q(lease_until__isnull=True) | Q(lease_until__lte=now),
            generation__gt=0,
            acknowledged_generation=F("generation"),
        )

    def due(self, now: datetime) -> Self:
        """Return the pending orders whose next attempt is due and that no worker holds."""
        return self.pending().filter(
            Q(lease_until__isnull=True) | Q(lease_until__lte=now), next_attempt_at__lte=now
        )

    def stopping(self) -> Self:
        """Return the pending orders that pause or cancel: they are urgent."""
        return self.pending().filter(desired_state__in=STOPPED)

    def stopping_due(self, now: datetime) -> Self:
        """Return the stopping orders whose next attempt is due.

        A new stop does not wait for an older generation that a worker is sending: the gateway
        refuses that one if it arrives later.
        """
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=now) | Q(attempts=0)
        return self.stopping().filter(free, next_attempt_at__lte=now)

    def troubled(self) -> Self:
        """Return the unconfirmed orders that are refused, or whose last call failed."""
        return self.filter(generation__gt=F("acknowledged_generation")).filter(
            Q(refused_generation=F("generation")) | Q(failing_since__isnull=False)
        )

    def needing_attention(self, now: datetime) -> Self:
        """Return the orders that are refused, have been failing for ALERT_AFTER, or that the
        gateway has rejected after it took them.
        """
        is_unconfirmed = Q(generation__gt=F("acknowledged_generation"))
        fails = Q(refused_generation=F("generation")) | Q(failing_since__lte=now - ALERT_AFTER)
        return self.filter(is_unconfirmed & fails | Q(gateway_state=OrderState.REJECTED.value))

    def behind_plan(self) -> Self:
        """Return the running orders whose plan by day has changed since their goals were set."""
        return self.of_channel().filter(
            campaign__status__in=Campaign.ORDERED,
            campaign__reservation__allocation__goals_revision__gt=F("goals_revision"),
        )

    def to_split(self, now: datetime) -> Self:
        """Return the running orders at rest that lack the split of a day that is planned for good.

        One that is on its way is left alone: a newer generation would hide that it fails.
        """
        day = order_document.last_split_day()
        return (
            self.at_rest(now)
            .filter(
                campaign__status__in=Campaign.ORDERED,
                campaign__reservation__starts_on__lte=day,
                campaign__reservation__ends_on__gte=day,
            )
            .exclude(split_until__gte=day)
        )


class AdOrderManager(models.Manager.from_queryset(AdOrderQuerySet)):  # type: ignore[misc]
    def request(self, campaign: Campaign) -> "AdOrder":
        """Create or replace the order of a booked campaign, as a new generation.

        Call it in the transaction of the decision, after campaign and inventory are
        locked. The content of a generation never changes, because the gateway refuses
        a generation whose content differs.
        """
        version = campaign.versions.get(number=campaign.version_number)
        order, _created = self.select_for_update().get_or_create(campaign=campaign)
        order.version = version
        self._note_plan(order, campaign)
        document = order_document.build(campaign, version).to_json()
        return self._next_generation(order, document, DesiredState.ACTIVE)

    def simulate(self, campaign: Campaign) -> "AdOrder":
        """Create or change the order of a sandbox's campaign, of which there is no generation.

        So nothing of it is ever due, compared with the gateway or late; its counts have its id.
        """
        version = campaign.versions.get(number=campaign.version_number)
        return self.update_or_create(campaign=campaign, defaults={"version": version})[0]

    def follow_plan(self, campaign: Campaign) -> bool:
        """Set an order's goals to the present plan; return whether that made a new generation.

        A new generation is made only if counts by day or the splits differ, and differs only
        in its goal. While nothing is planned, because all of the reservation is at risk, the
        order keeps its goal. Call it in a transaction, as `request`.
        """
        order = self.select_for_update().get(campaign=campaign)
        self._note_plan(order, campaign)
        goal = order_document.goal(campaign)
        if not goal.daily:
            order.save(update_fields=["split_until"])
            return False
        document = order.document | {"goal": goal.to_json()}
        if document == order.document:
            order.save(update_fields=["goals_revision", "split_until"])
            return False
        self._next_generation(order, document, DesiredState(order.desired_state))
        return True

    def set_desired_state(self, campaign: Campaign, desired_state: DesiredState) -> "AdOrder":
        """Request another state of an order, with the same content; in a transaction, as above."""
        order = self.select_for_update().get(campaign=campaign)
        if desired_state != DesiredState.PAUSED:
            order.idle_from = None
        return self._next_generation(order, order.document, desired_state)

    def renew(self, order: "AdOrder", *, above: int) -> "AdOrder":
        """Request the same of a locked order again, by a generation above one that is known.

        For a gateway that holds something else than it has confirmed.
        """
        desired_state = DesiredState(order.desired_state)
        return self._next_generation(order, order.document, desired_state, above=above)

    def _note_plan(self, order: "AdOrder", campaign: Campaign) -> None:
        """Note which plan the goal comes from. The day may change before the goal is read."""
        reservation = order_document.reservation_of(campaign)
        order.goals_revision = reservation.allocation.goals_revision
        order.split_until = order_document.last_split_day()

    def _next_generation(
        self,
        order: "AdOrder",
        document: dict[str, Any],
        desired_state: DesiredState,
        *,
        above: int = 0,
    ) -> "AdOrder":
        order.generation = max(order.generation, above) + 1
        order.desired_state = desired_state
        order.document = document | {
            "generation": order.generation,
            "desiredState": desired_state.value,
        }
        order.attempts = 0
        order.failing_since = None
        order.next_attempt_at = timezone.now()
        order.save()
        return order


class AdOrder(models.Model):
    """The state requested of the gateway for one campaign, and what it has confirmed.

    The rows are the outbox: `generation` is requested, `acknowledged_generation`
    confirmed. A row is pending while they differ and the newest is not refused.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.OneToOneField(
        Campaign, models.PROTECT, related_name="ad_order", verbose_name=_("campaña")
    )
    version = models.ForeignKey(Version, models.PROTECT, related_name="+", null=True)
    generation = models.PositiveBigIntegerField(_("generación"), default=0)
    desired_state = models.CharField(
        _("estado deseado"),
        max_length=10,
        choices=[(state.value, state.value) for state in DesiredState],
        default=DesiredState.ACTIVE.value,
    )
    document = models.JSONField(_("documento"), default=dict)
    goals_revision = models.PositiveIntegerField(
        default=0, help_text=_("La del reparto del que salieron sus metas por día.")
    )
    split_until = models.DateField(
        null=True,
        editable=False,
        help_text=_("Último día cuya meta lleva dividida por LADA."),
    )

    acknowledged_generation = models.PositiveBigIntegerField(_("confirmada"), default=0)
    acknowledged_at = models.DateTimeField(_("confirmada el"), null=True)
    content_hash = models.CharField(max_length=64, blank=True)
    gateway_state = models.CharField(
        _("estado en la plataforma"),
        max_length=10,
        blank=True,
        choices=[(state.value, state.value) for state in OrderState],
    )
    gateway_state_at = models.DateTimeField(
        null=True,
        help_text=_("Del último aviso de cambio de estado, por el reloj de la plataforma."),
    )
    gateway_state_reason = models.CharField(
        _("motivo de la plataforma"), max_length=300, blank=True
    )

    idle_from = models.DateField(
        _("en pausa desde"),
        null=True,
        editable=False,
        help_text=_("Primer día entero que la plataforma la tiene en pausa y sigue en el plan."),
    )

    stop_confirmed_at = models.DateTimeField(
        _("paro confirmado"),
        null=True,
        editable=False,
        help_text=_("Cuándo tomó la plataforma su última pausa o cancelación."),
    )

    attempts = models.PositiveIntegerField(
        _("intentos"), default=0, help_text=_("De la generación actual.")
    )
    next_attempt_at = models.DateTimeField(_("siguiente intento"), default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    refused_generation = models.PositiveBigIntegerField(_("rechazada"), null=True)
    failing_since = models.DateTimeField(_("falla desde"), null=True)
    last_error = models.CharField(_("último error"), max_length=500, blank=True)

    objects = AdOrderManager()

    class Meta:
        verbose_name = _("orden")
        verbose_name_plural = _("envíos")
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(generation__gt=F("acknowledged_generation")),
                name="adorder_unsent_by_time",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_generation__lte=F("generation")),
                name="adorder_confirms_what_was_wanted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign.folio} g{self.generation}"

    @property
    def confirmed(self) -> bool:
        return self.acknowledged_generation == self.generation

    @property
    def stops(self) -> bool:
        """Whether the newest generation pauses or cancels."""
        return self.desired_state in STOPPED

    @property
    def pending(self) -> bool:
        """Whether workers still have to send the newest generation."""
        return not self.confirmed and not self.refused

    @property
    def refused(self) -> bool:
        return self.refused_generation == self.generation

    @property
    def rejected(self) -> bool:
        """Whether the gateway took the order and rejected it afterwards."""
        return self.gateway_state == OrderState.REJECTED.value

    @property
    def needs_attention(self) -> bool:
        """Whether a person has to act: refused, rejected later, or failing for ALERT_AFTER."""
        late = self.failing_since is not None and (
            self.failing_since <= timezone.now() - ALERT_AFTER
        )
        return self.rejected or (not self.confirmed and (self.refused or late))

    def note_taken(self, document: dict[str, Any]) -> None:
        """Note a stop that the gateway has taken now, and the first whole day without deliveries.

        The text went out until the gateway took its pause, so that is tomorrow at the earliest.
        """
        wanted = {self.desired_state, document["desiredState"]}
        if wanted == {DesiredState.CANCELLED} or (
            wanted == {DesiredState.PAUSED} and self.idle_from is None
        ):
            self.stop_confirmed_at = timezone.now()
        if wanted != {DesiredState.PAUSED}:
            self.idle_from = None
        elif self.idle_from is None:
            self.idle_from = timezone.localdate() + timedelta(days=1)
