from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.brand import Brand
from segments.areas import Area


class SavedZoneQuerySet(models.QuerySet["SavedZone"]):
    def visible_to(self, user: AbstractBaseUser) -> Self:
        """Return the saved zones of the active brands that a user belongs to."""
        return self.filter(brand__in=Brand.objects.visible_to(user))


class SavedZone(models.Model):
    """An area that a brand saved under a name, to use it in other campaigns.

    A campaign takes a copy: later changes of the saved zone do not affect it.
    """

    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="saved_zones", verbose_name=_("marca")
    )
    name = models.CharField(_("nombre"), max_length=60)
    area = models.JSONField(_("zona"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("creada por")
    )
    created_at = models.DateTimeField(_("creada"), default=timezone.now, editable=False)

    objects = SavedZoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("zona guardada")
        verbose_name_plural = _("zonas guardadas")
        ordering = [Lower("name")]
        constraints = [
            models.UniqueConstraint("brand", Lower("name"), name="savedzone_name_once_a_brand"),
            models.CheckConstraint(condition=~Q(name=""), name="savedzone_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def chosen_area(self) -> Area:
        return Area.from_json(self.area)
