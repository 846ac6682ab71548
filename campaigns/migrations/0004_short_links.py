"""Where a campaign leads, its short link, and how often that was followed by the hour.

Campaigns and versions that exist lead nowhere, and get no link.
"""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import campaigns.links.writing


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_waiting_list_and_followed_goals"),
    ]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        default=campaigns.links.writing.new_code,
                        max_length=5,
                        unique=True,
                        verbose_name="código",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="creado"
                    ),
                ),
            ],
            options={
                "verbose_name": "enlace corto",
                "verbose_name_plural": "enlaces cortos",
            },
        ),
        migrations.CreateModel(
            name="LinkHour",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "hour",
                    models.DateTimeField(help_text="Cuando empieza, en UTC.", verbose_name="hora"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("people", "Personas"), ("bots", "Programas y vistas previas")],
                        max_length=6,
                        verbose_name="quién",
                    ),
                ),
                ("count", models.PositiveBigIntegerField(verbose_name="visitas")),
            ],
            options={
                "verbose_name": "visitas por hora",
                "verbose_name_plural": "visitas por hora",
            },
        ),
        migrations.AddField(
            model_name="campaign",
            name="destination",
            field=models.TextField(
                blank=True,
                help_text="La página https a la que lleva su enlace corto.",
                verbose_name="destino",
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="destination",
            field=models.TextField(
                blank=True,
                help_text="La página https a la que lleva su enlace corto.",
                verbose_name="destino",
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("destination", ""),
                    (
                        "destination__regex",
                        "^https://([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z][a-z0-9-]*[a-z0-9]([/?#][!-~]*)?$",
                    ),
                    _connector="OR",
                ),
                name="version_destination_is_https",
            ),
        ),
        migrations.AddField(
            model_name="link",
            name="campaign",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="link",
                to="campaigns.campaign",
                verbose_name="campaña",
            ),
        ),
        migrations.AddField(
            model_name="linkhour",
            name="link",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="hours",
                to="campaigns.link",
                verbose_name="enlace corto",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[bcdfghkmnpqrstvwxyz23456789]{5}$")),
                name="link_code_is_of_the_alphabet",
            ),
        ),
        migrations.AddConstraint(
            model_name="linkhour",
            constraint=models.UniqueConstraint(
                fields=("link", "hour", "kind"), name="linkhour_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="linkhour",
            constraint=models.CheckConstraint(
                condition=models.Q(("hour__minute", 0), ("hour__second", 0)),
                name="linkhour_is_a_whole_hour",
            ),
        ),
    ]
