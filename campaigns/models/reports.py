"""The gateway's counts: plain tables that can be spread by ad order over several machines.

Rows name an ad order by its id without a foreign key, their keys begin with it, they have no
triggers, and no query joins them to campaigns (docs/scale.md). Counts are notifications.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Counts(models.Model):
    inserted = models.PositiveIntegerField(_("con anuncio"))
    delivered = models.PositiveIntegerField(_("entregadas"))
    failed = models.PositiveIntegerField(_("fallidas"))
    no_receipt = models.PositiveIntegerField(_("sin acuse"))

    class Meta:
        abstract = True


class HourCount(Counts):
    """The counts of an ad order in a LADA, of the notifications of one hour (UTC).

    The table is partitioned by `hour`; old partitions are dropped whole.
    """

    pk = models.CompositePrimaryKey("ad_order", "hour", "lada")
    ad_order = models.UUIDField(_("orden"))
    hour = models.DateTimeField(_("hora"))
    lada = models.CharField(_("LADA"), max_length=3)
    revision = models.PositiveIntegerField(_("revisión"))

    class Meta:
        verbose_name = _("cuenta por hora")
        verbose_name_plural = _("cuentas por hora")

    def __str__(self) -> str:
        return f"{self.ad_order} {self.hour:%Y-%m-%dT%H} {self.lada}"


class DayCount(Counts):
    """The counts of an ad order in a LADA on a channel day: the sum of its hours, for ever."""

    pk = models.CompositePrimaryKey("ad_order", "day", "lada")
    ad_order = models.UUIDField(_("orden"))
    day = models.DateField(_("día"))
    lada = models.CharField(_("LADA"), max_length=3)

    class Meta:
        verbose_name = _("cuenta por día")
        verbose_name_plural = _("cuentas por día")

    def __str__(self) -> str:
        return f"{self.ad_order} {self.day} {self.lada}"


class HourTotal(Counts):
    """The counts of an ad order in one hour (UTC), in all its LADAs together, for ever."""

    pk = models.CompositePrimaryKey("ad_order", "hour")
    ad_order = models.UUIDField(_("orden"))
    hour = models.DateTimeField(_("hora"))

    class Meta:
        verbose_name = _("total por hora")
        verbose_name_plural = _("totales por hora")

    def __str__(self) -> str:
        return f"{self.ad_order} {self.hour:%Y-%m-%dT%H}"


class MarkedDay(models.Model):
    """A channel day of an ad order with changed hours, whose totals are not yet computed again."""

    pk = models.CompositePrimaryKey("ad_order", "day")
    ad_order = models.UUIDField(_("orden"))
    day = models.DateField(_("día"))

    class Meta:
        verbose_name = _("día por sumar")
        verbose_name_plural = _("días por sumar")

    def __str__(self) -> str:
        return f"{self.ad_order} {self.day}"


class CountedDay(models.Model):
    """A channel day of an ad order that has counts: when they changed, and since when it is final.

    Moments of change only grow, in the order of their commits: whoever has read all up to one of
    them misses nothing by asking for what is later (ADR 43).
    """

    pk = models.CompositePrimaryKey("ad_order", "day")
    ad_order = models.UUIDField(_("orden"))
    day = models.DateField(_("día"))
    changed_at = models.DateTimeField(_("contado"))
    final_at = models.DateTimeField(_("final desde"), null=True)

    class Meta:
        verbose_name = _("día contado")
        verbose_name_plural = _("días contados")
        indexes = [
            models.Index(fields=["changed_at"], name="counted_day_by_change"),
            models.Index(
                fields=["day"], condition=Q(final_at__isnull=True), name="counted_day_not_final"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ad_order} {self.day}"


class OrderCount(Counts):
    """The newest counts of an ad order since its beginning, as of a moment."""

    ad_order = models.UUIDField(_("orden"), primary_key=True)
    as_of = models.DateTimeField(_("hasta"))

    class Meta:
        verbose_name = _("avance")
        verbose_name_plural = _("avances")

    def __str__(self) -> str:
        return f"{self.ad_order} {self.as_of:%Y-%m-%dT%H:%M}"


class TrafficHour(models.Model):
    """The notifications of a LADA in one hour (UTC), with an ad and without."""

    pk = models.CompositePrimaryKey("hour", "lada")
    hour = models.DateTimeField(_("hora"))
    lada = models.CharField(_("LADA"), max_length=3)
    revision = models.PositiveIntegerField(_("revisión"))
    notifications = models.PositiveIntegerField(_("notificaciones"))
    eligible = models.PositiveIntegerField(_("elegibles"))
    with_ad = models.PositiveIntegerField(_("con anuncio"))
    suppressed_consent = models.PositiveIntegerField(_("sin anuncio por consentimiento"))
    suppressed_length = models.PositiveIntegerField(_("sin anuncio por longitud"))
    unsold = models.PositiveIntegerField(_("sin vender"))

    class Meta:
        verbose_name = _("tráfico por hora")
        verbose_name_plural = _("tráfico por hora")

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%dT%H} {self.lada}"


class ReportPart(models.Model):
    """A part of a revision of an hour that was applied: an hour is whole when all are there."""

    pk = models.CompositePrimaryKey("stream", "hour", "revision", "part")
    stream = models.CharField(_("serie"), max_length=32)
    hour = models.DateTimeField(_("hora"))
    revision = models.PositiveIntegerField(_("revisión"))
    part = models.PositiveIntegerField(_("parte"))
    parts = models.PositiveIntegerField(_("de"))
    final = models.BooleanField(_("final"))

    class Meta:
        verbose_name = _("parte de una hora")
        verbose_name_plural = _("partes de horas")

    def __str__(self) -> str:
        return f"{self.stream} {self.hour:%Y-%m-%dT%H} r{self.revision} {self.part}/{self.parts}"


class ReportHour(models.Model):
    """How far an hour was reported: all revisions up to `revision` are whole.

    `final`: the last of them is the final one, and the counts of the hour do not change any more.
    """

    pk = models.CompositePrimaryKey("stream", "hour")
    stream = models.CharField(_("serie"), max_length=32)
    hour = models.DateTimeField(_("hora"))
    revision = models.PositiveIntegerField(_("revisión"))
    final = models.BooleanField(_("final"))
    completed_at = models.DateTimeField(_("completa desde"))
    first_completed_at = models.DateTimeField(
        _("completa por primera vez"), null=True, help_text=_("Con cualquier revisión.")
    )

    class Meta:
        verbose_name = _("hora reportada")
        verbose_name_plural = _("horas reportadas")

    def __str__(self) -> str:
        return f"{self.stream} {self.hour:%Y-%m-%dT%H} r{self.revision}"
