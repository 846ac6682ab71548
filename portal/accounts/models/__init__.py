from portal.accounts.models.api_client import ApiClient
from portal.accounts.models.user import User, UserManager

__all__ = ["ApiClient", "User", "UserManager"]
