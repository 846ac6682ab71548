from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BrandQuerySet(models.QuerySet["Brand"]):
    def visible_to(self, user: AbstractBaseUser) -> Self:
        """The brands a person belongs to, whatever the role."""
        return self.filter(active=True, memberships__user_id=user.pk)


class Brand(models.Model):
    """An advertiser: what campaigns, people and limits belong to."""

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

    name = models.CharField(_("nombre"), max_length=80, unique=True)
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
    created_at = models.DateTimeField(_("creada"), default=timezone.now, editable=False)

    objects = BrandQuerySet.as_manager()

    class Meta:
        verbose_name = _("marca")
        verbose_name_plural = _("marcas")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def has_member(self, user: AbstractBaseUser) -> bool:
        return self.memberships.filter(user_id=user.pk).exists()

    def may_edit(self, user: AbstractBaseUser) -> bool:
        return self.memberships.filter(user_id=user.pk, role__in=Membership.EDITORS).exists()


class Membership(models.Model):
    """A person's part in a brand."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Titular")
        EDITOR = "editor", _("Edición")
        VIEWER = "viewer", _("Consulta")

    EDITORS = (Role.OWNER, Role.EDITOR)

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

    class Meta:
        verbose_name = _("integrante")
        verbose_name_plural = _("integrantes")
        constraints = [
            models.UniqueConstraint(fields=["brand", "user"], name="membership_once_a_brand")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
