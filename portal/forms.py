"""The campaign form: shapes are judged here, the channel's rules by `campaigns.readiness`."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from campaigns import readiness
from campaigns.models import Campaign
from campaigns.models.campaign import MAX_VOLUME
from segments import areas, gazetteer
from segments.areas import Area

NATION, ZONES = "nation", "zones"


class CountField(forms.IntegerField):
    """A whole number of notifications, written as people write them: 500,000 or 500 000."""

    default_error_messages = {
        "invalid": _("Escribe un número entero, por ejemplo 500,000."),
        "min_value": _("Escribe 1 o más."),
    }

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(
            min_value=1, max_value=MAX_VOLUME, widget=forms.TextInput(attrs=attrs), **options
        )
        self.error_messages["max_value"] = _("Escribe %(limit_value)s o menos.")

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = "".join(value.replace(",", "").split())
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}" if isinstance(value, int) else value


def _date_field(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=False,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Escribe una fecha como 05/12/2026.")},
    )


class CampaignForm(forms.Form):
    """What a brand says of a campaign. Anything may still be missing: it is a draft."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
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
    promotion_ends_on = _date_field(
        _("Vigencia de la promoción"), _("Solo si es promoción: hasta qué día vale.")
    )
    text = forms.CharField(
        label=_("Texto"),
        required=False,
        strip=False,
        widget=forms.Textarea,
        validators=[MaxLengthValidator(2000, _("Ese texto es demasiado largo para guardarlo."))],
    )
    undo_text = forms.CharField(  # the text before the last fix button, to go back to
        required=False, strip=False, max_length=2000, widget=forms.HiddenInput
    )
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
    starts_on = _date_field(_("Primer día"))
    ends_on = _date_field(_("Último día"))
    volume = CountField(label=_("Notificaciones"), required=False)
    daily_cap = CountField(
        label=_("Tope por día"),
        required=False,
        help_text=_("Vacío: ritmo parejo, con hasta 1.5 veces lo que toca a cada día."),
    )

    def __init__(self, data: Any = None, *, campaign: Campaign | None = None, **options: Any):
        super().__init__(data, initial=_initial(campaign) if campaign else None, **options)
        saved = campaign.chosen_area if campaign else None
        # The form shows no excluded states; those that a program chose are kept.
        self.excluded_states = saved.excluded_states if saved else frozenset()
        self.places = places = gazetteer.current()
        self.fields["states"].choices = list(places.states.items())  # type: ignore[attr-defined]
        self.fields["ladas"].choices = list(places.cities.items())  # type: ignore[attr-defined]
        for name in ("text", "scope", "starts_on", "ends_on", "volume"):
            self.fields[name].needed = True  # to send it: no "opcional" beside the label
        days = {
            "min": readiness.first_possible_day().isoformat(),
            "max": readiness.last_open_day().isoformat(),
        }
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget.attrs |= days
        for name in ("states", "ladas"):
            self.fields[name].error_messages["invalid_choice"] = _(
                "%(value)s no está en el catálogo: quítala."
            )

    def clean_excluded(self) -> list[str]:
        codes = areas.parse_codes(self.cleaned_data["excluded"], self.places)
        if codes.unknown:
            raise forms.ValidationError(codes.message)
        return sorted(codes.known)

    def chosen(self, name: str) -> set[str]:
        """Give what is ticked now, as sent or as saved: the list is drawn from it."""
        value = self[name].value()
        return set(value) if isinstance(value, list | tuple | set) else set()

    def area(self) -> Area | None:
        """Give the choice of where, or None while nothing is chosen. For a valid form."""
        sent = self.cleaned_data
        excluded = frozenset(sent["excluded"])
        if sent["scope"] == NATION:
            return Area(
                nationwide=True,
                excluded_states=self.excluded_states,
                excluded_ladas=excluded,
            )
        if sent["scope"] == ZONES and (sent["states"] or sent["ladas"]):
            return Area(
                states=frozenset(sent["states"]),
                ladas=frozenset(sent["ladas"]),
                excluded_states=self.excluded_states,
                excluded_ladas=excluded,
            )
        return None

    def at_revision(self, campaign: Campaign | None) -> "CampaignForm":
        """Show what was sent over the revision that stands now: the next save goes through."""
        if campaign is not None:
            campaign.refresh_from_db(fields=["revision"])
            self.data = self.data.copy()
            self.data["revision"] = campaign.revision
        return self

    def terms(self) -> dict[str, Any]:
        """Give the terms of a campaign as `lifecycle` takes them. For a valid form."""
        area = self.area()
        promotion = self.cleaned_data["use"] == Campaign.Use.PROMOTION
        return {
            "name": self.cleaned_data["name"],
            "use": self.cleaned_data["use"],
            "promotion_ends_on": self.cleaned_data["promotion_ends_on"] if promotion else None,
            "text": self.cleaned_data["text"],
            "area": area.to_json() if area else {},
            "starts_on": self.cleaned_data["starts_on"],
            "ends_on": self.cleaned_data["ends_on"],
            "volume": self.cleaned_data["volume"],
            "daily_cap": self.cleaned_data["daily_cap"],
        }


def _initial(campaign: Campaign) -> dict[str, Any]:
    """Give the form's values of a saved campaign."""
    initial = {
        name: getattr(campaign, name) for name in Campaign.TERMS if name in CampaignForm.base_fields
    }
    initial["revision"] = campaign.revision
    if area := campaign.chosen_area:
        initial |= {
            "scope": NATION if area.nationwide else ZONES,
            "states": sorted(area.states),
            "ladas": sorted(area.ladas),
            "excluded": ", ".join(sorted(area.excluded_ladas)),
        }
    return initial
