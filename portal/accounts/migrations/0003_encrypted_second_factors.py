from django.db import migrations

from core import encryption

SECRETS = ("secret", "seed")


def encrypt(apps, schema_editor):
    change(apps, encryption.encrypt)


def decrypt(apps, schema_editor):
    change(apps, encryption.decrypt)


def change(apps, convert):
    for row in apps.get_model("mfa", "Authenticator").objects.select_for_update():
        row.data |= {name: convert(row.data[name]) for name in SECRETS if name in row.data}
        row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_api_client_brand"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(encrypt, decrypt)]
