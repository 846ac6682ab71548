from campaigns.models.ad_order import AdOrder
from campaigns.models.brand import Brand, Membership
from campaigns.models.bulk_file import BulkFile
from campaigns.models.campaign import Campaign
from campaigns.models.channel_switch import ChannelSwitch
from campaigns.models.event import Event, Reason
from campaigns.models.gateway_trouble import GatewayTrouble
from campaigns.models.invitation import Invitation
from campaigns.models.link import Link, LinkHour
from campaigns.models.message import Message, ReadMark
from campaigns.models.notice import Notice
from campaigns.models.saved_zone import SavedZone
from campaigns.models.version import Version
from campaigns.models.waiting_list_entry import WaitingListEntry
from campaigns.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "AdOrder",
    "Brand",
    "BulkFile",
    "Campaign",
    "ChannelSwitch",
    "Event",
    "GatewayTrouble",
    "Invitation",
    "Link",
    "LinkHour",
    "Membership",
    "Message",
    "Notice",
    "ReadMark",
    "Reason",
    "SavedZone",
    "Version",
    "WaitingListEntry",
    "Webhook",
    "WebhookDelivery",
]
