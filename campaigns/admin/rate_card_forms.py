"""The forms of a rate card: its facts, its prices by place, and its packages.

A form checks its fields; the card is checked by `campaigns.pricing.cards`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Rate
from campaigns.models.campaign import MAX_VOLUME
from campaigns.models.rate_card import CENTAVO, MAX_PER_THOUSAND
from campaigns.pricing.cards import CardTerms, PlaceRate
from campaigns.pricing.rule import PackageTerms
from core.counts import CountField
from core.days import DayField
from core.languages import stored
from segments import area_words, gazetteer
from segments.areas import AreaError
from segments.gazetteer import Gazetteer

MAX_ROWS = 100  # of a formset: a card of 413 LADAs has fewer prices than that
BLANK_ROWS = 3
OTHER_STATES = "Los demás estados"  # as people type it: places are read in Spanish


class TypedNumber(forms.DecimalField):
    """A number of up to two decimals, as people write it; `pattern` has what is read."""

    pattern = re.compile("")

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(decimal_places=2, widget=forms.TextInput(attrs=attrs), **options)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value or None)
        if not (found := self.pattern.fullmatch(value.strip())):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return Decimal(found["number"].replace(",", ""))


class PesosField(TypedNumber):
    """A sum of pesos: "1,234.50", with or without its sign."""

    default_error_messages = {"invalid": gettext_lazy("Escribe pesos y centavos, como 95.50.")}
    pattern = re.compile(r"\$? ?(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]{1,2})?)")

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,.2f}" if isinstance(value, Decimal) else value


class PercentField(TypedNumber):
    """A percentage, with or without its sign."""

    default_error_messages = {"invalid": gettext_lazy("Escribe un porcentaje, como 16 o 12.5.")}
    pattern = re.compile(r"(?P<number>[0-9]{1,2}(?:\.[0-9]{1,2})?) ?%?")

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class CardForm(forms.Form):
    """The facts of a card."""

    name = forms.CharField(
        label=gettext_lazy("Nombre"),
        max_length=80,
        help_text=gettext_lazy("Lo ve solo el equipo de Telefónica."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    valid_from = DayField(label=gettext_lazy("Vale desde"))
    valid_until = DayField(
        label=gettext_lazy("Vale hasta"),
        required=False,
        help_text=gettext_lazy("Vacío: sin fin. Cuenta el día en que se envía la campaña."),
    )
    tax_percent = PercentField(label=gettext_lazy("IVA, en porcentaje"), initial=Decimal(16))
    min_volume = CountField(
        label=gettext_lazy("Pedido mínimo, en notificaciones"),
        required=False,
        min_value=1,
        max_value=MAX_VOLUME,
    )
    min_net = PesosField(
        label=gettext_lazy("Pedido mínimo, en pesos sin IVA"),
        required=False,
        min_value=CENTAVO,
        max_value=Decimal(10) ** 9,
    )

    FACTS = CardTerms._fields[:6]


class PriceForm(forms.Form):
    """One price of some places, in words."""

    where = forms.CharField(
        label=gettext_lazy("Dónde"),
        max_length=4000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Escribe dónde vale este precio.")},
    )
    per_thousand = PesosField(
        label=gettext_lazy("Precio por millar"),
        min_value=CENTAVO,
        max_value=MAX_PER_THOUSAND,
        error_messages={"required": gettext_lazy("Falta el precio.")},
    )

    def clean_where(self) -> str:
        where: str = self.cleaned_data["where"]
        self.places: list[tuple[Rate.Scope, str]] = []
        if is_other_states(where):
            return where
        try:
            area = area_words.read(where)
        except AreaError as error:
            raise forms.ValidationError(error.message) from None
        if area.excluded_states or area.excluded_ladas:
            raise forms.ValidationError(_("Un precio no excluye lugares: pon los que sí."))
        self.places = [(Rate.Scope.NATIONAL, "")] if area.nationwide else []
        self.places += [(Rate.Scope.STATE, code) for code in sorted(area.states)]
        self.places += [(Rate.Scope.LADA, code) for code in sorted(area.ladas)]
        return where


class PackageForm(forms.Form):
    """A package."""

    name = forms.CharField(
        label=gettext_lazy("Paquete"),
        max_length=40,
        error_messages={"required": gettext_lazy("Ponle nombre.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    from_volume = CountField(
        label=gettext_lazy("Desde cuántas"),
        min_value=1,
        max_value=MAX_VOLUME,
        error_messages={"required": gettext_lazy("Falta desde cuántas.")},
    )
    percent = PercentField(
        label=gettext_lazy("Descuento"),
        min_value=CENTAVO,
        max_value=Decimal(90),
        error_messages={"required": gettext_lazy("Falta el descuento.")},
    )


PriceRows = forms.formset_factory(PriceForm, extra=BLANK_ROWS, max_num=MAX_ROWS, validate_max=True)
PackageRows = forms.formset_factory(PackageForm, extra=2, max_num=MAX_ROWS, validate_max=True)


class CardForms:
    """The three forms together."""

    def __init__(self, data: Any = None, *, terms: CardTerms | None = None) -> None:
        facts = {name: getattr(terms, name) for name in CardForm.FACTS} if terms else None
        self.card = CardForm(data, initial=facts, prefix="tarifa")
        self.prices = PriceRows(
            data, initial=write_prices(terms.rates) if terms else None, prefix="precios"
        )
        packages = [package._asdict() for package in terms.packages] if terms else None
        self.packages = PackageRows(data, initial=packages, prefix="paquetes")

    def is_valid(self) -> bool:
        """Validate all three, so that all their errors are displayed at once."""
        valid = [form.is_valid() for form in self._forms]
        return all(valid)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """The id of the field, or "", and the message of each error."""
        if not self.card.is_bound:
            return []
        forms_ = [self.card, *self.prices.forms, *self.packages.forms]
        found = [
            (field.auto_id, f"{field.label}: {error}")
            for form in forms_
            for field in form
            for error in field.errors
        ]
        rows = (self.prices, self.packages)
        return found + [("", str(error)) for row in rows for error in row.non_form_errors()]

    @property
    def _forms(self) -> tuple[Any, ...]:
        return self.card, self.prices, self.packages

    def terms(self) -> CardTerms:
        """Return what a valid card says."""
        packages = [PackageTerms(**row) for row in self._rows(self.packages)]
        return CardTerms(
            **self.card.cleaned_data,
            rates=list(self._rates()),
            packages=sorted(packages, key=lambda package: package.from_volume),
        )

    def _rates(self) -> Iterator[PlaceRate]:
        rows = [form for form in self.prices.forms if form.cleaned_data]
        named = {code for row in rows for scope, code in row.places if scope == Rate.Scope.STATE}
        rest = [code for code in gazetteer.current().states if code not in named]
        for row in rows:
            cost = row.cleaned_data["per_thousand"]
            if is_other_states(row.cleaned_data["where"]):
                yield from (PlaceRate(Rate.Scope.STATE, code, cost) for code in rest)
            yield from (PlaceRate(scope, code, cost) for scope, code in row.places)

    @staticmethod
    def _rows(rows: Any) -> list[dict[str, Any]]:
        return [row for row in rows.cleaned_data if row]


def is_other_states(where: str) -> bool:
    """Return whether words mean all states that have no price of their own."""
    return slugify(where) in {"los-demas-estados", "todos-los-estados", "demas-estados"}


def write_prices(rates: Any) -> list[dict[str, Any]]:
    """Return the rows of a list of rates, which `CardForms` reads as the same rates.

    The states of the most common price are "los demás estados" where all states have one.
    """
    places = gazetteer.current()
    groups: dict[tuple[Rate.Scope, Decimal], list[str]] = defaultdict(list)
    for rate in rates:
        groups[(rate.scope, rate.per_thousand)].append(rate.code)
    states = {key: codes for key, codes in groups.items() if key[0] == Rate.Scope.STATE}
    rest = None
    if sum(map(len, states.values())) == len(places.states):
        rest = max(states, key=lambda key: len(states[key]))
    return [
        {"where": _write(scope, codes, places), "per_thousand": cost}
        if (scope, cost) != rest
        else {"where": OTHER_STATES, "per_thousand": cost}
        for (scope, cost), codes in groups.items()
    ]


def _write(scope: Rate.Scope, codes: list[str], places: Gazetteer) -> str:
    if scope == Rate.Scope.NATIONAL:
        return stored(scope.label)
    if scope == Rate.Scope.STATE:
        return ", ".join(places.states.get(code, code) for code in codes)
    return ", ".join(codes)
