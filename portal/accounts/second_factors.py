"""The stored secrets of second factors: seeds of TOTP and of recovery codes."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from core import encryption

SECRETS = ("secret", "seed")  # of an authenticator's data


def reencrypt() -> int:
    """Encrypt the seeds of all second factors with the first key; return how many they are."""
    done = 0
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            known = {name: row.data[name] for name in SECRETS if name in row.data}
            row.data |= {
                name: encryption.encrypt(encryption.decrypt(token)) for name, token in known.items()
            }
            row.save(update_fields=["data"])
            done += 1
    return done
