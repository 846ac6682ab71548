"""The tables of the sandbox's database. Hours and moments in integers are unix seconds, UTC."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS ad_order (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL CHECK (generation > 0),
    document TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    desired_state TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL CHECK (ends_on >= starts_on),
    goal_total INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    rejected INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS channel (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS test_delivery (
    idempotency_key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    response TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch INTEGER NOT NULL,
    operation TEXT NOT NULL,
    order_id TEXT,
    subject TEXT NOT NULL,
    generation INTEGER,
    desired_state TEXT,
    content_hash TEXT,
    first INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS ledger_of_subject ON ledger (subject, epoch);
CREATE TRIGGER IF NOT EXISTS ledger_is_append_only BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
-- What was delivered. These tables survive the loss of the orders.
CREATE TABLE IF NOT EXISTS order_count (
    order_id TEXT PRIMARY KEY,
    inserted INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    no_receipt INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX IF NOT EXISTS order_count_changed ON order_count (order_id) WHERE changed;
CREATE TABLE IF NOT EXISTS inserted_version (
    order_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    inserted INTEGER NOT NULL,
    PRIMARY KEY (order_id, generation, content_hash)
) STRICT;
CREATE TABLE IF NOT EXISTS insertion_hour (
    hour INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    inserted INTEGER NOT NULL,
    cells BLOB NOT NULL,
    PRIMARY KEY (hour, order_id)
) STRICT;
CREATE TABLE IF NOT EXISTS traffic_hour (
    hour INTEGER PRIMARY KEY,
    cells BLOB NOT NULL,
    stage INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0,
    due INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS traffic_hour_due ON traffic_hour (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS reported_state (order_id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS stream (name TEXT PRIMARY KEY, last_sequence INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    pushed INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL,
    UNIQUE (stream, sequence)
) STRICT;
CREATE INDEX IF NOT EXISTS event_at ON event (at);
CREATE INDEX IF NOT EXISTS event_not_pushed ON event (seq) WHERE NOT pushed;
"""
