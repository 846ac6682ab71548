"""The one row of the capacity's version; triggers of `inventory_capacity` keep it from here on."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO inventory_capacityversion (id, written_at) VALUES (1, now())",
            migrations.RunSQL.noop,
        ),
    ]
