from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_REASON_LENGTH = 500  # characters of why staff discard or suspend a brand, or stop what runs


class BrandQuerySet(models.QuerySet["Brand"]):
    def visible_to(self, user: AbstractBaseUser) -> Self:
        """Return the brands that a user belongs to, in any role, suspended ones included."""
        return self.filter(activated_at__isnull=False, memberships__user_id=user.pk)

    def edited_by(self, user: AbstractBaseUser) -> Self:
        """Return the brands that a person or an API client writes for, suspended ones included.

        What they write for a suspended one is refused with the reason (`campaigns.rights`).
        """
        return self.filter(
            activated_at__isnull=False,
            memberships__user_id=user.pk,
            memberships__role__in=Membership.EDITORS,
        )

    def waiting(self) -> Self:
        """Return those that applied and that staff have neither activated nor discarded yet."""
        return self.filter(active=False, activated_at__isnull=True, discarded_at__isnull=True)

    def discarded(self) -> Self:
        """Return those that staff discarded."""
        return self.filter(discarded_at__isnull=False)

    def of_channel(self) -> Self:
        """Return those that are no sandbox of another brand."""
        return self.filter(sandbox_of__isnull=True)


class Brand(models.Model):
    """An advertiser, to which campaigns, members and limits belong.

    A brand that signed up is inactive and waits until staff activate or discard it; a discarded
    one may wait again. Staff suspend an active one with a reason: its people read everything and
    write nothing until the suspension is lifted. Names are unique among active brands only:
    signing up neither reveals another brand nor reserves a name. The sandbox of a brand is for the
    tests of its programs: nothing of it is on the air, and it has a clock of its own (ADR 40).
    """

    class Category(models.TextChoices):
        GENERAL = "GENERAL", _("General")
        TELECOM = "TELECOM", _("Telecomunicaciones")
        RETAIL = "RETAIL", _("Comercio")
        FOOD = "FOOD", _("Alimentos y restaurantes")
        FINANCE = "FINANCE", _("Servicios financieros")
        HEALTH = "HEALTH", _("Salud")
        EDUCATION = "EDUCATION", _("Educación")
        ENTERTAINMENT = "ENTERTAINMENT", _("Entretenimiento")
        TRAVEL = "TRAVEL", _("Viajes y transporte")
        PUBLIC = "PUBLIC", _("Gobierno y causas")

    name = models.CharField(_("nombre"), max_length=80)
    slug = models.SlugField(_("clave"), unique=True, help_text=_("Aparece en la dirección."))
    category = models.CharField(
        _("giro"),
        max_length=20,
        choices=Category,
        default=Category.GENERAL,
        help_text=_("La plataforma de entrega lo recibe con cada orden."),
    )
    active = models.BooleanField(_("activa"), default=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="brands"
    )
    held_limit = models.PositiveIntegerField(
        _("notificaciones apartadas a la vez"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Lo más que puede apartar sin que se decida. Vacío: lo normal para una marca."),
    )
    share_limit = models.PositiveSmallIntegerField(
        _("parte del canal en sus días"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_(
            "Por ciento, de 1 a 100, de lo que lleva el canal en sus días que puede apartar sin "
            "que se decida. Vacío: lo normal para una marca."
        ),
    )
    lada_share_limit = models.PositiveSmallIntegerField(
        _("parte de cada LADA en sus días"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_(
            "Por ciento, de 1 a 100, de lo que lleva cada LADA en sus días que puede apartar sin "
            "que se decida. Vacío: lo normal para una marca."
        ),
    )
    created_at = models.DateTimeField(_("creada"), default=timezone.now, editable=False)
    activated_at = models.DateTimeField(
        _("activada"),
        default=timezone.now,
        null=True,
        editable=False,
        help_text=_("Vacío: pidió entrar y nadie la ha activado."),
    )
    discarded_at = models.DateTimeField(_("descartada"), null=True, editable=False)
    discard_reason = models.CharField(
        _("por qué se descartó"), max_length=MAX_REASON_LENGTH, blank=True, editable=False
    )
    suspended_at = models.DateTimeField(_("suspendida"), null=True, editable=False)
    suspension_reason = models.CharField(
        _("por qué se suspendió"), max_length=MAX_REASON_LENGTH, blank=True, editable=False
    )

    sandbox_of = models.OneToOneField(
        "self",
        models.PROTECT,
        related_name="sandbox",
        null=True,
        editable=False,
        verbose_name=_("marca de pruebas de"),
    )
    clock = models.DateTimeField(
        _("reloj de pruebas"), null=True, editable=False, help_text=_("No avanza solo.")
    )

    objects = BrandQuerySet.as_manager()

    class Meta:
        verbose_name = _("marca")
        verbose_name_plural = _("marcas")
        ordering = ["name"]
        permissions = [
            ("activate_brand", _("Puede activar marcas que pidieron entrar")),
            ("suspend_brand", _("Puede suspender marcas y levantar su suspensión")),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                condition=Q(active=True),
                name="brand_name_unique_while_active",
                violation_error_message=_("Ya hay una marca activa con ese nombre."),
            ),
            models.CheckConstraint(
                condition=Q(held_limit__isnull=True) | Q(held_limit__gte=1),
                name="brand_held_limit_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(share_limit__isnull=True) | Q(share_limit__range=(1, 100)),
                name="brand_share_limit_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(lada_share_limit__isnull=True) | Q(lada_share_limit__range=(1, 100)),
                name="brand_lada_share_limit_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(active=False) | Q(activated_at__isnull=False),
                name="brand_active_was_activated",
            ),
            models.CheckConstraint(
                condition=Q(discarded_at__isnull=True, discard_reason="")
                | Q(
                    active=False,
                    activated_at__isnull=True,
                    discarded_at__isnull=False,
                    discard_reason__regex=r"\S",
                ),
                name="brand_discarded_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(suspended_at__isnull=True, suspension_reason="")
                | Q(
                    active=False,
                    activated_at__isnull=False,
                    suspended_at__isnull=False,
                    suspension_reason__regex=r"\S",
                ),
                name="brand_suspended_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(sandbox_of__isnull=True, clock__isnull=True)
                | Q(sandbox_of__isnull=False, clock__isnull=False),
                name="brand_sandbox_has_clock",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_waiting(self) -> bool:
        return not self.active and self.activated_at is None and self.discarded_at is None

    @property
    def is_discarded(self) -> bool:
        return self.discarded_at is not None

    @property
    def is_suspended(self) -> bool:
        return not self.active and self.activated_at is not None

    @property
    def is_sandbox(self) -> bool:
        return self.sandbox_of_id is not None

    def now(self) -> datetime:
        """Return the time by which its campaigns live: its own clock if it is a sandbox."""
        return self.clock or timezone.now()

    def today(self) -> date:
        """Return the channel day by which its campaigns live."""
        return timezone.localdate(self.now())

    def has_member(self, user: AbstractBaseUser) -> bool:
        return self.memberships.filter(user_id=user.pk).exists()

    def may_edit(self, user: AbstractBaseUser) -> bool:
        """Return whether a user writes for it now: nobody does while it is not active."""
        return self.active and self.has_editor(user)

    def has_editor(self, user: AbstractBaseUser) -> bool:
        return self.memberships.filter(user_id=user.pk, role__in=Membership.EDITORS).exists()

    def may_manage(self, user: AbstractBaseUser) -> bool:
        """Return whether a user may act as its owner now: nobody may while it is not active."""
        return self.active and self.is_owned_by(user)

    def is_owned_by(self, user: AbstractBaseUser) -> bool:
        return self.memberships.filter(user_id=user.pk, role=Membership.Role.OWNER).exists()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def people(self) -> Self:
        """Return those of people, without API clients."""
        return self.exclude(role=Membership.Role.PROGRAM)


class Membership(models.Model):
    """The role of a person in a brand, or of an API client that acts for it."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Titular")
        EDITOR = "editor", _("Edición")
        VIEWER = "viewer", _("Consulta")
        PROGRAM = "program", _("Programa")

    EDITORS = (Role.OWNER, Role.EDITOR, Role.PROGRAM)

    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="memberships", verbose_name=_("marca")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("persona"),
    )
    role = models.CharField(_("papel"), max_length=10, choices=Role)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("integrante")
        verbose_name_plural = _("integrantes")
        constraints = [
            models.UniqueConstraint(fields=["brand", "user"], name="membership_once_a_brand")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
