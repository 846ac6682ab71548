"""The migration that makes the counted days of what was counted before it."""

from datetime import timedelta
from importlib import import_module

from django.db import connection

from campaigns.models import CountedDay, ReportHour
from campaigns.results import final_days, finality
from campaigns.results.counts import Counts
from tests.counts import at, make_final
from tests.results import put_counts

migration = import_module("campaigns.migrations.0023_counted_days")


def test_days_that_were_counted_are_made_and_final_ones_are_final(approved):
    first, second = approved.starts_on, approved.starts_on + timedelta(1)
    for day in (first, second):
        put_counts(approved, {(at(day, 23), lada): Counts(9, 9, 0, 0) for lada in ("55", "33")})
    make_final(first, second)
    ReportHour.objects.filter(hour=at(second, 0)).update(final=False)
    CountedDay.objects.all().delete()

    with connection.cursor() as cursor:
        cursor.execute(migration.COUNT_DAYS)

    found = dict(CountedDay.objects.values_list("day", "final_at"))
    assert found == {first: finality.read(first, first).of_day(first), second: None}
    assert found[first] is not None
    assert final_days.settle() == 0
