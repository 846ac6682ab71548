"""The figures of a report that have days or hours: deliveries, pacing and clicks."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.reports.delivery import DAY, midnight
from campaigns.results.counts import Counts
from campaigns.results.finality import Finality
from campaigns.results.pacing import Pacing
from core import charts
from portal.pages.results import figures
from portal.pages.results.figures import NOTHING, Figure, SumRow, Sums

MAX_BARS = 124  # days; a longer span is displayed by month
PLANNED = ("planned-line", gettext_lazy("Planeadas"))


def span_of(first: date, last: date) -> list[date]:
    return [first + timedelta(number) for number in range((last - first).days + 1)]


def by_day(
    days: Sequence[date],
    counts: Mapping[date, Counts],
    planned: Mapping[date, int],
    finality: Finality,
    *,
    today: date,
) -> Figure:
    """Return the deliveries of each of some days, beside what was planned; days may be to come."""
    if len(days) > MAX_BARS:
        return _by_month(days, counts)
    rows = {day: counts.get(day, Counts()) for day in days}
    goals = [planned.get(day, 0) for day in days]
    table = [
        SumRow(
            date_format(day, _(r"D j \d\e M")),
            [*figures.cells(each), f"{goal:,}", _state(day, today, finality)],
        )
        for (day, each), goal in zip(rows.items(), goals, strict=True)
    ]
    columns = (_("Día"), *figures.COUNT_COLUMNS, PLANNED[1], _("Cuentas"))
    total = figures.total_row(figures.add_up(rows.values()), f"{sum(goals):,}", "")
    return Figure(
        "dias",
        _("Por día"),
        _best_day({day: each.delivered for day, each in rows.items()}),
        charts.daily_chart({day: figures.parts(each) for day, each in rows.items()}, goals),
        [*figures.OUTCOMES, *([PLANNED] if any(goals) else [])],
        Sums(columns, table, total),
    )


def _state(day: date, today: date, finality: Finality) -> str:
    if day > today:
        return _("Por venir")
    return _("Finales") if finality.of_day(day) else _("Provisionales")


def _best_day(delivered: Mapping[date, int]) -> str:
    most = max(delivered.values())
    if not most:
        return _("Todavía no hay entregas confirmadas en estos días.")
    day = next(day for day, count in delivered.items() if count == most)
    return _("El {day} entregó más: {count:,}.").format(
        day=date_format(day, _(r"l j \d\e F")), count=most
    )


def _by_month(days: Sequence[date], counts: Mapping[date, Counts]) -> Figure:
    rows = {day.replace(day=1): Counts() for day in days}
    for day in days:
        month = day.replace(day=1)
        rows[month] = rows[month].plus(counts.get(day, Counts()))
    names = {month: date_format(month, _(r"F \d\e Y")) for month in rows}
    best = max(rows, key=lambda month: rows[month].delivered)
    sentence = _("En {month} entregó más: {count:,}.")
    labels = [date_format(month, _("M Y")) for month in (days[0], days[len(days) // 2], days[-1])]
    return Figure(
        "dias",
        _("Por mes"),
        sentence.format(month=names[best], count=rows[best].delivered),
        charts.column_chart(
            {names[month]: figures.parts(each) for month, each in rows.items()}, labels
        ),
        figures.OUTCOMES,
        Sums(
            (_("Mes"), *figures.COUNT_COLUMNS),
            [SumRow(names[month], figures.cells(each)) for month, each in rows.items()],
            figures.total_row(figures.add_up(rows.values())),
        ),
    )


def by_hour(counts: Mapping[int | None, Counts]) -> Figure | None:
    """Return the deliveries by hour of the day; None without any."""
    if not counts:
        return None
    rows = {_hour_name(hour): counts.get(hour, Counts()) for hour in range(24)}
    best = max(rows, key=lambda name: rows[name].delivered)
    table = [SumRow(name, figures.cells(each)) for name, each in rows.items()]
    if together := counts.get(None):
        table.append(SumRow(_("Otras horas"), figures.cells(together)))
    return Figure(
        "horas",
        _("Por hora del día"),
        _("La hora con más entregas es de {hour}: {count:,}.").format(
            hour=best, count=rows[best].delivered
        ),
        charts.column_chart(
            {name: figures.parts(each) for name, each in rows.items()}, ["0:00", "12:00", "24:00"]
        ),
        figures.OUTCOMES,
        Sums(
            (_("Hora"), *figures.COUNT_COLUMNS),
            table,
            figures.total_row(figures.add_up(counts.values())),
        ),
    )


def _hour_name(hour: int) -> str:
    return _("{begin}:00 a {end}:00").format(begin=hour, end=hour + 1)


def pacing(paced: Pacing, now: datetime, *, has_ended: bool) -> Figure | None:
    """Return what was inserted until each day beside the plan; None without a plan."""
    if not any(day.planned for day in paced.days):
        return None
    today = timezone.localdate(now)
    passed = [day for day in paced.days if day.day <= today]
    most = max(paced.days[-1].planned_so_far, paced.days[-1].inserted_so_far)
    scale, length = charts.axis([most]), len(paced.days)
    places = [number / length for number in range(length + 1)]
    goals = [0, *(day.planned_so_far for day in paced.days)]
    done = [0, *(day.inserted_so_far for day in passed)]
    until = places[: len(done)]
    if passed and passed[-1].day == today:  # the day is not over
        until[-1] -= (1 - (now - midnight(today)) / DAY) / length
    area = charts.area(scale, until, [0] * len(done), done)
    chart = charts.Chart(
        scale,
        charts.COLUMN,
        areas=[("delivered", area)] if passed else [],
        lines=[("planned-line", charts.line(scale, places, goals))],
        ticks=charts.ticks([day.day for day in paced.days]),
    )
    rows = [
        SumRow(
            date_format(day.day, _(r"D j \d\e M")),
            [
                f"{day.planned:,}",
                f"{day.inserted:,}" if day.day <= today else NOTHING,
                f"{day.planned_so_far:,}",
                f"{day.inserted_so_far:,}" if day.day <= today else NOTHING,
            ],
        )
        for day in paced.days
    ]
    columns = (
        _("Día"),
        _("Planeadas"),
        _("Con anuncio"),
        _("Planeadas hasta ese día"),
        _("Con anuncio hasta ese día"),
    )
    return Figure(
        "ritmo",
        _("Ritmo"),
        _pace(paced, has_ended=has_ended),
        chart,
        [("delivered", _("Con anuncio")), PLANNED],
        Sums(columns, rows),
    )


def _pace(paced: Pacing, *, has_ended: bool) -> str:
    if has_ended:
        return _("Terminó con {inserted:,} con anuncio de {contracted:,} contratadas.").format(
            inserted=paced.inserted, contracted=paced.contracted
        )
    return _(
        "Lleva {inserted:,} con anuncio y a esta hora se planeaban {expected:,}. A este paso "
        "termina con {projected:,} de {contracted:,}."
    ).format(**paced._asdict())


def clicks(
    days: Sequence[date], counts: Mapping[date, Counts], clicked: Mapping[date, int]
) -> Figure:
    """Return the clicks of each of some days, and their share of what was delivered on it.

    A click may come on a later day than the notification, and even after the last of them.
    """
    shown = sorted({*days, *clicked})
    delivered = {day: counts[day].delivered if day in counts else 0 for day in shown}
    rows = [
        SumRow(
            date_format(day, _(r"D j \d\e M")),
            [
                f"{delivered[day]:,}",
                f"{clicked.get(day, 0):,}",
                figures.rate(clicked.get(day, 0), delivered[day], 2),
            ],
        )
        for day in shown
    ]
    sums = sum(delivered.values()), sum(clicked.values())
    total = SumRow(_("Total"), [f"{sums[0]:,}", f"{sums[1]:,}", figures.rate(sums[1], sums[0], 2)])
    return Figure(
        "clics",
        _("Clics en el enlace"),
        _("{clicks:,} clics de {delivered:,} entregadas: {rate}.").format(
            clicks=sums[1], delivered=sums[0], rate=figures.rate(sums[1], sums[0], 2)
        ),
        charts.daily_chart({day: [("delivered", clicked.get(day, 0))] for day in shown}),
        [],
        Sums((_("Día"), _("Entregadas"), _("Clics"), _("Tasa")), rows, total),
    )
