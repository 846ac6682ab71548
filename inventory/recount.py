"""The SQL statement that recounts the whole inventory, and finds what breaks its rules."""

from django.db.models import ForeignObjectRel

from inventory.models import Reservation


def statement() -> str:
    """Return the statement. Each row has the columns of `inventory.audit`'s findings."""
    return f"WITH {_COUNTS} {' UNION ALL '.join([*_CHECKS, *_orphans()])}"


def _orphans() -> list[str]:
    """Return the check that what reserves is what another app refers to, if there is one."""
    referring = [
        f"NOT EXISTS (SELECT FROM {relation.related_model._meta.db_table}"
        f" WHERE {relation.field.column} = live.id)"
        for relation in Reservation._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel)
        and relation.related_model._meta.app_label != Reservation._meta.app_label
    ]
    return [_ORPHANS.format(" AND ".join(referring))] if referring else []


# LADAs are compared by number: an element of an array of numbers is read directly, one of
# an array of texts from the beginning of the array.
_COUNTS = """
channel_reservation AS NOT MATERIALIZED (
    SELECT * FROM inventory_reservation WHERE ledger IS NULL
),
cell AS MATERIALIZED (
    SELECT lada, lada::int AS number, day, gross::bigint, capacity::bigint, planned
    FROM inventory_capacity
),
live AS MATERIALIZED (
    SELECT r.id, r.reference, r.status, r.quantity, r.starts_on, r.ends_on, r.expires_at,
        r.ladas::int[] AS ladas, greatest(cardinality(r.ladas), 1) AS width,
        r.ends_on - r.starts_on + 1 AS days, r.daily_ceilings AS ceilings, r.daily_cap::bigint,
        r.created_at,
        a.quantities, a.at_risk, (SELECT sum(q) FROM unnest(a.quantities) AS q) AS total
    FROM channel_reservation AS r
    LEFT JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE r.status IN ('held', 'booked')
),
placed AS MATERIALIZED (
    SELECT starts_on + (n::int - 1) / width AS day, ladas[(n::int - 1) %% width + 1] AS number,
        sum(q) AS planned, sum(q * (status = 'held')::int) AS held
    FROM live, unnest(quantities) WITH ORDINALITY AS line (q, n)
    GROUP BY 1, 2
),
by_day AS (
    SELECT id, (n::int - 1) / width AS place, sum(q) AS planned
    FROM live, unnest(quantities) WITH ORDINALITY AS line (q, n)
    GROUP BY 1, 2
),
base AS (
    SELECT reservation_id, max(id) AS id FROM inventory_journalentry
    WHERE action IN ('hold', 'change')
    GROUP BY reservation_id
),
replayed AS MATERIALIZED (
    SELECT base.reservation_id,
        sum(CASE WHEN action IN ('release', 'expire') THEN -quantity
            WHEN action = 'book' THEN 0 ELSE quantity END) AS quantity,
        min(quantity) FILTER (WHERE entry.id = base.id) AS asked,
        (array_agg(action ORDER BY entry.id DESC))[1] AS last,
        bool_or(action = 'book') AS booked
    FROM base JOIN inventory_journalentry AS entry
        ON entry.reservation_id = base.reservation_id AND entry.id >= base.id
    WHERE action IN ('hold', 'change', 'book', 'release', 'expire')
    GROUP BY base.reservation_id
),
paced AS MATERIALIZED (
    SELECT base.reservation_id,
        sum(quantity) FILTER (WHERE action = 'pace') AS raised,
        (array_agg(entry.id ORDER BY entry.id DESC))[1] AS id
    FROM base JOIN inventory_journalentry AS entry
        ON entry.reservation_id = base.reservation_id AND entry.id >= base.id
    WHERE ceilings IS NOT NULL
    GROUP BY base.reservation_id
),
journal_risk AS MATERIALIZED (
    SELECT reservation_id, sum(CASE action WHEN 'repair' THEN -quantity ELSE quantity END) AS due
    FROM inventory_journalentry AS entry
    WHERE action IN ('risk', 'undelivered', 'repair') AND NOT EXISTS (
        SELECT FROM inventory_journalentry AS later
        WHERE later.reservation_id = entry.reservation_id AND later.id > entry.id
            AND later.action IN ('hold', 'change', 'release', 'expire')
    )
    GROUP BY reservation_id
),
journal AS MATERIALIZED (
    SELECT r.id, r.reference, r.status, r.quantity, replayed.quantity AS due,
        CASE WHEN last = 'expire' THEN 'expired'
            WHEN last = 'release' AND replayed.quantity = 0 THEN 'released'
            WHEN booked THEN 'booked' WHEN last IS NOT NULL THEN 'held' END AS due_status
    FROM channel_reservation AS r LEFT JOIN replayed ON replayed.reservation_id = r.id
)
"""

# Each selects the columns of `_Finding`.
_CHECKS = (
    """
    SELECT 'cell_sum' AS kind, '' AS name, 0::bigint AS reservation_id, lada::text, day,
        cell.planned::text AS found, coalesce(placed.planned, 0)::text AS due
    FROM cell LEFT JOIN placed USING (day, number)
    WHERE cell.planned <> coalesce(placed.planned, 0)
    """,
    """
    SELECT 'cell_oversold', '', 0, lada, day, planned::text, capacity::text
    FROM cell WHERE planned > capacity
    """,
    """
    SELECT 'cell_over_gross', '', 0, lada, day, capacity::text, gross::text
    FROM cell WHERE capacity > gross
    """,
    # Shares and closed days do not change frozen days. Where a LADA has no share of its own,
    # the default may have been another whole percent when the day was opened.
    """
    SELECT 'cell_on_sale', '', 0, cell.lada, cell.day, capacity::text, due::text
    FROM cell LEFT JOIN inventory_safetyshare AS own ON own.lada = cell.lada
        LEFT JOIN inventory_closedday AS closed ON closed.day = cell.day,
        LATERAL (SELECT CASE WHEN closed.day IS NOT NULL THEN 0
            ELSE gross * (100 - coalesce(percent, %(default_percent)s)) / 100 END AS due) AS rule
    WHERE cell.day >= %(first_changeable)s AND capacity <= gross AND capacity <> due
        AND (closed.day IS NOT NULL OR percent IS NOT NULL
            OR gross * ((100 * capacity + gross - 1) / nullif(gross, 0)) / 100 <> capacity)
    """,
    # A day has the LADAs of the other days, up to the last that was ever on sale. Cells that
    # reservations lack are findings of their own.
    """
    SELECT 'cells_missing', '', 0, '', at::date, coalesce(opened.cells, 0)::text, ladas::text
    FROM (SELECT count(DISTINCT lada) AS ladas FROM cell WHERE day >= %(today)s) AS sold,
        (SELECT last_day AS last FROM inventory_capacityversion) AS horizon,
        generate_series(greatest(%(today)s, (SELECT min(day) FROM cell)), last, '1 day') AS at
        LEFT JOIN (SELECT day, count(*) AS cells FROM cell GROUP BY day) AS opened
            ON opened.day = at::date
        LEFT JOIN (
            SELECT placed.day, count(*) AS cells FROM placed LEFT JOIN cell USING (day, number)
            WHERE cell.lada IS NULL AND placed.planned > 0 GROUP BY placed.day
        ) AS lacking ON lacking.day = at::date
    WHERE coalesce(opened.cells, 0) + coalesce(lacking.cells, 0) < ladas
    """,
    """
    SELECT 'no_cell', '', 0, coalesce(placed.number::text, ''), day, placed.planned::text, ''
    FROM placed LEFT JOIN cell USING (day, number)
    WHERE cell.lada IS NULL AND placed.planned > 0
    """,
    """
    SELECT 'allocation_missing', reference, r.id, '', NULL, '', ''
    FROM channel_reservation AS r LEFT JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE a.reservation_id IS NULL
    """,
    """
    SELECT 'allocation_shape', reference, id, '', NULL,
        cardinality(quantities)::text, (cardinality(ladas) * (ends_on - starts_on + 1))::text
    FROM channel_reservation AS r JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE cardinality(quantities) <> cardinality(ladas) * (ends_on - starts_on + 1)
    """,
    """
    SELECT 'allocation_sum', reference, id, '', NULL,
        (coalesce(total, 0) + at_risk)::text, quantity::text
    FROM live WHERE quantity <> coalesce(total, 0) + at_risk
    """,
    """
    SELECT 'ended_planned', reference, id, '', NULL,
        (at_risk + (SELECT sum(q) FROM unnest(quantities) AS q))::text, ''
    FROM channel_reservation AS r JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE status NOT IN ('held', 'booked') AND (at_risk > 0 OR 0 < ANY (quantities))
    """,
    """
    SELECT 'ceilings_shape', reference, id, '', NULL, cardinality(ceilings)::text, days::text
    FROM live WHERE cardinality(ceilings) <> days
    """,
    """
    SELECT 'day_over_ceiling', reference, id, '', starts_on + place,
        planned::text, ceilings[place + 1]::text
    FROM live JOIN by_day USING (id)
    WHERE planned > ceilings[place + 1]
    """,
    # Even pacing: 3/2 of the shares, each rounded up, or one more (`planning.plan.admit`); and
    # what they were raised by since (`planning.pacing`).
    """
    SELECT 'ceilings_over_terms', reference, id, '', NULL, total::text, most::text
    FROM (
        SELECT live.id, reference, (SELECT sum(c) FROM unnest(ceilings) AS c) AS total,
            CASE WHEN daily_cap IS NULL
                THEN 3 * replayed.asked / 2 + 2 * days + coalesce(paced.raised, 0)
                ELSE daily_cap * (SELECT count(*) FROM unnest(ceilings) AS c WHERE c > 0) END
                AS most
        FROM live JOIN replayed ON replayed.reservation_id = live.id
            LEFT JOIN paced ON paced.reservation_id = live.id
        WHERE cardinality(ceilings) = days
    ) AS rule
    WHERE total > most
    """,
    # Entries from before ceilings were journalled have none.
    """
    SELECT 'journal_ceilings', reference, live.id, '', starts_on + n - 1,
        live.ceilings[n]::text, entry.ceilings[n]::text
    FROM live JOIN paced ON paced.reservation_id = live.id
        JOIN inventory_journalentry AS entry ON entry.id = paced.id,
        generate_series(1, days) AS n
    WHERE live.ceilings <> entry.ceilings AND live.ceilings[n] <> entry.ceilings[n]
    """,
    """
    SELECT 'hold_without_expiry', reference, id, '', NULL, '', ''
    FROM live WHERE status = 'held' AND expires_at IS NULL
    """,
    """
    SELECT 'hold_overdue', reference, id, '', NULL,
        (extract(epoch FROM %(now)s - expires_at)::int / 60)::text, ''
    FROM live WHERE status = 'held' AND expires_at <= %(expired_before)s
    """,
    """
    SELECT 'journal_sum', reference, id, '', NULL, quantity::text, coalesce(due::text, '')
    FROM journal WHERE quantity IS DISTINCT FROM due
    """,
    """
    SELECT 'journal_status', reference, id, '', NULL, status, due_status
    FROM journal WHERE status <> due_status
    """,
    """
    SELECT 'journal_risk', reference, id, '', NULL, at_risk::text, coalesce(due, 0)::text
    FROM live LEFT JOIN journal_risk ON reservation_id = id
    WHERE at_risk <> coalesce(due, 0) AND quantity = coalesce(total, 0) + at_risk
    """,
    """
    SELECT 'total', name, 0, '', NULL, coalesce(counted, 0)::text, '' FROM (VALUES
        ('cells', (SELECT count(*) FROM cell)),
        ('reservations', (SELECT count(*) FROM channel_reservation)),
        ('capacity', (SELECT sum(capacity) FROM cell WHERE day >= %(today)s)),
        ('held', (SELECT sum(held) FROM placed WHERE day >= %(today)s)),
        ('booked', (SELECT sum(planned - held) FROM placed WHERE day >= %(today)s)),
        ('at_risk', (SELECT sum(at_risk) FROM live WHERE ends_on >= %(today)s))
    ) AS total (name, counted)
    """,
)

_ORPHANS = """
    SELECT 'orphan', reference, id, '', NULL, quantity::text, ''
    FROM live WHERE created_at <= %(created_before)s AND {}
"""
