from portal.models.api_client import ApiClient
from portal.models.person import User, UserManager

__all__ = ["ApiClient", "User", "UserManager"]
