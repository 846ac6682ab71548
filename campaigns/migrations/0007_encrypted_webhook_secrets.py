from django.db import migrations, models
from django.db.models import Q

import core.encryption
from core import encryption

COLUMNS = ("secret", "previous_secret")


def encrypt(apps, schema_editor):
    change(schema_editor.connection, encryption.encrypt)


def decrypt(apps, schema_editor):
    change(schema_editor.connection, encryption.decrypt)


def change(connection, convert):
    """Convert the columns themselves: the field of the model decrypts what it reads."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, secret, previous_secret FROM campaigns_webhook FOR UPDATE")
        for pk, *secrets in cursor.fetchall():
            cursor.execute(
                "UPDATE campaigns_webhook SET secret = %s, previous_secret = %s WHERE id = %s",
                [*(convert(secret) if secret else "" for secret in secrets), pk],
            )


def constraints(prefix):
    return [
        models.CheckConstraint(condition=Q(secret__startswith=prefix), name="webhook_has_secret"),
        models.CheckConstraint(
            condition=Q(previous_secret="", previous_until__isnull=True)
            | Q(previous_secret__startswith=prefix, previous_until__isnull=False),
            name="webhook_previous_secret_ends",
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0006_brand_quotas")]

    operations = [
        migrations.RemoveConstraint("webhook", "webhook_has_secret"),
        migrations.RemoveConstraint("webhook", "webhook_previous_secret_ends"),
        migrations.AlterField(
            "webhook", "secret", core.encryption.EncryptedTextField(editable=False)
        ),
        migrations.AlterField(
            "webhook",
            "previous_secret",
            core.encryption.EncryptedTextField(blank=True, editable=False),
        ),
        migrations.RunPython(encrypt, decrypt),
        *(
            migrations.AddConstraint("webhook", constraint)
            for constraint in constraints(encryption.TOKEN_PREFIX)
        ),
    ]
