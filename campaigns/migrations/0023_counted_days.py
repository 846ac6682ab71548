from django.db import migrations, models

# Days with counts until now. A day is final when its 24 hours are; the zone has had no summer time
# since 2022, before the channel.
COUNT_DAYS = """
    INSERT INTO campaigns_countedday (ad_order, day, changed_at, final_at)
    SELECT ad_order, day, now(), final.since
    FROM (SELECT DISTINCT ad_order, day FROM campaigns_daycount) AS counted
    LEFT JOIN (
        SELECT (hour AT TIME ZONE 'America/Mexico_City')::date AS day, max(completed_at) AS since
        FROM campaigns_reporthour
        WHERE stream = 'hourly-counts' AND final
        GROUP BY 1 HAVING count(*) = 24
    ) AS final USING (day)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0022_staff_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="CountedDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ad_order",
                        "day",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ad_order", models.UUIDField(verbose_name="orden")),
                ("day", models.DateField(verbose_name="día")),
                ("changed_at", models.DateTimeField(verbose_name="contado")),
                ("final_at", models.DateTimeField(null=True, verbose_name="final desde")),
            ],
            options={
                "verbose_name": "día contado",
                "verbose_name_plural": "días contados",
                "indexes": [
                    models.Index(fields=["changed_at"], name="counted_day_by_change"),
                    models.Index(
                        condition=models.Q(("final_at__isnull", True)),
                        fields=["day"],
                        name="counted_day_not_final",
                    ),
                ],
            },
        ),
        migrations.RunSQL(COUNT_DAYS, migrations.RunSQL.noop),
    ]
