from campaigns.models.ad_order import AdOrder
from campaigns.models.brand import Brand, Membership
from campaigns.models.bulk_file import BulkFile
from campaigns.models.campaign import Campaign
from campaigns.models.certificate import Certificate, CertificateAnswer, DisputeRuling
from campaigns.models.channel_switch import ChannelSwitch
from campaigns.models.drift import Drift
from campaigns.models.event import Event, Reason
from campaigns.models.export import Export, ExportChunk
from campaigns.models.gateway_capabilities import GatewayCapabilities
from campaigns.models.gateway_trouble import GatewayTrouble
from campaigns.models.inbox import GatewaySource, InboxEvent, StreamPosition
from campaigns.models.invitation import Invitation
from campaigns.models.link import Link, LinkHour
from campaigns.models.message import Message, ReadMark
from campaigns.models.notice import Notice
from campaigns.models.rate_card import OrderQuote, Package, Rate, RateCard
from campaigns.models.reconciliation_run import ReconciliationRun
from campaigns.models.report_mail import ReportMail, ReportRecipient
from campaigns.models.reports import (
    CountedDay,
    DayCount,
    HourCount,
    HourTotal,
    MarkedDay,
    OrderCount,
    ReportHour,
    ReportPart,
    TrafficHour,
)
from campaigns.models.saved_zone import SavedZone
from campaigns.models.shortfall import Shortfall
from campaigns.models.staff_report import StaffReport
from campaigns.models.test_delivery import TestDelivery
from campaigns.models.version import Version
from campaigns.models.waiting_list_entry import WaitingListEntry
from campaigns.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "AdOrder",
    "Brand",
    "BulkFile",
    "Campaign",
    "Certificate",
    "CertificateAnswer",
    "ChannelSwitch",
    "CountedDay",
    "DayCount",
    "DisputeRuling",
    "Drift",
    "Event",
    "Export",
    "ExportChunk",
    "GatewayCapabilities",
    "GatewaySource",
    "GatewayTrouble",
    "HourCount",
    "HourTotal",
    "InboxEvent",
    "Invitation",
    "Link",
    "LinkHour",
    "MarkedDay",
    "Membership",
    "Message",
    "Notice",
    "OrderCount",
    "OrderQuote",
    "Package",
    "Rate",
    "RateCard",
    "ReadMark",
    "Reason",
    "ReconciliationRun",
    "ReportHour",
    "ReportMail",
    "ReportPart",
    "ReportRecipient",
    "SavedZone",
    "Shortfall",
    "StaffReport",
    "StreamPosition",
    "TestDelivery",
    "TrafficHour",
    "Version",
    "WaitingListEntry",
    "Webhook",
    "WebhookDelivery",
]
