"""Who waits for inventory, and from which plan an order's goals were made.

Orders that exist begin at revision 0: the first sweep compares their goals and notes
the revision, or sends the goals that are new.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0002_reasons"),
        ("inventory", "0002_allocations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="adorder",
            name="goals_revision",
            field=models.PositiveIntegerField(
                default=0, help_text="La del reparto del que salieron sus metas por día."
            ),
        ),
        migrations.CreateModel(
            name="WaitingPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="desde"),
                ),
                (
                    "seen",
                    models.CharField(
                        blank=True,
                        help_text="Hasta dónde iba el inventario la última vez que no cupo.",
                        max_length=60,
                    ),
                ),
                (
                    "offered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="ofrecida"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="terminó")),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("taken", "Consiguió lugar"),
                            ("left", "La marca la dejó"),
                            ("edited", "La marca cambió la campaña"),
                            ("cancelled", "La marca canceló la campaña"),
                            ("lapsed", "No se tomó a tiempo"),
                            ("missed", "Su primer día ya no se alcanzaba"),
                        ],
                        max_length=10,
                        verbose_name="cómo terminó",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="la pidió",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiting_places",
                        to="campaigns.campaign",
                        verbose_name="campaña",
                    ),
                ),
            ],
            options={
                "verbose_name": "lugar en lista de espera",
                "verbose_name_plural": "lugares en lista de espera",
                "ordering": ["since", "id"],
                "indexes": [
                    models.Index(
                        condition=Q(ended_at__isnull=True),
                        fields=["since", "id"],
                        name="waitingplace_open_by_age",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(ended_at__isnull=True),
                        fields=("campaign",),
                        name="waitingplace_one_open_a_campaign",
                    ),
                    models.CheckConstraint(
                        condition=Q(ended_at__isnull=True, ending="")
                        | Q(Q(ended_at__isnull=False), ~Q(ending="")),
                        name="waitingplace_ended_says_how",
                    ),
                ],
            },
        ),
    ]
