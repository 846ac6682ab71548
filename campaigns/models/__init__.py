from campaigns.models.ad_order import AdOrder
from campaigns.models.brand import Brand, Membership
from campaigns.models.campaign import Campaign
from campaigns.models.event import Event, Reason
from campaigns.models.invitation import Invitation
from campaigns.models.notice import Notice
from campaigns.models.version import Version
from campaigns.models.waiting_place import WaitingPlace

__all__ = [
    "AdOrder",
    "Brand",
    "Campaign",
    "Event",
    "Invitation",
    "Membership",
    "Notice",
    "Reason",
    "Version",
    "WaitingPlace",
]
