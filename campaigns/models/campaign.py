import secrets
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import moves
from campaigns.models.brand import Brand
from inventory.models import Reservation
from segments.areas import Area

if TYPE_CHECKING:
    from campaigns.models.version import Version

FOLIO_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"  # no vowels: no words; no 0 1 I L O
MAX_VOLUME = 1_200_000_000  # notifications: the whole channel for the whole horizon

# For the constraints: statuses that may lack dates and volume, and those with a reservation.
WITHOUT_DATES = sorted({*moves.EDITABLE, moves.Status.CANCELLED, moves.Status.DELETED})
WITH_RESERVATION = sorted({moves.Status.IN_REVIEW, *moves.ORDERED, moves.Status.FINISHED})


def new_folio() -> str:
    """Return a random folio, which does not reveal how many campaigns there are."""
    return "LP-" + "".join(secrets.choice(FOLIO_ALPHABET) for _ in range(6))


class OrderTerms(models.Model):
    """The terms of an order, of a draft and of a version under review alike."""

    class Use(models.TextChoices):
        BROADCAST = "broadcast", _("Difusión")
        PROMOTION = "promotion", _("Promoción")

    TERMS = (
        "name",
        "use",
        "promotion_ends_on",
        "text",
        "destination",
        "area",
        "starts_on",
        "ends_on",
        "volume",
        "daily_cap",
    )

    name = models.CharField(_("nombre"), max_length=80)
    use = models.CharField(_("uso"), max_length=10, choices=Use, default=Use.BROADCAST)
    promotion_ends_on = models.DateField(_("vigencia de la promoción"), null=True, blank=True)
    text = models.TextField(_("texto"), blank=True)
    destination = models.TextField(
        _("destino"),
        blank=True,
        help_text=_("La página https a la que lleva su enlace corto."),
    )
    area = models.JSONField(_("zona"), default=dict, blank=True)
    starts_on = models.DateField(_("inicio"), null=True, blank=True)
    ends_on = models.DateField(_("fin"), null=True, blank=True)
    volume = models.PositiveIntegerField(
        _("volumen"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_VOLUME)],
        help_text=_("En notificaciones."),
    )
    daily_cap = models.PositiveIntegerField(
        _("tope diario"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_VOLUME)],
        help_text=_("En notificaciones por día. Vacío: ritmo parejo."),
    )

    class Meta:
        abstract = True

    @property
    def chosen_area(self) -> Area | None:
        """Return the chosen area, or None while nothing is chosen."""
        return Area.from_json(self.area) if self.area else None

    def now(self) -> datetime:
        """Return the time by which its days are judged."""
        return timezone.now()

    @property
    def airs_at(self) -> datetime | None:
        """Return the instant at which its first channel day begins."""
        if self.starts_on is None:
            return None
        return timezone.make_aware(datetime.combine(self.starts_on, datetime.min.time()))

    @property
    def decide_by(self) -> datetime | None:
        """Return the instant until which it can be decided: `OPERATIONS_HOURS` before it airs."""
        return self.airs_at and self.airs_at - timedelta(hours=settings.OPERATIONS_HOURS)


# At commit the newest event leads to the status: none is changed without its record. A campaign
# without events is a draft.
STATUS_IS_RECORDED = """
    SELECT status INTO current_status FROM campaigns_campaign WHERE id = NEW.id;
    SELECT to_status INTO recorded FROM campaigns_event
    WHERE campaign_id = NEW.id ORDER BY id DESC LIMIT 1;
    IF current_status IS DISTINCT FROM coalesce(recorded, 'draft') THEN
        RAISE EXCEPTION 'campaign % is %, and its newest event says %',
            NEW.id, current_status, coalesce(recorded, 'nothing')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'campaign_status_is_recorded';
    END IF;
    RETURN NULL;
"""


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: AbstractBaseUser) -> Self:
        """Return the campaigns of the brands a person belongs to."""
        return self.filter(brand__in=Brand.objects.visible_to(user))

    def of_channel(self) -> Self:
        """Return those that may be on the air: not those of sandbox brands."""
        return self.filter(sandbox=False)

    def with_risk(self) -> Self:
        """Return them with what `at_risk` reads, and without the arrays beside it."""
        rows = self.select_related("reservation__allocation")
        return rows.defer("reservation__allocation__quantities", "reservation__daily_ceilings")

    def decided_too_late(self, now: datetime) -> Self:
        """Return those without a decision although their `decide_by` has come."""
        begun = timezone.localdate(now + timedelta(hours=settings.OPERATIONS_HOURS))
        return self.filter(status__in=moves.UNDECIDED, starts_on__lte=begun)

    def with_unreported_risk(self) -> Self:
        """Return those under way of which another number has no place than its brand has read."""
        under_way = self.filter(status__in=moves.ORDERED)
        return under_way.exclude(reservation__allocation__at_risk=F("reported_risk"))

    def at_risk(self) -> Self:
        """Return those under way of which a part has no place."""
        return self.filter(status__in=moves.ORDERED, reservation__allocation__at_risk__gt=0)

    def holding(self, now: datetime) -> Self:
        """Return those that hold inventory without a decision on it, or are about to."""
        return self.filter(
            Q(status=moves.Status.RESERVING)
            | Q(
                status__in={*moves.UNDECIDED, *Campaign.EDITABLE},
                reservation__status=Reservation.Status.HELD,
                reservation__expires_at__gt=now,
            )
        )

    def without_hold(self, now: datetime) -> Self:
        """Return those in review whose hold has ended before a decision."""
        return self.filter(status=moves.Status.IN_REVIEW).exclude(
            reservation__status=Reservation.Status.HELD, reservation__expires_at__gt=now
        )


class Campaign(OrderTerms):
    """A brand's order to append one ad text to missed-call notifications.

    Its own terms are the draft; what is reviewed, held and sent is always its
    latest `Version`. `status` is written by `campaigns.lifecycle` alone.
    """

    Status = moves.Status
    EDITABLE = moves.EDITABLE
    ORDERED = moves.ORDERED
    ENDED = moves.ENDED
    SEARCHED = ("name", "folio", "text")

    brand = models.ForeignKey(
        Brand, models.PROTECT, related_name="campaigns", verbose_name=_("marca")
    )
    folio = models.CharField(_("folio"), max_length=16, unique=True, default=new_folio)
    status = models.CharField(
        _("estado"), max_length=20, choices=moves.Status, default=moves.Status.DRAFT, editable=False
    )
    revision = models.PositiveIntegerField(
        default=1, editable=False, help_text=_("Crece cada vez que se guarda el borrador.")
    )
    term_revisions = models.JSONField(
        default=dict,
        editable=False,
        help_text=_("La revisión que cambió por última vez cada condición; sin ella, la 1."),
    )
    version_number = models.PositiveIntegerField(_("versión"), default=0, editable=False)
    reservation = models.ForeignKey(
        Reservation,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("apartado"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("creada por")
    )
    created_at = models.DateTimeField(_("creada"), default=timezone.now, editable=False)
    saved_at = models.DateTimeField(_("guardada"), default=timezone.now, editable=False)
    paused_by = models.CharField(
        _("quién la pausó"), max_length=10, choices=moves.PausedBy, blank=True, editable=False
    )
    reported_risk = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text=_("Las notificaciones sin lugar que su marca ya sabe, desde que se aprobó."),
    )
    status_at = models.DateTimeField(_("en este estado desde"), default=timezone.now)
    external_reference = models.CharField(
        _("referencia"),
        max_length=80,
        blank=True,
        editable=False,
        help_text=_("Como la llama la agencia en sus sistemas."),
    )
    metadata = models.JSONField(_("datos de la agencia"), default=dict, blank=True, editable=False)
    sandbox = models.BooleanField(
        default=False, editable=False, help_text=_("De una marca de pruebas: nunca sale al aire.")
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaña")
        verbose_name_plural = _("campañas")
        ordering = ["-id"]
        permissions = [
            ("review_campaign", _("Puede revisar campañas, y pausar, reanudar o cancelarlas")),
        ]
        indexes = [
            models.Index(fields=["brand", "-id"], name="campaign_of_brand_newest"),
            models.Index(fields=["brand", "name", "id"], name="campaign_of_brand_by_name"),
            models.Index(fields=["brand", "-saved_at", "-id"], name="campaign_of_brand_by_change"),
            models.Index(fields=["status", "starts_on"], name="campaign_by_status_and_start"),
            models.Index(
                fields=["external_reference"],
                condition=~Q(external_reference=""),
                name="campaign_by_reference",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=WITHOUT_DATES)
                | Q(ends_on__gte=F("starts_on"), volume__gt=0, version_number__gt=0),
                name="campaign_sent_has_dates_and_volume",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=WITH_RESERVATION) | Q(reservation__isnull=False),
                name="campaign_under_way_has_reservation",
            ),
            models.CheckConstraint(
                condition=Q(paused_by="") | Q(status=moves.Status.PAUSED),
                name="campaign_paused_by_while_paused",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="status_is_recorded",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("status"),  # type: ignore[no-untyped-call]
                timing=pgtrigger.Deferred,
                declare=[("current_status", "text"), ("recorded", "text")],
                func=STATUS_IS_RECORDED,
            )
        ]

    def __str__(self) -> str:
        return f"{self.folio} · {self.name}"

    def now(self) -> datetime:
        """Return the time by which it lives: the clock of its brand if that is a sandbox."""
        return self.brand.now() if self.sandbox else timezone.now()

    def today(self) -> date:
        """Return the channel day by which it lives."""
        return timezone.localdate(self.now())

    @property
    def version(self) -> "Version | None":
        """Return the latest version, which a reviewer sees and the gateway gets."""
        return self.versions.filter(number=self.version_number).first()

    @property
    def short_link(self) -> str:
        """Return its short link as it is written in the text; empty without one."""
        link = getattr(self, "link", None)
        return link.address if link else ""

    @property
    def editable(self) -> bool:
        return self.status in self.EDITABLE

    @property
    def last_day(self) -> date | None:
        """Return its last channel day: an earlier one than planned if it ended before."""
        if self.ends_on is None or self.status not in self.ENDED:
            return self.ends_on
        return min(self.ends_on, timezone.localdate(self.status_at))

    @property
    def at_risk(self) -> int:
        """Return the notifications reserved for it that have no place; 0 once it has ended."""
        if self.reservation is None or self.status in self.ENDED:
            return 0
        return self.reservation.at_risk

    def changed_since(self, revision: int) -> set[str]:
        """Return the names of the terms that were changed after a revision of the draft.

        All of them, if the campaign never had that revision.
        """
        if not 1 <= revision <= self.revision:
            return set(self.TERMS)
        return {name for name, changed in self.term_revisions.items() if changed > revision}

    @property
    def current_hold(self) -> Reservation | None:
        """Return what is held for it now; None once that is booked, released or expired."""
        hold = self.reservation
        if hold is None or hold.status != Reservation.Status.HELD or hold.expires_at is None:
            return None
        return hold if hold.expires_at > self.now() else None
