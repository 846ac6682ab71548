"""The forms of a brand, its team and the person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Brand, Membership
from portal.accounts.api_clients import LONGEST_NAME
from portal.accounts.models import User
from portal.api_settings import SCOPES

CAN = {
    Membership.Role.OWNER: _("Titular: todo, también el equipo"),
    Membership.Role.EDITOR: _("Edición: crea y envía campañas"),
    Membership.Role.VIEWER: _("Consulta: ve campañas y reportes"),
}


class BrandForm(forms.Form):
    """How a brand is called and what it sells."""

    name = forms.CharField(
        label=_("Nombre de la marca"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("Escribe el nombre de tu marca.")},
    )
    category = forms.ChoiceField(label=_("Giro"), choices=Brand.Category.choices)


class InvitationForm(forms.Form):
    """Whom to invite, and in which part."""

    email = forms.EmailField(
        label=_("Correo"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("Escribe el correo de quien quieres invitar."),
            "invalid": _("Escribe el correo completo, como nombre@empresa.mx."),
        },
    )
    role = forms.ChoiceField(
        label=_("Papel"),
        choices=list(CAN.items()),
        initial=Membership.Role.EDITOR,
        widget=forms.RadioSelect,
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=[(role.value, role.label) for role in CAN])


class OnceForm(forms.Form):
    """A form that does its work once: loading the answer anew sends the same `once`."""

    once = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Carga la página de nuevo y repite."),
            "invalid": _("Carga la página de nuevo y repite."),
        },
    )


class ProgramForm(OnceForm):
    """How a program is called and what it may do."""

    name = forms.CharField(
        label=_("Nombre"),
        max_length=LONGEST_NAME,
        help_text=_("Para reconocerlo aquí y en las historias, como «Agencia Norte»."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Escribe un nombre para reconocerlo.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("Qué puede hacer"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Elige al menos una cosa.")},
    )


class PersonForm(forms.ModelForm):
    """How a person is called in histories and teams."""

    class Meta:
        model = User
        fields = ("first_name", "last_name")
        labels = {"first_name": _("Nombre"), "last_name": _("Apellidos")}

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        for name, autocomplete in (("first_name", "given-name"), ("last_name", "family-name")):
            self.fields[name].required = True
            self.fields[name].widget.attrs["autocomplete"] = autocomplete
        self.fields["first_name"].error_messages["required"] = _("Escribe tu nombre.")
        self.fields["last_name"].error_messages["required"] = _("Escribe tus apellidos.")
