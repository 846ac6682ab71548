"""The columns of files of results: one definition for CSV and XLSX."""

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.results.blocks import Grain


class Kind(Enum):
    """How a spreadsheet reads the cells of a column, and how wide it is, in characters."""

    TEXT = 18
    WIDE = 36
    COUNT = 14
    DAY = 12
    MOMENT = 17


class ResultRow(NamedTuple):
    """A row of a file with all that it may say; moments are naive and of the channel's zone."""

    day: date
    hour: str  # "14:00-06:00"
    hour_utc: str
    folio: str
    campaign: str
    state: str
    lada: str
    city: str
    inserted: int
    delivered: int
    failed: int
    no_receipt: int
    pending: int
    clicks: int
    final: str
    final_since: datetime | None


class Column(NamedTuple):
    """A column: the field of a row that it has, and its name in the head."""

    field: str
    name: str | Promise
    kind: Kind
    grains: frozenset[Grain] = frozenset(Grain)


_HOURS = frozenset(grain for grain in Grain if grain.has_hours)
_LADAS = frozenset({Grain.DAY_LADA, Grain.HOUR_LADA})

COLUMNS = (
    Column("day", _("fecha"), Kind.DAY),
    Column("hour", _("hora"), Kind.TEXT, _HOURS),
    Column("hour_utc", _("hora UTC"), Kind.TEXT, _HOURS),
    Column("folio", _("folio"), Kind.TEXT),
    Column("campaign", _("campaña"), Kind.WIDE),
    Column("state", pgettext_lazy("lugar", "estado"), Kind.TEXT, _LADAS | {Grain.DAY_STATE}),
    Column("lada", _("LADA"), Kind.TEXT, _LADAS),
    Column("city", _("ciudad"), Kind.WIDE, _LADAS),
    Column("inserted", _("con anuncio"), Kind.COUNT),
    Column("delivered", _("entregadas"), Kind.COUNT),
    Column("failed", _("fallidas"), Kind.COUNT),
    Column("no_receipt", _("sin acuse"), Kind.COUNT),
    Column("pending", _("pendientes"), Kind.COUNT),
    Column("clicks", _("clics"), Kind.COUNT, frozenset({Grain.DAY})),
    Column("final", _("final"), Kind.TEXT),
    Column("final_since", _("final desde"), Kind.MOMENT),
)


def of(grain: Grain) -> list[Column]:
    """Return the columns of a file of a grain."""
    return [column for column in COLUMNS if grain in column.grains]


def picker(columns: list[Column]) -> Callable[[ResultRow], tuple[Any, ...]]:
    """Return a function that returns the cells of a row in some columns."""
    return itemgetter(*(ResultRow._fields.index(column.field) for column in columns))
