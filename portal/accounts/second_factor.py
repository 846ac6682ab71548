"""Forms that accept a code of the second factor once, for as long as it is valid."""

from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.base import forms
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache

# A code is accepted in its own period and MFA_TOTP_TOLERANCE periods before and after.
VALID_FOR = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)  # seconds


class _CodeOnce(forms.BaseAuthenticateForm):
    """Remember a used code until it is no longer valid (RFC 6238, 5.2).

    allauth forgets it after one period, and accepted it again in the next.
    """

    authenticator: Any

    def clean_code(self) -> str:
        code: str = super().clean_code()
        cache.touch(TOTP(self.authenticator)._get_used_cache_key(code), VALID_FOR)
        return code


class AuthenticateForm(_CodeOnce, forms.AuthenticateForm):
    """The code that is asked for at sign-in."""


class ReauthenticateForm(_CodeOnce, forms.ReauthenticateForm):
    """The code that is asked for before a change of how a person signs in."""
