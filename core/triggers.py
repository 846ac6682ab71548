"""Triggers of tables whose rows are written once."""

import pgtrigger


def append_only(name: str) -> list[pgtrigger.Trigger]:
    """Return the triggers that refuse to change, to delete and to truncate rows."""
    return [
        pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name=f"{name}_whole",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'pgtrigger: cannot truncate % table', TG_TABLE_NAME;",
        ),
    ]
