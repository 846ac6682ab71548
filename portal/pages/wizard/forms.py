"""The forms of the wizard, one a step.

They validate formats; the channel's rules are those of `readiness`. Every field of a draft may be
empty, and each step is saved alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from campaigns import links, readiness
from campaigns.models import Campaign
from core import counts
from core.counts import CountField
from core.days import DayField
from segments import areas, gazetteer, pasted_places
from segments.areas import Area, AreaError

NATION, ZONES = "nation", "zones"


def _most() -> int:
    """Return the most that one campaign may have, as it is set when a page is asked for."""
    return settings.MAX_ORDER


class VolumeField(CountField):
    """A number of notifications, up to the most that a campaign can ask for."""

    def __init__(self, *, help_text: Any = "", **options: Any) -> None:
        most = lazy(lambda: str(counts.in_words(_most())), str)()
        fits = format_lazy(_("{help} Caben hasta {most}."), help=help_text, most=most)
        super().__init__(min_value=1, max_value=_most, help_text=fits, **options)
        self.widget.attrs["data-module"] = "count-field"
        self.error_messages["invalid"] = _("Escribe un número entero, por ejemplo 500,000.")
        self.error_messages["min_value"] = _("Escribe 1 o más.")
        self.error_messages["max_value"] = format_lazy(_("Escribe {most} o menos."), most=most)


class StepForm(forms.Form):
    """A form for some of a campaign's terms.

    `revision` is the campaign's when the page was rendered: `lifecycle.edit` refuses to overwrite
    what others changed of this step since then, and accepts what they changed of other steps.
    """

    TERMS: ClassVar[tuple[str, ...]] = ()  # of Campaign.TERMS, that this step sets
    NEEDED: ClassVar[tuple[str, ...]] = ()  # to submit: no "opcional" beside the label
    FIELD_OF: ClassVar[dict[str, str]] = {}  # the field of a term, where it has another name

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, campaign: Campaign | None = None, **options: Any):
        initial = self.initial_of(campaign) if campaign else {}
        initial["revision"] = campaign.revision if campaign else None
        super().__init__(data, initial=initial, **options)
        for name in self.NEEDED:
            self.fields[name].needed = True  # type: ignore[attr-defined]

    @classmethod
    def saved(cls, campaign: Campaign | None) -> dict[str, Any]:
        """Return the saved terms of this step."""
        return {name: getattr(campaign, name) for name in cls.TERMS} if campaign else {}

    def initial_of(self, campaign: Campaign) -> dict[str, Any]:
        """Return the initial values of the fields for a campaign."""
        return self.saved(campaign)

    def terms(self) -> dict[str, Any]:
        """Return the terms as `lifecycle.edit` takes them. For a valid form."""
        return {name: self.cleaned_data[name] for name in self.TERMS}

    def add_problems(self, found: Mapping[str, Sequence[str]]) -> None:
        """Add what `readiness.problems` found in the saved terms as errors of their fields."""
        if not (self.errors or self.is_bound):
            self.cleaned_data: dict[str, Any] = {}  # add_error reads it
        for term in self.TERMS:
            for message in found.get(term, ()):
                self.add_error(self.FIELD_OF.get(term, term), message)

    def rebase(self, campaign: Campaign | None) -> Self:
        """Set the revision to the campaign's present one, so that the next save goes through."""
        assert isinstance(self.data, QueryDict)
        data = self.data.copy()
        data["revision"] = str(campaign.revision) if campaign else ""
        self.data = data
        return self


class DataStep(StepForm):
    """Name and use."""

    TERMS = ("name", "use", "promotion_ends_on")
    NEEDED = ("promotion_ends_on",)  # it is displayed for a promotion only

    name = forms.CharField(
        label=_("Nombre de la campaña"),
        max_length=80,
        help_text=_("Solo lo ve tu equipo y quien revisa."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Ponle un nombre para reconocerla en tu lista.")},
    )
    use = forms.ChoiceField(
        label=_("Uso"),
        choices=Campaign.Use.choices,
        initial=Campaign.Use.BROADCAST,
        widget=forms.RadioSelect,
    )
    promotion_ends_on = DayField(
        label=_("Vigencia de la promoción"),
        required=False,
        help_text=_("Hasta qué día vale: una promoción tiene que decirlo."),
    )

    def terms(self) -> dict[str, Any]:
        terms = super().terms()
        if terms["use"] != Campaign.Use.PROMOTION:
            terms["promotion_ends_on"] = None
        return terms


class TextStep(StepForm):
    """Ad text and destination."""

    TERMS = ("text", "destination")
    NEEDED = ("text",)

    text = forms.CharField(
        label=_("Texto"),
        required=False,
        strip=False,
        widget=forms.Textarea,
        validators=[MaxLengthValidator(2000, _("Ese texto es demasiado largo para guardarlo."))],
    )
    destination = forms.CharField(
        label=_("Página de destino"),
        required=False,
        validators=[
            MaxLengthValidator(
                links.MAX_URL_LENGTH, _("Esa dirección es demasiado larga: usa una corta.")
            )
        ],
    )

    def clean_destination(self) -> str:
        return links.complete(self.cleaned_data["destination"])

    # The text before and after the last fix, to undo it.
    undo_text = forms.CharField(
        required=False, strip=False, max_length=2000, widget=forms.HiddenInput
    )
    fixed_text = forms.CharField(
        required=False, strip=False, max_length=2000, widget=forms.HiddenInput
    )


class ZoneStep(StepForm):
    """The area: the whole country, or states and LADAs, less the excluded LADAs."""

    TERMS = ("area",)
    NEEDED = ("scope",)
    FIELD_OF = {"area": "scope"}

    scope = forms.ChoiceField(
        label=_("Dónde"),
        required=False,
        choices=[(NATION, _("Todo México")), (ZONES, _("Elegir zonas"))],
        widget=forms.RadioSelect,
    )
    states = forms.MultipleChoiceField(required=False)
    ladas = forms.MultipleChoiceField(required=False)
    excluded = forms.CharField(
        label=_("Excepto estas LADA"),
        required=False,
        max_length=4000,
        help_text=_("Pega las claves como las tengas: 55, 33; 81."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def __init__(self, data: Any = None, *, campaign: Campaign | None = None, **options: Any):
        super().__init__(data, campaign=campaign, **options)
        saved = campaign.chosen_area if campaign else None
        self.saved_area = saved or Area()
        self.places = places = gazetteer.current()
        self.fields["states"].choices = list(places.states.items())  # type: ignore[attr-defined]
        self.fields["ladas"].choices = list(places.cities.items())  # type: ignore[attr-defined]
        for name in ("states", "ladas"):
            self.fields[name].error_messages["invalid_choice"] = _(
                "%(value)s no está en el catálogo: quítala."
            )

    def initial_of(self, campaign: Campaign) -> dict[str, Any]:
        area = campaign.chosen_area
        if area is None:
            return {}
        return {
            "scope": NATION if area.nationwide else ZONES,
            "states": sorted(area.states),
            "ladas": sorted(area.ladas),
            "excluded": ", ".join(sorted(areas.excluded_codes(area, gazetteer.current()))),
        }

    def clean_excluded(self) -> list[str]:
        try:
            return sorted(pasted_places.read_codes(self.cleaned_data["excluded"], self.places))
        except AreaError as error:
            raise forms.ValidationError(error.message) from error

    def chosen(self, name: str) -> set[str]:
        """Return the ticked values of `states` or `ladas`, as submitted or as saved."""
        value = self[name].value()
        return set(value) if isinstance(value, list | tuple | set) else set()

    def area(self) -> Area | None:
        """Return the chosen area, or None while nothing is chosen. For a valid form."""
        data = self.cleaned_data
        named = frozenset[str]() if data["scope"] == NATION else frozenset(data["ladas"])
        states, ladas = self._excluded(named, frozenset(data["excluded"]))
        nation = data["scope"] == NATION
        if not nation and not (data["scope"] == ZONES and (data["states"] or data["ladas"])):
            return None
        return Area(
            nationwide=nation,
            states=frozenset() if nation else frozenset(data["states"]),
            ladas=named,
            excluded_states=states,
            excluded_ladas=ladas,
        )

    def _excluded(
        self, named: frozenset[str], codes: frozenset[str]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return the excluded states and LADAs of a list of excluded codes.

        The form displays a state that an API client excluded by its codes; while all of them are
        still there, it stays excluded as a state.
        """
        ladas_of, saved = self.places.ladas_of, self.saved_area
        states = frozenset(
            state
            for state in saved.excluded_states
            if ladas_of.get(state, frozenset()) - named <= codes
        )
        covered = frozenset[str]().union(*(ladas_of.get(state, ()) for state in states))
        return states, codes - (covered - named - saved.excluded_ladas)

    def terms(self) -> dict[str, Any]:
        area = self.area()
        return {"area": area.to_json() if area else {}}


class DatesStep(StepForm):
    """Days, volume and daily cap."""

    TERMS = ("starts_on", "ends_on", "volume", "daily_cap")
    NEEDED = ("starts_on", "ends_on", "volume")

    starts_on = DayField(label=_("Primer día"), required=False)
    ends_on = DayField(label=_("Último día"), required=False)
    volume = VolumeField(label=_("Notificaciones"), required=False)
    daily_cap = VolumeField(
        label=_("Tope por día"),
        required=False,
        help_text=_("Vacío: ritmo parejo, con hasta 1.5 veces lo que toca a cada día."),
    )

    def __init__(self, data: Any = None, *, campaign: Campaign | None = None, **options: Any):
        super().__init__(data, campaign=campaign, **options)
        now = campaign.now() if campaign else None
        first, last = readiness.first_possible_day(now), readiness.last_open_day(now)
        for field in self.fields.values():
            if isinstance(field, DayField):
                field.limit(first, last)


class ReviewStep(StepForm):
    """The review, without fields: the campaign is read, and submitted."""
