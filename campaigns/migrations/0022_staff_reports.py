from django.db import migrations, models
from django.db.models import F


def note_first_revisions(apps, schema_editor):
    """Of hours that were not revised, the time of their first revision is known."""
    hours = apps.get_model("campaigns", "ReportHour").objects.filter(revision=1)
    hours.update(first_completed_at=F("completed_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0021_exports"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "reporte",
                "verbose_name_plural": "reportes",
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
        migrations.AddField(
            model_name="adorder",
            name="stop_confirmed_at",
            field=models.DateTimeField(
                editable=False,
                help_text="Cuándo tomó la plataforma su última pausa o cancelación.",
                null=True,
                verbose_name="paro confirmado",
            ),
        ),
        migrations.AddField(
            model_name="reporthour",
            name="first_completed_at",
            field=models.DateTimeField(
                help_text="Con cualquier revisión.",
                null=True,
                verbose_name="completa por primera vez",
            ),
        ),
        migrations.RunPython(note_first_revisions, migrations.RunPython.noop, elidable=True),
    ]
