from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.brand import Brand
from campaigns.models.campaign import Campaign


class ExportQuerySet(models.QuerySet["Export"]):
    def unfinished(self) -> "ExportQuerySet":
        """Return those that a worker has yet to write."""
        return self.filter(finished_at__isnull=True, failed_at__isnull=True)


class Export(models.Model):
    """A file of results that is too long to be written while somebody waits; a worker writes it.

    Its bytes are in its chunks, all of them or none. `attempts` counts how often a worker began.
    """

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", verbose_name=_("marca"))
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("campaña")
    )  # without one, all of the brand's
    first_day = models.DateField(_("primer día"))
    last_day = models.DateField(_("último día"))
    grain = models.CharField(_("detalle"), max_length=16)
    file_format = models.CharField(_("formato"), max_length=8, choices=Format.choices)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("lo pidió")
    )
    requested_at = models.DateTimeField(_("pedido"), default=timezone.now, editable=False)
    attempts = models.PositiveSmallIntegerField(_("intentos"), default=0)
    percent = models.PositiveSmallIntegerField(_("avance"), default=0)
    finished_at = models.DateTimeField(_("listo"), null=True, blank=True)
    rows = models.PositiveIntegerField(_("filas"), default=0)
    size = models.PositiveBigIntegerField(_("tamaño"), default=0, help_text=_("En bytes."))
    failed_at = models.DateTimeField(_("falló"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("archivo de resultados")
        verbose_name_plural = _("archivos de resultados")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(failed_at__isnull=True),
                name="export_finished_or_failed",
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")), name="export_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand} {self.first_day} – {self.last_day} {self.grain}.{self.file_format}"

    @property
    def state(self) -> str:
        """Return `ready`, `failed`, `working` or `waiting`."""
        if self.finished_at:
            return "ready"
        if self.failed_at:
            return "failed"
        return "working" if self.attempts else "waiting"


class ExportChunk(models.Model):
    """Some bytes of the file of an export, in their order."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField(_("número"))
    data = models.BinaryField()

    class Meta:
        verbose_name = _("parte de un archivo de resultados")
        verbose_name_plural = _("partes de archivos de resultados")
        constraints = [
            models.UniqueConstraint(fields=["export", "number"], name="exportchunk_once"),
        ]

    def __str__(self) -> str:
        return f"{self.export_id} {self.number}"
