from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CatalogueLoad(models.Model):
    """A load of the catalogue's files that changed the tables. The newest one is current."""

    digest = models.CharField(_("huella"), max_length=64, help_text=_("SHA-256 de los archivos."))
    loaded_at = models.DateTimeField(_("cargado"), default=timezone.now)

    class Meta:
        verbose_name = _("carga del catálogo")
        verbose_name_plural = _("cargas del catálogo")
        ordering = ["-id"]
        get_latest_by = "id"

    def __str__(self) -> str:
        return f"{self.loaded_at:%d/%m/%Y %H:%M} · {self.digest[:12]}"
