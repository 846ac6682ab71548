import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import ad_text
from campaigns.gateway.contract import (
    AdOrderDocument,
    DailyGoal,
    DesiredState,
    Goal,
    OrderState,
    Target,
)
from campaigns.models.campaign import Campaign
from campaigns.models.version import Version
from inventory.models import Reservation
from segments.models import Lada

ALERT_AFTER = timedelta(minutes=30)  # of failing in a row, though each failure may heal


class AdOrderQuerySet(models.QuerySet["AdOrder"]):
    def pending(self) -> Self:
        """The orders whose newest generation the gateway neither has nor has refused."""
        return self.filter(generation__gt=F("acknowledged_generation")).exclude(
            refused_generation=F("generation")
        )

    def due(self, now: datetime) -> Self:
        """The unsent orders that may be tried now and that no worker owns."""
        return self.pending().filter(
            Q(lease_until__isnull=True) | Q(lease_until__lte=now), next_attempt_at__lte=now
        )

    def needing_attention(self, now: datetime) -> Self:
        return self.filter(generation__gt=F("acknowledged_generation")).filter(
            Q(refused_generation=F("generation")) | Q(failing_since__lte=now - ALERT_AFTER)
        )

    def behind_plan(self) -> Self:
        """The orders under way whose days the plan has changed since their goals were made."""
        return self.filter(
            campaign__status__in=Campaign.ORDERED,
            campaign__reservation__allocation__goals_revision__gt=F("goals_revision"),
        )


class AdOrderManager(models.Manager.from_queryset(AdOrderQuerySet)):  # type: ignore[misc]
    def request(self, campaign: Campaign) -> "AdOrder":
        """Write what the gateway shall hold of a booked campaign, as a new generation.

        Belongs into the transaction that decided it, after campaign and inventory
        are locked. The content is frozen with its generation: the gateway refuses
        a generation whose content changed.
        """
        version = campaign.versions.get(number=campaign.version_number)
        order, _created = self.select_for_update().get_or_create(campaign=campaign)
        order.version = version
        order.goals_revision = _goals_revision(campaign)
        return self._next_generation(order, document_of(campaign, version), DesiredState.ACTIVE)

    def follow_plan(self, campaign: Campaign) -> bool:
        """Bring an order's goals to what is planned now; say whether the gateway has to learn it.

        Only other counts by day make a new generation, and nothing but the goals is new
        in it. Where nothing at all is planned any more, all of it at risk, there is no
        goal to tell: the order stays as it is until a place is found. In a transaction
        as above.
        """
        revision, goal = _goals_revision(campaign), _goal(campaign)
        order = self.select_for_update().get(campaign=campaign)
        if not goal.daily:
            return False
        order.goals_revision = revision
        document = AdOrderDocument.from_json(order.document)
        if document.goal == goal:
            order.save(update_fields=["goals_revision"])
            return False
        self._next_generation(
            order, replace(document, goal=goal), DesiredState(order.desired_state)
        )
        return True

    def set_desired_state(self, campaign: Campaign, desired_state: DesiredState) -> "AdOrder":
        """Ask for another state of an order, its content as it is; in a transaction as above."""
        order = self.select_for_update().get(campaign=campaign)
        document = AdOrderDocument.from_json(order.document)
        return self._next_generation(order, document, desired_state)

    def _next_generation(
        self, order: "AdOrder", document: AdOrderDocument, desired_state: DesiredState
    ) -> "AdOrder":
        order.generation += 1
        order.desired_state = desired_state
        order.document = replace(
            document, generation=order.generation, desired_state=desired_state
        ).to_json()
        order.attempts = 0
        order.failing_since = None
        order.next_attempt_at = timezone.now()
        order.save()
        return order


class AdOrder(models.Model):
    """What the gateway shall hold of one campaign, and what it has confirmed.

    The outbox: `generation` is wanted, `acknowledged_generation` confirmed. A row
    is work while they differ and the newest one has not been refused.
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

    acknowledged_generation = models.PositiveBigIntegerField(_("confirmada"), default=0)
    acknowledged_at = models.DateTimeField(_("confirmada el"), null=True)
    content_hash = models.CharField(max_length=64, blank=True)
    gateway_state = models.CharField(
        _("estado en la plataforma"),
        max_length=10,
        blank=True,
        choices=[(state.value, state.value) for state in OrderState],
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
        verbose_name_plural = _("órdenes")
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
    def pending(self) -> bool:
        """Say whether workers are still bringing the newest generation to the gateway."""
        return not self.confirmed and not self.refused

    @property
    def refused(self) -> bool:
        return self.refused_generation == self.generation

    @property
    def needs_attention(self) -> bool:
        """Say whether a person has to look: refused, or failing for half an hour."""
        late = self.failing_since is not None and (
            self.failing_since <= timezone.now() - ALERT_AFTER
        )
        return not self.confirmed and (self.refused or late)


def document_of(campaign: Campaign, version: Version) -> AdOrderDocument:
    """Describe a version to the gateway, with the plan's totals by day as its goals."""
    assert version.starts_on and version.ends_on  # a version is complete
    return AdOrderDocument(
        generation=1,
        external_reference=campaign.folio,
        ad_text=version.text,
        ad_text_septets=ad_text.septets(version.text),
        desired_state=DesiredState.ACTIVE,
        starts_on=version.starts_on,
        ends_on=version.ends_on,
        target=_target(version.ladas),
        goal=_goal(campaign),
        content_category=campaign.brand.category,
    )


def _goal(campaign: Campaign) -> Goal:
    """Give what is planned of a campaign's reservation, by day."""
    planned = _reservation(campaign).planned_by_day()
    daily = tuple(DailyGoal(on=day, count=count) for day, count in planned.items())
    return Goal(total=sum(planned.values()), daily=daily)


def _goals_revision(campaign: Campaign) -> int:
    return _reservation(campaign).allocation.goals_revision


def _reservation(campaign: Campaign) -> Reservation:
    assert campaign.reservation is not None  # the database keeps it of a campaign under way
    return campaign.reservation


def _target(ladas: list[str]) -> Target:
    nation = Lada.objects.count() == len(ladas)
    return Target() if nation else Target(frozenset(ladas))
