"""The errors of choosing to whom results are mailed; one meaning each."""

from django.utils.translation import gettext as _

from campaigns.errors import CampaignError


class AlreadyRecipient(CampaignError):
    """The address is already in the list of those to whom results are mailed."""

    code = "already_recipient"

    def __init__(self, email: str) -> None:
        super().__init__(_("{email} ya está en la lista.").format(email=email))


class StoppedByRecipient(CampaignError):
    """The person of the address stopped the brand's mails: only they may begin them again."""

    code = "stopped_by_recipient"

    def __init__(self, email: str) -> None:
        super().__init__(
            _(
                "{email} pidió no recibir estos correos. Solo esa persona puede volver a "
                "recibirlos, con el enlace de cualquiera que conserve."
            ).format(email=email)
        )


class AskedToday(CampaignError):
    """The address was asked less than a day ago whether it wants the mails."""

    code = "asked_today"

    def __init__(self, email: str) -> None:
        super().__init__(
            _(
                "Ya le preguntamos a {email} en las últimas 24 horas. Pide que busque el correo, o "
                "prueba mañana."
            ).format(email=email)
        )


class TooManyRecipients(CampaignError):
    """The brand has, or asked within a day, as many other addresses as it may."""

    code = "too_many_recipients"

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("Caben {limit} direcciones de fuera del equipo. Quita una, o prueba mañana.").format(
                limit=limit
            )
        )


class NothingToReport(CampaignError):
    """No campaign of the brand ran in the week."""

    code = "nothing_to_report"

    def __init__(self) -> None:
        super().__init__(
            _("La semana pasada no salió ninguna campaña, así que no hay nada que enviar.")
        )
