"""All documents that were ever requested of the gateway, written down by a trigger of the tests.

The portal keeps the newest document of an order. Workers make new generations too, so only the
database sees all of them.
"""

import json
from typing import Any

from django.db import connection

from campaigns.models import AdOrder

TABLE = "tests_requested"
_RECORD = f"""
    CREATE TABLE {TABLE} (order_id uuid, generation bigint, document jsonb);
    CREATE FUNCTION {TABLE}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.generation > 0 THEN
            INSERT INTO {TABLE} VALUES (NEW.id, NEW.generation, NEW.document);
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER {TABLE} AFTER INSERT OR UPDATE OF generation, document
        ON {AdOrder._meta.db_table} FOR EACH ROW EXECUTE FUNCTION {TABLE}();
"""
_FORGET = f"DROP TABLE IF EXISTS {TABLE}; DROP FUNCTION IF EXISTS {TABLE}() CASCADE"


def record() -> None:
    """Begin to write requested documents down."""
    forget()
    _execute(_RECORD)


def forget() -> None:
    _execute(_FORGET)


def all_documents() -> dict[tuple[str, int], list[dict[str, Any]]]:
    """Return {(order, generation): its documents}, of which there should be one."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT order_id, generation, document::text FROM {TABLE}")
        rows = cursor.fetchall()
    for order_id, generation, document in rows:
        found.setdefault((str(order_id), generation), []).append(json.loads(document))
    return found


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
