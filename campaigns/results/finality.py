"""Which hours have their final counts, and since when: until then they may change."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from campaigns.models import Brand, ReportHour
from campaigns.reports import hours
from campaigns.reports.delivery import DAY, HOUR, midnight


@dataclass(frozen=True)
class Finality:
    """The hours (UTC) of a span that have their final counts, sorted, and since when."""

    hours: list[datetime]
    since: dict[datetime, datetime]
    updated: dict[datetime, datetime]  # when the newest counts of an hour were complete

    def of_hour(self, hour: datetime) -> datetime | None:
        """Return since when an hour is final."""
        return self.since.get(hour)

    def of_day(self, day: date) -> datetime | None:
        """Return since when all hours of a channel day are final; None while one is not."""
        begin, end = midnight(day), midnight(day + DAY)
        own = self.hours[bisect_left(self.hours, begin) : bisect_left(self.hours, end)]
        if len(own) < (end - begin) // HOUR:
            return None
        return max(self.since[hour] for hour in own)

    def of_days(self, first: date, last: date) -> datetime | None:
        """Return since when all hours of a span of channel days are final."""
        days = (first + timedelta(number) for number in range((last - first).days + 1))
        found = [self.of_day(day) for day in days]
        known = [since for since in found if since]
        return max(known) if len(known) == len(found) and known else None


def read(first: date, last: date, brand: Brand | None = None) -> Finality:
    """Return the finality of the hours of a span of channel days. One query.

    Those of a sandbox brand have their own, by its clock.
    """
    rows = list(
        ReportHour.objects.filter(
            stream=hours.stream_of(brand), hour__gte=midnight(first), hour__lt=midnight(last + DAY)
        )
        .order_by("hour")
        .values_list("hour", "final", "completed_at")
    )
    since = {hour: at for hour, final, at in rows if final}
    return Finality(list(since), since, {hour: at for hour, _final, at in rows})
