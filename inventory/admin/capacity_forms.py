"""Forms that propose a change of capacity: by file, by range, closed days, safety share.

A form checks its fields; the change is checked by `inventory.capacity_changes`.
"""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser as User
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.counts import CountField
from core.days import DayField
from inventory import capacity, capacity_changes
from inventory.capacity_changes import MAX_NOTE, Adjust, Source
from inventory.models import MAX_CELL_NOTIFICATIONS, MAX_SAFETY_PERCENT, CapacityChange
from inventory.terms import MAX_DAYS
from segments import areas, gazetteer, pasted_places
from segments.areas import Area, AreaError

CLOSE, OPEN = "close", "open"


class PercentField(CountField):
    """A whole percentage, with or without its sign."""

    def to_python(self, value: Any) -> int | None:
        return super().to_python(
            value.strip().removesuffix("%") if isinstance(value, str) else value
        )


def _note_field(**options: Any) -> forms.CharField:
    attrs = {"autocomplete": "off"}
    return forms.CharField(max_length=MAX_NOTE, widget=forms.TextInput(attrs=attrs), **options)


class ChangeForm(forms.Form):
    """Base of the forms that propose a change."""

    def propose(self, by: User) -> CapacityChange:
        """Store the change of a valid form. Raises as `capacity_changes.propose` does."""
        raise NotImplementedError


class FileForm(ChangeForm):
    """A CSV file of cells."""

    file = forms.FileField(
        label=gettext_lazy("Archivo CSV"),
        help_text=gettext_lazy("Columnas dia, lada y capacidad. Hasta 20 MB, en UTF-8."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        allow_empty_file=True,  # the domain reports it
        max_length=200,
        error_messages={"required": gettext_lazy("Elige un archivo.")},
    )
    note = _note_field(label=gettext_lazy("Nota"), required=False)

    def propose(self, by: User) -> CapacityChange:
        file = self.cleaned_data["file"]
        note = self.cleaned_data["note"] or file.name
        return capacity_changes.propose_file(file, by=by, note=note)


class SpanForm(ChangeForm):
    """A span of days; without the last day, a single one."""

    first = DayField(
        label=gettext_lazy("Primer día"),
        error_messages={"required": gettext_lazy("Escribe un día.")},
    )
    last = DayField(label=gettext_lazy("Último día"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, DayField):
                field.limit(capacity_changes.first_day(), None)

    def clean(self) -> dict[str, Any]:
        first = self.cleaned_data.get("first")
        last = self.cleaned_data.get("last") or first
        if first and last:
            since = capacity_changes.first_day()
            if first < since:
                message = _("Se cambia del {day:%d/%m/%Y} en adelante: elige un día desde ese.")
                self.add_error("first", message.format(day=since))
            elif last < first:
                self.add_error("last", _("Es anterior al primer día: cambia uno de los dos."))
            elif (last - first).days >= MAX_DAYS:
                message = _("El periodo tiene más de {days} días: acórtalo.").format(days=MAX_DAYS)
                self.add_error("last", message)
        return self.cleaned_data

    def days(self) -> list[date]:
        """Return the days of the span."""
        first = self.cleaned_data["first"]
        last = self.cleaned_data["last"] or first
        return [first + timedelta(number) for number in range((last - first).days + 1)]


class PlacesForm(ChangeForm):
    """Some LADAs, by state or one by one."""

    nation = forms.BooleanField(label=gettext_lazy("Todo México"), required=False)
    states = forms.MultipleChoiceField(
        label=gettext_lazy("Estados"), required=False, widget=forms.CheckboxSelectMultiple
    )
    ladas = forms.CharField(
        label=gettext_lazy("LADA"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy("Pega las claves como las tengas: 55, 33; 81."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    area = Area()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.places = gazetteer.current()
        self.fields["states"].choices = list(self.places.states.items())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if {"states", "ladas"} <= self.cleaned_data.keys():
            ladas: tuple[str, ...] = ()
            try:
                ladas = pasted_places.read_codes(self.cleaned_data["ladas"], self.places)
            except AreaError as error:
                self.add_error("ladas", error.message)
            self.area = Area(
                nationwide=self.cleaned_data["nation"],
                states=frozenset(self.cleaned_data["states"]),
                ladas=frozenset(ladas),
            )
            chosen = self.area.nationwide or self.area.states or self.area.ladas
            if not chosen and not self.has_error("ladas"):
                self.add_error("ladas", _("Marca «Todo México», elige estados o escribe LADA."))
        return self.cleaned_data

    def chosen(self) -> tuple[str, ...]:
        """Return the LADAs."""
        return areas.resolve(self.area, self.places)


class RangeForm(PlacesForm, SpanForm):
    """The same edit for the cells of some LADAs and days."""

    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Solo estos días de la semana"),
        required=False,
        coerce=int,
        choices=[(number, capfirst(name)) for number, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    how = forms.ChoiceField(
        label=gettext_lazy("Qué hacer con la capacidad de cada LADA y día"),
        choices=[
            (Adjust.SET.value, gettext_lazy("Fijarla en esta cantidad")),
            (Adjust.PERCENT.value, gettext_lazy("Dejarla en este porcentaje de lo que hay")),
            (Adjust.ADD.value, gettext_lazy("Sumarle esta cantidad, o restarla con signo menos")),
        ],
        initial=Adjust.SET.value,
        widget=forms.RadioSelect,
    )
    amount = PercentField(
        label=gettext_lazy("Cantidad o porcentaje"),
        help_text=gettext_lazy("Por ejemplo 1,200, 90 o -500. Nunca queda por debajo de cero."),
        min_value=-MAX_CELL_NOTIFICATIONS,
        max_value=MAX_CELL_NOTIFICATIONS,
        error_messages={"required": gettext_lazy("Escribe la cantidad.")},
    )
    note = _note_field(label=gettext_lazy("Nota"), required=False)

    def clean(self) -> dict[str, Any]:
        super().clean()
        amount, how = self.cleaned_data.get("amount"), self.cleaned_data.get("how")
        if amount is not None and amount < 0 and how != Adjust.ADD:
            self.add_error("amount", _("Escribe 0 o más; solo al sumar puede ser menos."))
        if not self.errors and not self.days():
            self.add_error("weekdays", _("El periodo no tiene esos días de la semana."))
        last = capacity.last_open_day()
        if not self.errors and (last is None or self.days()[-1] > last):
            message = _("Ese día no está a la venta: el último abierto es el {day:%d/%m/%Y}.")
            name = "last" if self.cleaned_data["last"] else "first"
            self.add_error(
                name, message.format(day=last) if last else _("Aún no hay días abiertos.")
            )
        return self.cleaned_data

    def days(self) -> list[date]:
        kept = self.cleaned_data["weekdays"] or range(7)
        return [day for day in super().days() if day.weekday() in kept]

    def propose(self, by: User) -> CapacityChange:
        how, amount = Adjust(self.cleaned_data["how"]), self.cleaned_data["amount"]
        cells = capacity_changes.adjusted(self.chosen(), self.days(), how, amount)
        note = self.cleaned_data["note"] or self._summary()
        return capacity_changes.propose(Source.RANGE, by=by, cells=cells, note=note)

    def _summary(self) -> str:
        """Return the edit in one line, for the note."""
        how = {
            Adjust.SET: _("fijar en {amount:,}"),
            Adjust.PERCENT: _("dejar en {amount} %"),
            Adjust.ADD: _("sumar {amount:,}"),
        }[Adjust(self.cleaned_data["how"])].format(amount=self.cleaned_data["amount"])
        where, days = areas.describe(self.area, self.places), self.days()
        summary = f"{where}, {days[0]:%d/%m/%Y} – {days[-1]:%d/%m/%Y}: {how}"
        return summary if len(summary) <= MAX_NOTE else f"{summary[: MAX_NOTE - 1]}…"


class ClosedForm(SpanForm):
    """Days to close or to open again."""

    what = forms.ChoiceField(
        label=gettext_lazy("Qué hacer con esos días"),
        choices=[
            (CLOSE, gettext_lazy("Cerrarlos: no se vende nada")),
            (OPEN, gettext_lazy("Reabrirlos: se vende lo que había")),
        ],
        initial=CLOSE,
        widget=forms.RadioSelect,
    )
    note = _note_field(
        label=gettext_lazy("Motivo"),
        required=False,
        help_text=gettext_lazy("Al cerrar hace falta: lo lee quien mire el inventario."),
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("what") == CLOSE and not self.cleaned_data.get("note"):
            self.add_error("note", _("Escribe por qué se cierra, por ejemplo: mantenimiento."))
        return self.cleaned_data

    def propose(self, by: User) -> CapacityChange:
        days, note = self.days(), self.cleaned_data["note"]
        if self._closes():
            return capacity_changes.propose(Source.CLOSED, by=by, closes=days, note=note)
        return capacity_changes.propose(Source.CLOSED, by=by, opens=days, note=note)

    def _closes(self) -> bool:
        return self.cleaned_data["what"] == CLOSE


class SafetyForm(PlacesForm):
    """A safety share for some LADAs."""

    percent = PercentField(
        label=gettext_lazy("Reserva de seguridad, en porcentaje"),
        required=False,
        help_text=gettext_lazy("Lo que no se vende, de 0 a 90. Vacío: la reserva habitual."),
        min_value=0,
        max_value=MAX_SAFETY_PERCENT,
        error_messages={"max_value": gettext_lazy("Escribe %(limit_value)s o menos.")},
    )
    note = _note_field(label=gettext_lazy("Nota"), required=False)

    def propose(self, by: User) -> CapacityChange:
        percent = self.cleaned_data["percent"]
        share = _("la habitual") if percent is None else f"{percent} %"
        note = self.cleaned_data["note"] or f"{areas.describe(self.area, self.places)}: {share}"
        shares = dict.fromkeys(self.chosen(), percent)
        return capacity_changes.propose(Source.SAFETY, by=by, safety=shares, note=note)


# By the last part of their addresses: label and form.
FORMS: dict[str, tuple[Any, type[ChangeForm]]] = {
    "archivo": (gettext_lazy("Subir un CSV"), FileForm),
    "rango": (gettext_lazy("Editar un rango"), RangeForm),
    "dias": (gettext_lazy("Cerrar o reabrir días"), ClosedForm),
    "reserva": (gettext_lazy("Reserva de seguridad"), SafetyForm),
}
