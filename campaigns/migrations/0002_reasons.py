"""The reasons a reviewer begins with; staff add, change and retire them in the admin."""

from typing import Any

from django.db import migrations

REASONS = [
    ("El texto no dice qué marca anuncia", "Empieza con el nombre de la marca."),
    ("La oferta no se entiende", "Di qué se ofrece, a cambio de qué y dónde."),
    ("La promoción no dice su vigencia", "Agrega hasta qué día vale."),
    ("El enlace no abre o lleva a otra cosa", "Revisa la dirección antes de enviarla."),
    ("Promete algo que no se puede comprobar", "Quita superlativos o di de dónde sale el dato."),
    ("Contenido no permitido en el canal", "Consulta las reglas del canal en Ayuda."),
    ("Ortografía o redacción", "Corrige el texto y léelo como lo verá el cliente."),
    ("La zona no corresponde con la oferta", "Elige las LADA donde la oferta vale."),
]


def add(apps: Any, schema_editor: Any) -> None:
    reason = apps.get_model("campaigns", "Reason")
    for position, (label, help_) in enumerate(REASONS, start=1):
        reason.objects.get_or_create(
            label=label, defaults={"help": help_, "position": position * 10}
        )


def remove(apps: Any, schema_editor: Any) -> None:
    labels = [label for label, _help in REASONS]
    apps.get_model("campaigns", "Reason").objects.filter(label__in=labels).delete()


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]

    operations = [migrations.RunPython(add, remove)]
