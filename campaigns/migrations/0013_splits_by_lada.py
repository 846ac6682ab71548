from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0012_days_in_pause"),
    ]

    operations = [
        migrations.AddField(
            model_name="adorder",
            name="split_until",
            field=models.DateField(
                editable=False,
                help_text="Último día cuya meta lleva dividida por LADA.",
                null=True,
            ),
        ),
    ]
