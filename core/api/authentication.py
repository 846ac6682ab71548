"""Authentication of the API by the session of a signed-in person."""

from django.utils.translation import gettext as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """A session, whose requests write only with the token that protects against forgery."""

    def enforce_csrf(self, request: Request) -> None:
        """Raise PermissionDenied unless the request has the page's CSRF token."""
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            message = _(
                "Con tu sesión solo se puede cambiar algo desde una página del portal: recárgala "
                "y repite. Un programa usa un token: Authorization: Bearer …"
            )
            raise exceptions.PermissionDenied(message) from None
