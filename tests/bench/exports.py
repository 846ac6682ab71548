"""Bench of files of results: a national campaign by hour and LADA, beside bare csv.writer.

The bare writer gets the same cells from memory: what is above its time is reading, merging small
cells, words, and escapes.
"""

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from time import perf_counter

from django.db import connection
from django.utils import timezone

from campaigns.exports import columns, files
from campaigns.exports.rows import Rows
from campaigns.exports.selection import Selection
from campaigns.models import AdOrder, Campaign, Export
from campaigns.reports import day_totals, partitions
from campaigns.reports.delivery import DAY, HOUR, midnight
from campaigns.results.blocks import Grain
from tests.bench.brands import drafts, teams
from tests.bench.environment import BenchEnvironment
from tests.bench.rounds import medians
from tests.bench.rows import Row

DAYS = 4
ROUNDS = 3
GRAIN = Grain.HOUR_LADA


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    environment.reset()
    chosen = _national()
    pick = columns.picker(columns.of(GRAIN))
    cells = [pick(row) for row in Rows(chosen, GRAIN)]
    number = len(cells)
    for file_format in Export.Format:
        own, bare = medians(
            ROUNDS,
            lambda file_format=file_format: number / _seconds_to_write(chosen, file_format),
            lambda: number / _seconds_of_csv_writer(cells),
        )
        name = f"{file_format.label}, {number:,} rows by hour and LADA"
        yield Row(name, own, "rows/s", "bare csv.writer", bare, ROUNDS)


def _national() -> Selection:
    """Return a campaign with counts in every LADA at every hour of DAYS days."""
    [team] = teams(1)
    [campaign] = drafts(team, range(1))
    last = timezone.localdate() - DAY
    first = last - timedelta(DAYS - 1)
    Campaign.objects.filter(pk=campaign.pk).update(starts_on=first, ends_on=last, version_number=1)
    order = AdOrder.objects.create(campaign=campaign)
    _count(order, first, last)
    return Selection(team.brand, Campaign.objects.get(pk=campaign.pk), first, last)


def _count(order: AdOrder, first: date, last: date) -> None:
    begin, end = midnight(first), midnight(last + DAY)
    partitions.ensure({begin + n * HOUR for n in range((end - begin) // HOUR)})
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [order.pk, begin, end])
    day_totals.mark({(order.pk, first + timedelta(n)) for n in range(DAYS)})
    day_totals.compute_marked()


def _seconds_to_write(chosen: Selection, file_format: str) -> float:
    with tempfile.TemporaryFile() as file:
        began = perf_counter()
        files.write(file, chosen, GRAIN, file_format)
        return perf_counter() - began


def _seconds_of_csv_writer(cells: list[tuple]) -> float:
    with tempfile.TemporaryFile() as file, io.TextIOWrapper(file, newline="") as text:
        began = perf_counter()
        csv.writer(text).writerows(cells)
        return perf_counter() - began


_COUNTS = """
    INSERT INTO campaigns_hourcount
        (ad_order, hour, lada, revision, inserted, delivered, failed, no_receipt)
    SELECT %s, hour, code, 1, 20 + extract(hour FROM hour)::int, 15, 2, 1
    FROM generate_series(%s, %s - interval '1 hour', interval '1 hour') AS hour, segments_lada
"""
