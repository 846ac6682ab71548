import django.contrib.postgres.fields
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CatalogueLoad",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        help_text="SHA-256 de los archivos.", max_length=64, verbose_name="huella"
                    ),
                ),
                (
                    "loaded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="cargado"),
                ),
            ],
            options={
                "verbose_name": "carga del catálogo",
                "verbose_name_plural": "cargas del catálogo",
                "ordering": ["-id"],
                "get_latest_by": "id",
            },
        ),
        migrations.CreateModel(
            name="Lada",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=3,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[2-9][0-9]{1,2}\\Z",
                                "Escribe una clave de 2 o 3 cifras, de 2 a 9 la primera.",
                            )
                        ],
                        verbose_name="LADA",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("base", "Base"), ("overlay", "Traslape")],
                        max_length=7,
                        verbose_name="tipo",
                    ),
                ),
                ("city", models.CharField(max_length=60, verbose_name="ciudad principal")),
                (
                    "region",
                    models.PositiveSmallIntegerField(
                        help_text="Primera cifra, de 2 a 9.",
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(9),
                        ],
                        verbose_name="región",
                    ),
                ),
                (
                    "latitude",
                    models.DecimalField(
                        decimal_places=5,
                        max_digits=7,
                        validators=[
                            django.core.validators.MinValueValidator(14),
                            django.core.validators.MaxValueValidator(33),
                        ],
                        verbose_name="latitud",
                    ),
                ),
                (
                    "longitude",
                    models.DecimalField(
                        decimal_places=5,
                        max_digits=8,
                        validators=[
                            django.core.validators.MinValueValidator(-119),
                            django.core.validators.MaxValueValidator(-86),
                        ],
                        verbose_name="longitud",
                    ),
                ),
                (
                    "other_places",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        help_text="Hasta 12, de mayor a menor.",
                        size=None,
                        verbose_name="otras localidades",
                    ),
                ),
                (
                    "population",
                    models.PositiveIntegerField(
                        help_text="Censo de 2020, repartida entre las LADA que comparten la zona.",
                        verbose_name="población",
                    ),
                ),
                ("numbers", models.PositiveIntegerField(verbose_name="números asignados")),
                ("mobile_numbers", models.PositiveIntegerField(verbose_name="números móviles")),
                (
                    "movistar_numbers",
                    models.PositiveIntegerField(verbose_name="números móviles de Movistar"),
                ),
                (
                    "weight_ppm",
                    models.PositiveIntegerField(
                        help_text="Parte de las notificaciones del país, en millonésimas.",
                        validators=[django.core.validators.MaxValueValidator(1000000)],
                        verbose_name="peso",
                    ),
                ),
                ("first_assigned_on", models.DateField(verbose_name="primera asignación")),
                ("search_text", models.TextField(editable=False)),
            ],
            options={
                "verbose_name": "LADA",
                "verbose_name_plural": "LADA",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Municipality",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=5,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9]{5}\\Z", "Escribe una clave de 5 cifras, con sus ceros."
                            )
                        ],
                        verbose_name="clave",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="nombre")),
                ("sort_name", models.TextField(editable=False)),
                ("search_text", models.TextField(editable=False)),
            ],
            options={
                "verbose_name": "municipio",
                "verbose_name_plural": "municipios",
                "ordering": ["sort_name", "code"],
            },
        ),
        migrations.CreateModel(
            name="Zone",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=3,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[2-9][0-9]{1,2}\\Z",
                                "Escribe una clave de 2 o 3 cifras, de 2 a 9 la primera.",
                            )
                        ],
                        verbose_name="clave",
                    ),
                ),
                ("city", models.CharField(max_length=60, verbose_name="ciudad principal")),
                (
                    "population",
                    models.PositiveIntegerField(
                        help_text="Censo de 2020.", verbose_name="población"
                    ),
                ),
            ],
            options={
                "verbose_name": "zona",
                "verbose_name_plural": "zonas",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="LadaMunicipality",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "share",
                    models.DecimalField(
                        decimal_places=4,
                        help_text="De la población del municipio, de 0 a 1.",
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="fracción",
                    ),
                ),
                (
                    "population",
                    models.PositiveIntegerField(
                        help_text="Censo de 2020.", verbose_name="población"
                    ),
                ),
                (
                    "is_main",
                    models.BooleanField(
                        help_text="Es la zona con más población del municipio.",
                        verbose_name="principal",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[("ift", "Plan de numeración"), ("cercania", "Cercanía")],
                        max_length=8,
                        verbose_name="método",
                    ),
                ),
                (
                    "lada",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lada_municipalities",
                        to="segments.lada",
                        verbose_name="LADA",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lada_municipalities",
                        to="segments.municipality",
                        verbose_name="municipio",
                    ),
                ),
            ],
            options={
                "verbose_name": "municipio de la LADA",
                "verbose_name_plural": "municipios de la LADA",
                "ordering": ["lada", "municipality"],
            },
        ),
        migrations.AddField(
            model_name="lada",
            name="municipalities",
            field=models.ManyToManyField(
                related_name="ladas",
                through="segments.LadaMunicipality",
                to="segments.municipality",
                verbose_name="municipios",
            ),
        ),
        migrations.AddField(
            model_name="lada",
            name="municipality",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="segments.municipality",
                verbose_name="municipio",
            ),
        ),
        migrations.CreateModel(
            name="State",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=2,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9]{2}\\Z", "Escribe una clave de 2 cifras, con su cero."
                            )
                        ],
                        verbose_name="clave",
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=40, unique=True, verbose_name="nombre oficial"),
                ),
                (
                    "common_name",
                    models.CharField(max_length=40, unique=True, verbose_name="nombre"),
                ),
                (
                    "abbreviation",
                    models.CharField(max_length=10, unique=True, verbose_name="abreviatura"),
                ),
                (
                    "population",
                    models.PositiveIntegerField(
                        help_text="Censo de 2020.", verbose_name="población"
                    ),
                ),
                ("sort_name", models.TextField(editable=False)),
                ("search_text", models.TextField(editable=False)),
            ],
            options={
                "verbose_name": "estado",
                "verbose_name_plural": "estados",
                "ordering": ["sort_name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[0-9]{2}\\Z")),
                        name="state_code_two_digits",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="municipality",
            name="state",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="municipalities",
                to="segments.state",
                verbose_name="estado",
            ),
        ),
        migrations.AddField(
            model_name="lada",
            name="state",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="segments.state",
                verbose_name="estado",
            ),
        ),
        migrations.AddField(
            model_name="lada",
            name="zone",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ladas",
                to="segments.zone",
                verbose_name="zona",
            ),
        ),
        migrations.CreateModel(
            name="ZoneState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="posición")),
                (
                    "state",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="zone_states",
                        to="segments.state",
                        verbose_name="estado",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="zone_states",
                        to="segments.zone",
                        verbose_name="zona",
                    ),
                ),
            ],
            options={
                "verbose_name": "estado de la zona",
                "verbose_name_plural": "estados de la zona",
                "ordering": ["zone", "position"],
            },
        ),
        migrations.AddField(
            model_name="zone",
            name="states",
            field=models.ManyToManyField(
                related_name="zones",
                through="segments.ZoneState",
                to="segments.state",
                verbose_name="estados",
            ),
        ),
        migrations.AddConstraint(
            model_name="ladamunicipality",
            constraint=models.UniqueConstraint(
                fields=("lada", "municipality"), name="ladamunicipality_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ladamunicipality",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__range", (0, 1))), name="ladamunicipality_share_0_to_1"
            ),
        ),
        migrations.AddConstraint(
            model_name="municipality",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[0-9]{5}\\Z")),
                name="municipality_code_five_digits",
            ),
        ),
        migrations.AddConstraint(
            model_name="municipality",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__startswith", models.F("state"))),
                name="municipality_code_of_its_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="lada",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[2-9][0-9]{1,2}\\Z")),
                name="lada_code_two_or_three_digits",
            ),
        ),
        migrations.AddConstraint(
            model_name="lada",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", models.F("zone")), ("kind", "base")),
                    models.Q(
                        ("kind", "overlay"), models.Q(("code", models.F("zone")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="lada_base_code_names_its_zone",
            ),
        ),
        migrations.AddConstraint(
            model_name="lada",
            constraint=models.CheckConstraint(
                condition=models.Q(("region__range", (2, 9))), name="lada_region_2_to_9"
            ),
        ),
        migrations.AddConstraint(
            model_name="lada",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight_ppm__range", (0, 1000000))),
                name="lada_weight_in_millionths",
            ),
        ),
        migrations.AddConstraint(
            model_name="lada",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("mobile_numbers__lte", models.F("numbers")),
                    ("movistar_numbers__lte", models.F("mobile_numbers")),
                ),
                name="lada_numbers_nest",
            ),
        ),
        migrations.AddConstraint(
            model_name="lada",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("latitude__range", (14, 33)), ("longitude__range", (-119, -86))
                ),
                name="lada_lies_in_mexico",
            ),
        ),
        migrations.AddConstraint(
            model_name="zonestate",
            constraint=models.UniqueConstraint(fields=("zone", "state"), name="zonestate_once"),
        ),
        migrations.AddConstraint(
            model_name="zonestate",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("zone", "position"),
                name="zonestate_one_per_position",
            ),
        ),
        migrations.AddConstraint(
            model_name="zone",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[2-9][0-9]{1,2}\\Z")),
                name="zone_code_two_or_three_digits",
            ),
        ),
    ]
