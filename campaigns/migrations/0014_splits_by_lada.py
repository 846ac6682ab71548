from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0013_lada_share_of_a_brand"),
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
