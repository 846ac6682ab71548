from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0018_rate_card"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="external_reference",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="Como la llama la agencia en sus sistemas.",
                max_length=80,
                verbose_name="referencia",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="campaign",
            name="metadata",
            field=models.JSONField(
                blank=True, default=dict, editable=False, verbose_name="datos de la agencia"
            ),
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(
                condition=models.Q(("external_reference", ""), _negated=True),
                fields=["external_reference"],
                name="campaign_by_reference",
            ),
        ),
    ]
