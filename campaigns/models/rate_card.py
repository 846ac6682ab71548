from datetime import date
from decimal import Decimal
from typing import Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.version import Version
from core.triggers import append_only

CENTAVO = Decimal("0.01")
MAX_PER_THOUSAND = Decimal("999999.99")  # pesos

# A card that was published never changes again, but that it may be withdrawn.
PUBLISHED_IS_FINAL = """
    IF OLD.status <> 'draft' AND (
        TG_OP = 'DELETE' OR OLD.status <> 'published' OR NEW.status <> 'withdrawn' OR
        to_jsonb(NEW) - '{status,withdrawn_at,withdrawn_by_id}'::text[] IS DISTINCT FROM
        to_jsonb(OLD) - '{status,withdrawn_at,withdrawn_by_id}'::text[]
    ) THEN
        RAISE EXCEPTION 'rate card % is published', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rate_card_published_is_final';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
# Nor do its rates and packages. The lock waits for a publication under way.
OF_A_DRAFT = """
    SELECT status INTO card_status FROM campaigns_ratecard
    WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.card_id ELSE OLD.card_id END FOR SHARE;
    IF card_status <> 'draft' OR (TG_OP = 'UPDATE' AND NEW.card_id <> OLD.card_id) THEN
        RAISE EXCEPTION 'a published rate card keeps its rates'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rate_card_published_is_final';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


def _of_a_draft(name: str) -> list[pgtrigger.Trigger]:
    return [
        pgtrigger.Trigger(
            name=name,
            when=pgtrigger.Before,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            declare=[("card_status", "text")],
            func=OF_A_DRAFT,
        )
    ]


class RateCardQuerySet(models.QuerySet["RateCard"]):
    def valid_on(self, day: date) -> Self:
        """Return the published card whose days have a channel day; the database keeps it one."""
        published = self.filter(status=RateCard.Status.PUBLISHED, valid_from__lte=day)
        return published.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))


class RateCard(models.Model):
    """What the channel costs, for orders that are sent on some channel days.

    Without a published card no order has a price. One that was published is only withdrawn.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Borrador")
        PUBLISHED = "published", _("Publicada")
        WITHDRAWN = "withdrawn", _("Retirada")

    name = models.CharField(_("nombre"), max_length=80)
    status = models.CharField(_("estado"), max_length=9, choices=Status, default=Status.DRAFT)
    valid_from = models.DateField(_("vale desde"))
    valid_until = models.DateField(_("vale hasta"), null=True, blank=True)
    tax_percent = models.DecimalField(
        _("IVA"), max_digits=4, decimal_places=2, default=Decimal("16.00")
    )
    min_volume = models.PositiveIntegerField(
        _("pedido mínimo"), null=True, blank=True, help_text=_("En notificaciones.")
    )
    min_net = models.DecimalField(
        _("importe mínimo"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("En pesos, sin IVA."),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("la hizo")
    )
    created_at = models.DateTimeField(_("creada"), default=timezone.now, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("la publicó"),
    )
    published_at = models.DateTimeField(_("publicada"), null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("la retiró"),
    )
    withdrawn_at = models.DateTimeField(_("retirada"), null=True, editable=False)

    objects = RateCardQuerySet.as_manager()

    class Meta:
        verbose_name = _("tarifa")
        verbose_name_plural = _("tarifas")
        ordering = ["-id"]
        permissions = [("set_rates", _("Puede escribir, publicar y retirar tarifas"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="rate_card_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(tax_percent__range=(0, 99)), name="rate_card_tax_is_a_percentage"
            ),
            models.CheckConstraint(
                condition=Q(min_volume__isnull=True) | Q(min_volume__gt=0),
                name="rate_card_min_volume_positive",
            ),
            models.CheckConstraint(
                condition=Q(min_net__isnull=True) | Q(min_net__gt=0),
                name="rate_card_min_net_positive",
            ),
            models.CheckConstraint(
                condition=Q(status="draft")
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="rate_card_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="withdrawn", withdrawn_at__isnull=False)
                | ~Q(status="withdrawn") & Q(withdrawn_at__isnull=True),
                name="rate_card_withdrawn_has_time",
            ),
            ExclusionConstraint(
                name="rate_card_one_on_a_day",
                expressions=[
                    (
                        Func(
                            "valid_from",
                            "valid_until",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    )
                ],
                condition=Q(status="published"),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_is_final",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=PUBLISHED_IS_FINAL,
            )
        ]

    def __str__(self) -> str:
        return self.name


class Rate(models.Model):
    """The price of a thousand notifications in one place, in pesos without IVA."""

    class Scope(models.TextChoices):
        NATIONAL = "national", _("Todo México")
        STATE = "state", pgettext_lazy("lugar", "Estado")
        LADA = "lada", _("LADA")

    card = models.ForeignKey(
        RateCard, models.CASCADE, related_name="rates", verbose_name=_("tarifa")
    )
    scope = models.CharField(_("alcance"), max_length=8, choices=Scope)
    code = models.CharField(_("clave"), max_length=3, blank=True)
    per_thousand = models.DecimalField(
        _("precio por millar"),
        max_digits=8,
        decimal_places=2,
        validators=[MinValueValidator(CENTAVO), MaxValueValidator(MAX_PER_THOUSAND)],
    )

    class Meta:
        verbose_name = _("precio")
        verbose_name_plural = _("precios")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["card", "scope", "code"], name="rate_place_once"),
            models.CheckConstraint(condition=Q(per_thousand__gt=0), name="rate_positive"),
            models.CheckConstraint(
                condition=Q(scope="national", code="")
                | Q(scope="state", code__regex=r"^[0-9]{2}$")
                | Q(scope="lada", code__regex=r"^[0-9]{2,3}$"),
                name="rate_code_of_its_scope",
            ),
        ]
        triggers = _of_a_draft("rate_of_a_draft")

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.code}".strip()


class Package(models.Model):
    """The percentage off the price of an order from some volume on."""

    card = models.ForeignKey(
        RateCard, models.CASCADE, related_name="packages", verbose_name=_("tarifa")
    )
    name = models.CharField(_("nombre"), max_length=40)
    from_volume = models.PositiveIntegerField(_("desde"), help_text=_("En notificaciones."))
    percent = models.DecimalField(_("descuento"), max_digits=4, decimal_places=2)

    class Meta:
        verbose_name = _("paquete")
        verbose_name_plural = _("paquetes")
        ordering = ["from_volume"]
        constraints = [
            models.UniqueConstraint(fields=["card", "from_volume"], name="package_volume_once"),
            models.CheckConstraint(
                condition=Q(from_volume__gt=0, percent__gt=0, percent__lte=90),
                name="package_is_a_percentage",
            ),
        ]
        triggers = _of_a_draft("package_of_a_draft")

    def __str__(self) -> str:
        return self.name


class OrderQuote(models.Model):
    """The price that a version was sent with. Written once: later cards do not change it."""

    version = models.OneToOneField(
        Version,
        models.PROTECT,
        primary_key=True,
        related_name="quote",
        verbose_name=_("versión"),
    )
    card = models.ForeignKey(RateCard, models.PROTECT, related_name="+", verbose_name=_("tarifa"))
    rate = models.CharField(_("tarifa que aplica"), max_length=300)
    package = models.CharField(_("paquete"), max_length=40, blank=True)
    list_per_thousand = models.DecimalField(_("precio de lista"), max_digits=8, decimal_places=2)
    per_thousand = models.DecimalField(_("precio por millar"), max_digits=8, decimal_places=2)
    tax_percent = models.DecimalField(_("IVA"), max_digits=4, decimal_places=2)
    total = models.DecimalField(
        _("total"), max_digits=15, decimal_places=2, help_text=_("Con todo entregado, con IVA.")
    )

    class Meta:
        verbose_name = _("precio de una orden")
        verbose_name_plural = _("precios de órdenes")
        constraints = [
            models.CheckConstraint(
                condition=Q(per_thousand__gt=0, per_thousand__lte=F("list_per_thousand")),
                name="order_quote_at_most_the_list",
            ),
        ]
        triggers = append_only("order_quote")

    def __str__(self) -> str:
        return f"{self.version} · {self.per_thousand}"
