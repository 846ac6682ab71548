"""Models of the numbering plan: zones, LADAs, and the municipalities that they serve."""

from typing import NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from segments.models.places import Municipality, State

LADA_SHAPE = r"^[2-9][0-9]{1,2}\Z"
is_lada = RegexValidator(LADA_SHAPE, _("Escribe una clave de 2 o 3 cifras, de 2 a 9 la primera."))


class Zone(models.Model):
    """A territory with one area code: a local service area of the numbering plan.

    Its key is its base code. Overlay codes serve the same zone. A zone belongs to each of its
    `states`: 73 zones span more than one.
    """

    code = models.CharField(_("clave"), max_length=3, primary_key=True, validators=[is_lada])
    city = models.CharField(_("ciudad principal"), max_length=60)
    population = models.PositiveIntegerField(_("población"), help_text=_("Censo de 2020."))
    states = models.ManyToManyField(
        State,
        through="ZoneState",
        related_name="zones",
        verbose_name=pgettext_lazy("lugar", "estados"),
    )

    class Meta:
        verbose_name = _("zona")
        verbose_name_plural = _("zonas")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=LADA_SHAPE), name="zone_code_two_or_three_digits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.city}"

    @property
    def states_in_order(self) -> list[State]:
        """The states, that of the main city first. Prefetch `zone_states__state` for many zones."""
        return [link.state for link in self.zone_states.all()]


class ZoneState(models.Model):
    """The part of a zone that lies in one state; position 0 is the state of its main city."""

    zone = models.ForeignKey(
        Zone, models.CASCADE, related_name="zone_states", verbose_name=_("zona")
    )
    state = models.ForeignKey(
        State,
        models.PROTECT,
        related_name="zone_states",
        verbose_name=pgettext_lazy("lugar", "estado"),
    )
    position = models.PositiveSmallIntegerField(_("posición"))

    class Meta:
        verbose_name = _("estado de la zona")
        verbose_name_plural = _("estados de la zona")
        ordering = ["zone", "position"]
        constraints = [
            models.UniqueConstraint(fields=["zone", "state"], name="zonestate_once"),
            models.UniqueConstraint(
                fields=["zone", "position"],
                deferrable=models.Deferrable.DEFERRED,  # a load may exchange two positions
                name="zonestate_one_per_position",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.zone_id} · {self.state_id}"


class StateLadas(NamedTuple):
    """A state and some of its LADAs."""

    state: State
    ladas: list["Lada"]


class LadaQuerySet(models.QuerySet["Lada"]):
    def by_state(self) -> list[StateLadas]:
        """Group the LADAs by state, those with the largest weight first.

        A LADA is listed under each state of its zone. States are sorted by Spanish name, and
        those without LADAs are omitted. Always five queries: the zone of each LADA is prefetched,
        with its states and LADAs.
        """
        ladas = self.order_by("-weight_ppm", "code").prefetch_related(
            models.Prefetch("zone", Zone.objects.prefetch_related("zone_states__state", "ladas"))
        )
        groups: dict[State, list[Lada]] = {}
        for lada in ladas:
            for state in lada.zone.states_in_order:
                groups.setdefault(state, []).append(lada)
        return [
            StateLadas(state, groups[state])
            for state in sorted(groups, key=lambda state: state.sort_name)
        ]


class Lada(models.Model):
    """A geographic area code in service: the unit in which the channel is segmented and sold.

    City, state, municipality and coordinates are those of the zone's main city. Counts of
    numbers are those that the regulator has assigned, not subscribers.
    """

    class Kind(models.TextChoices):
        BASE = "base", _("Base")
        OVERLAY = "overlay", _("Traslape")

    code = models.CharField(_("LADA"), max_length=3, primary_key=True, validators=[is_lada])
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="ladas", verbose_name=_("zona"))
    kind = models.CharField(_("tipo"), max_length=7, choices=Kind)
    city = models.CharField(_("ciudad principal"), max_length=60)
    state = models.ForeignKey(
        State, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("lugar", "estado")
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="+", verbose_name=_("municipio")
    )
    municipalities = models.ManyToManyField(
        Municipality,
        through="LadaMunicipality",
        related_name="ladas",
        verbose_name=_("municipios"),
    )
    region = models.PositiveSmallIntegerField(
        _("región"),
        help_text=_("Primera cifra, de 2 a 9."),
        validators=[MinValueValidator(2), MaxValueValidator(9)],
    )
    latitude = models.DecimalField(
        _("latitud"),
        max_digits=7,
        decimal_places=5,
        validators=[MinValueValidator(14), MaxValueValidator(33)],
    )
    longitude = models.DecimalField(
        _("longitud"),
        max_digits=8,
        decimal_places=5,
        validators=[MinValueValidator(-119), MaxValueValidator(-86)],
    )
    other_places = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        verbose_name=_("otras localidades"),
        help_text=_("Hasta 12, de mayor a menor."),
    )
    population = models.PositiveIntegerField(
        _("población"),
        help_text=_("Censo de 2020, repartida entre las LADA que comparten la zona."),
    )
    numbers = models.PositiveIntegerField(_("números asignados"))
    mobile_numbers = models.PositiveIntegerField(_("números móviles"))
    movistar_numbers = models.PositiveIntegerField(_("números móviles de Movistar"))
    weight_ppm = models.PositiveIntegerField(
        _("peso"),
        help_text=_("Parte de las notificaciones del país, en millonésimas."),
        validators=[MaxValueValidator(1_000_000)],
    )
    first_assigned_on = models.DateField(_("primera asignación"))

    objects = LadaQuerySet.as_manager()

    class Meta:
        verbose_name = _("LADA")
        verbose_name_plural = _("LADA")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=LADA_SHAPE), name="lada_code_two_or_three_digits"
            ),
            models.CheckConstraint(
                condition=Q(kind="base", code=F("zone")) | (Q(kind="overlay") & ~Q(code=F("zone"))),
                name="lada_base_code_names_its_zone",
            ),
            models.CheckConstraint(condition=Q(region__range=(2, 9)), name="lada_region_2_to_9"),
            models.CheckConstraint(
                condition=Q(weight_ppm__range=(0, 1_000_000)), name="lada_weight_in_millionths"
            ),
            models.CheckConstraint(
                condition=Q(mobile_numbers__lte=F("numbers"))
                & Q(movistar_numbers__lte=F("mobile_numbers")),
                name="lada_numbers_nest",
            ),
            models.CheckConstraint(
                condition=Q(latitude__range=(14, 33)) & Q(longitude__range=(-119, -86)),
                name="lada_lies_in_mexico",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.city}"

    @property
    def overlaps(self) -> list["Lada"]:
        """The other codes of the same territory (56 for 55). Prefetch `zone__ladas` for many."""
        return [lada for lada in self.zone.ladas.all() if lada.code != self.code]


class LadaMunicipality(models.Model):
    """The part of a municipality that one LADA serves.

    Shares of a municipality add up to 1 over its zones, so overlay codes of one zone have the
    same share. Share and population are 0 if the plan names an uninhabited place.
    """

    class Method(models.TextChoices):
        PLAN = "ift", _("Plan de numeración")
        NEARNESS = "cercania", _("Cercanía")

    lada = models.ForeignKey(
        Lada, models.CASCADE, related_name="lada_municipalities", verbose_name=_("LADA")
    )
    municipality = models.ForeignKey(
        Municipality,
        models.PROTECT,
        related_name="lada_municipalities",
        verbose_name=_("municipio"),
    )
    share = models.DecimalField(
        _("fracción"),
        max_digits=5,
        decimal_places=4,
        help_text=_("De la población del municipio, de 0 a 1."),
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    population = models.PositiveIntegerField(_("población"), help_text=_("Censo de 2020."))
    is_main = models.BooleanField(
        _("principal"), help_text=_("Es la zona con más población del municipio.")
    )
    method = models.CharField(_("método"), max_length=8, choices=Method)

    class Meta:
        verbose_name = _("municipio de la LADA")
        verbose_name_plural = _("municipios de la LADA")
        ordering = ["lada", "municipality"]
        constraints = [
            models.UniqueConstraint(fields=["lada", "municipality"], name="ladamunicipality_once"),
            models.CheckConstraint(
                condition=Q(share__range=(0, 1)), name="ladamunicipality_share_0_to_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lada_id} · {self.municipality_id}"
