"""What is kept of reports, and for how long: run every hour."""

from django.utils import timezone

from campaigns.models import ReportPart
from campaigns.reports import content, inbox, partitions


def run() -> None:
    """Make and drop partitions; delete old events, and the parts of hours that were dropped."""
    partitions.keep()
    inbox.delete_old()
    ReportPart.objects.filter(hour__lt=content.oldest_kept(timezone.now())).delete()
