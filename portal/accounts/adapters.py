"""Adapters of django-allauth: messages, mails and the second factor."""

from io import StringIO
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns import brands, mails
from core import encryption
from portal.accounts import sessions
from portal.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Error messages that name the remedy, and mails in the operator's colours."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "duplicate_email": _("Ese ya es tu correo. Escribe el nuevo."),
        "incorrect_code": _("Ese código no es correcto. Escribe el que ves ahora en tu app."),
        "rate_limited": _("Hubo demasiados intentos. Espera un minuto y prueba de nuevo."),
    }

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        return super().render_mail(template_prefix, email, mails.base_context() | context, headers)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in. allauth records the session then, so `SessionActivityMiddleware` need not."""
        super().login(request, user)
        sessions.mark_recorded(request)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm an address, and notify staff of the brand that its user applied for.

        Return False for an address that another user took while the mail was unread.
        """
        others = User.objects.filter(email__iexact=email_address.email)
        if others.exclude(pk=email_address.user_id).exists():
            self.add_message(
                request,
                messages.ERROR,
                "account/messages/email_confirmation_failed.txt",
                {"email": email_address.email},
            )
            return False
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            brands.announce(owner=email_address.user)
        return confirmed

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("portal:profile")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Return the profile page for a user who is signed in, and the sign-in page for others."""
        if self.request.user.is_authenticated:
            return reverse("portal:profile")
        return reverse("account_login")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Seeds encrypted at rest; the QR code as an SVG that the policy allows: no inline style."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": _(
            "Con la verificación en dos pasos el correo no se cambia. Desactívala en tu perfil, "
            "cambia el correo y vuelve a activarla."
        ),
        "cannot_generate_recovery_codes": _(
            "Activa primero la verificación en dos pasos: los códigos son para ella."
        ),
        "incorrect_code": _("Ese código no es correcto. Escribe el que ves ahora en tu app."),
        "unverified_email": _(
            "Tienes un cambio de correo sin confirmar. Confírmalo o cancélalo, y vuelve aquí."
        ),
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """Return a QR code: one square a dark module, black on white in any colour scheme."""
        code = qrcode.QRCode(border=4)
        code.add_data(url)
        rows = code.get_matrix()
        path = StringIO()
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    path.write(f"M{x} {y}h1v1h-1z")
        side = len(rows)
        return (
            f'<svg class="qr" viewBox="0 0 {side} {side}" aria-hidden="true">'
            f'<path fill="white" d="M0 0h{side}v{side}H0z"/>'
            f'<path fill="black" d="{path.getvalue()}"/></svg>'
        )
