"""Signing up: a person with a brand that waits, or a person who was invited to one."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm
from allauth.core import context
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import brands, teams
from campaigns.errors import InvitationOver
from campaigns.models import Brand, Invitation
from portal.accounts.models import User

INVITED = "invitation"  # in the session: the token of the link that brought the person here

ORDER = ["first_name", "last_name", "email", "password1", "brand", "category", "terms"]


def invitation_of(request: HttpRequest) -> Invitation | None:
    """Give the invitation whose link the person followed, while it is good."""
    token = request.session.get(INVITED)
    return Invitation.objects.find_by_token(token) if token else None


class SignUpForm(SignupForm):
    """Name, e-mail, password and brand. Who was invited is asked for no brand or e-mail.

    The link of an invitation came by mail, so it proves the address it was sent to.
    """

    field_order = ORDER

    first_name = forms.CharField(
        label=_("Nombre"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Escribe tu nombre.")},
    )
    last_name = forms.CharField(
        label=_("Apellidos"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Escribe tus apellidos.")},
    )
    brand = forms.CharField(
        label=_("Nombre de la marca"),
        max_length=80,
        help_text=_("Como la conocen tus clientes."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("Escribe el nombre de tu marca.")},
    )
    category = forms.ChoiceField(
        label=_("Giro"),
        choices=[("", _("Elige un giro")), *Brand.Category.choices],
        error_messages={"required": _("Elige el giro de tu marca.")},
    )
    terms = forms.BooleanField(
        label=_("Acepto las condiciones del servicio"),
        error_messages={"required": _("Para abrir la cuenta hay que aceptar las condiciones.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        self.invitation = invitation_of(context.request)
        super().__init__(*args, **options)
        self.fields["email"].label = _("Correo electrónico")
        self.fields["email"].error_messages |= {
            "required": _("Escribe tu correo completo, como nombre@empresa.mx."),
            "invalid": _("Escribe tu correo completo, como nombre@empresa.mx."),
        }
        self.fields["password1"].label = _("Contraseña")
        self.fields["password1"].help_text = _(
            "Al menos 10 caracteres y no solo números. Evita tu nombre, tu correo y las "
            "contraseñas comunes."
        )
        self.fields["password1"].error_messages["required"] = _("Escribe una contraseña.")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        if self.invitation is not None:
            for name in ("brand", "category", "email"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        if self.invitation is not None:
            self.cleaned_data["email"] = self.validate_unique_email(self.invitation.email.lower())
        return super().clean()

    def try_save(self, request: HttpRequest) -> tuple[AbstractBaseUser | None, HttpResponse | None]:
        """Save, or answer as if: a button pressed twice must not tell that the address is known."""
        try:
            return super().try_save(request)
        except InvitationOver:  # it was taken back while the form was filled in
            return None, redirect("portal:invitation", token=request.session[INVITED])
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)

    @transaction.atomic
    def save(self, request: HttpRequest) -> AbstractBaseUser:
        """Make the person together with the brand, or with the place in the team."""
        if self.invitation is not None:
            get_adapter().stash_verified_email(request, self.invitation.email)
        return super().save(request)

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        user.terms_accepted_at = timezone.now()
        user.save(update_fields=["terms_accepted_at"])
        if self.invitation is None:
            sent = self.cleaned_data
            brands.apply(sent["brand"], sent["category"], by=user)
        else:
            teams.accept(request.session[INVITED], by=user)
            del request.session[INVITED]
