"""Five rules by which report tables can be spread by order over machines, on the real catalogue.

The order is in every unique key; no foreign key and no trigger; and in the code no MERGE, no
executemany, and no SQL that joins them to campaigns. Source: Citus, "Data Modeling" and
"SQL Reference".
"""

import ast
import re
from pathlib import Path

import pytest
from django.db import connection

from campaigns import reports
from campaigns.models import reports as models
from campaigns.reports import apply
from tests.campaigns.reports.events import hourly, receive, row

pytestmark = pytest.mark.django_db
TABLES = sorted(
    model._meta.db_table
    for model in vars(models).values()
    if isinstance(model, type)
    and issubclass(model, models.models.Model)
    and not model._meta.abstract
)
OF_ORDERS = [
    "campaigns_daycount",
    "campaigns_hourcount",
    "campaigns_hourtotal",
    "campaigns_markedday",
    "campaigns_ordercount",
]
FORBIDDEN = {
    "MERGE": re.compile(r"\bMERGE\s+INTO\b", re.IGNORECASE),
    "executemany": re.compile("executemany"),
    "a join": re.compile(r"\bJOIN\s+campaigns_", re.IGNORECASE),
    "campaigns": re.compile(r"\bcampaigns_(?:adorder|campaign|brand|version)\b"),
}


def rows(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def keys_without_order():
    """Return the unique indexes of tables with rows of orders that lack the order."""
    return rows(
        """
        SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        WHERE indisunique AND relname = ANY(%s) AND NOT EXISTS (
            SELECT 1 FROM pg_attribute
            WHERE attrelid = indrelid AND attnum = ANY(indkey) AND attname = 'ad_order')
        """,
        OF_ORDERS,
    )


def foreign_keys():
    return rows(
        """
        SELECT conname FROM pg_constraint WHERE contype = 'f'
        AND (conrelid = ANY(%s::regclass[]) OR confrelid = ANY(%s::regclass[]))
        """,
        TABLES,
        TABLES,
    )


def triggers():
    return rows("SELECT tgname FROM pg_trigger WHERE tgrelid = ANY(%s::regclass[])", TABLES)


def test_these_are_the_tables():
    assert set(OF_ORDERS) <= set(TABLES)
    found = rows(
        "SELECT DISTINCT table_name FROM information_schema.columns "
        "WHERE column_name = 'ad_order' AND table_schema = 'public' "
        "AND table_name NOT LIKE 'campaigns_hourcount\\_%%'"
    )
    assert sorted(name for (name,) in found) == OF_ORDERS
    assert len(TABLES) == 8


def test_the_order_is_in_every_unique_key():
    assert keys_without_order() == []

    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX bad_key ON campaigns_daycount (day, lada)")
    assert keys_without_order() == [("bad_key",)]


def test_there_is_no_foreign_key_and_no_trigger(order):
    receive(hourly([row(order)]))
    apply.apply_due()
    assert foreign_keys() == []
    assert triggers() == []

    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE campaigns_ordercount ADD CONSTRAINT bad_reference FOREIGN KEY (ad_order) "
            "REFERENCES campaigns_adorder (id)"
        )
    assert foreign_keys() == [("bad_reference",)]
    assert triggers() != []


def texts(tree):
    """Return the texts of a module, but not its docstrings, and the names that it uses."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value
        elif isinstance(node, ast.Attribute):
            yield node.attr


def broken(source):
    found = list(texts(ast.parse(source)))
    return {rule for rule, pattern in FORBIDDEN.items() if any(map(pattern.search, found))}


def test_the_code_has_no_merge_no_executemany_and_no_join_to_campaigns():
    paths = sorted(Path(reports.__file__).parent.glob("*.py"))

    assert len(paths) > 10
    assert {path.name: found for path in paths if (found := broken(path.read_text()))} == {}


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("execute('merge into campaigns_daycount')", "MERGE"),
        ("cursor.executemany(sql, rows)", "executemany"),
        ("execute('SELECT 1 FROM x JOIN campaigns_daycount USING (y)')", "a join"),
        ("execute('SELECT 1 FROM campaigns_daycount, campaigns_campaign')", "campaigns"),
    ],
)
def test_code_against_a_rule_is_found(source, rule):
    assert broken(source) == {rule}
