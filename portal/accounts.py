from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by staff until brands can sign up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
