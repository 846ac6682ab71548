"""Sign-up of a user who applies for a brand, or who was invited to one."""

import uuid
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

INVITATION_KEY = "invitation"  # of the session: the token of the link that led here

ORDER = ["first_name", "last_name", "email", "password1", "brand", "category", "terms"]


def invitation_of(request: HttpRequest) -> Invitation | None:
    """Return the invitation whose link was followed in this session, while it is valid."""
    token = request.session.get(INVITATION_KEY)
    return Invitation.objects.find_by_token(token) if token else None


class SignUpForm(SignupForm):
    """Name, e-mail, password and brand; brand and e-mail are left out for an invitation.

    The link of an invitation came by mail, so it confirms the address that it was sent to.
    """

    field_order = ORDER
    account_already_exists: bool

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
        label=_("Acepto los términos y leí el aviso de privacidad"),
        error_messages={
            "required": _("Para abrir la cuenta, acepta los términos y marca esta casilla.")
        },
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
        """Save, and respond alike where the address is taken, so that no account is revealed.

        The work is alike too, and so is its time: a password is hashed, rows are written and a
        mail is sent, of which a taken address keeps the mail alone.
        """
        if self.account_already_exists and self.invitation is None:
            self._save_and_undo(request)
        try:
            return super().try_save(request)
        except InvitationOver:  # revoked while the form was being filled in
            return None, redirect("portal:invitation", token=request.session[INVITATION_KEY])
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)

    @transaction.atomic
    def save(self, request: HttpRequest) -> AbstractBaseUser:
        """Create the user and, in the same transaction, the brand or the membership."""
        if self.invitation is not None:
            get_adapter().stash_verified_email(request, self.invitation.email)
        return super().save(request)

    def _save_and_undo(self, request: HttpRequest) -> None:
        """Do what is done for a free address, for one that nobody can have, and roll it back."""
        email = self.cleaned_data["email"]
        self.cleaned_data["email"] = f"{uuid.uuid4().hex}@registro.invalid"
        self.account_already_exists = False
        try:
            with transaction.atomic():
                self.save(request)
                transaction.set_rollback(True)
        finally:
            self.cleaned_data["email"] = email
            self.account_already_exists = True

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        user.terms_accepted_at = timezone.now()
        user.save(update_fields=["terms_accepted_at"])
        if self.invitation is None:
            data = self.cleaned_data
            brands.apply(data["brand"], data["category"], by=user)
        else:
            teams.accept(request.session[INVITATION_KEY], by=user)
            del request.session[INVITATION_KEY]
