"""The errors of certificates; one meaning each."""

from django.utils.translation import gettext as _

from campaigns.errors import CampaignError


class CertificateNotReady(CampaignError):
    """The campaign is not over, never aired, or its counts may still change."""

    code = "certificate_not_ready"


class CertificateReplaced(CampaignError):
    """Another certificate replaces this one, so that the answer is due to that."""

    code = "certificate_replaced"

    def __init__(self, folio: str) -> None:
        message = _("La constancia {folio} sustituye a esta: responde sobre aquella.")
        super().__init__(message.format(folio=folio))


class AlreadyAnswered(CampaignError):
    """The certificate was accepted, its dispute is open, or was already ruled on."""

    code = "already_answered"


class BadClaim(CampaignError):
    """The figure of a dispute is no count of notifications."""

    code = "bad_claim"


class NothingToCorrect(CampaignError):
    """A correction was to be issued, and the certificate has today's counts."""

    code = "nothing_to_correct"

    def __init__(self) -> None:
        super().__init__(
            _(
                "La constancia ya tiene las cuentas de hoy: una corrección se emite después de "
                "que la plataforma de entrega las corrige."
            )
        )
