"""A reviewer's decision as the page sends it, carried to `lifecycle` and nowhere else."""

from typing import NamedTuple

from django.contrib.auth.models import AbstractUser as User
from django.http import QueryDict
from django.utils.translation import gettext as _

from campaigns import lifecycle, review
from campaigns.errors import CampaignError
from campaigns.models import Campaign


class Undecided(CampaignError):
    """The form came without one of its buttons."""

    code = "undecided"

    def __init__(self) -> None:
        super().__init__(_("Elige qué decides: aprobar, pedir cambios o rechazar."))


class Unsent(CampaignError):
    """A message was written and not sent: deciding would lose it."""

    code = "unsent"

    def __init__(self) -> None:
        super().__init__(
            _("Escribiste un mensaje que no se ha enviado: envíalo o bórralo antes de decidir.")
        )


class Decision(NamedTuple):
    """What was ticked, written and pressed; kept to be shown again where it is refused."""

    verb: str = ""
    version: int = 0
    reasons: tuple[str, ...] = ()
    comment: str = ""
    message: str = ""  # to the brand, not sent yet

    @property
    def goes_on(self) -> bool:
        """Say whether the next one is wanted after it."""
        return self.verb == "aprobar-y-seguir"


def read(sent: QueryDict) -> Decision:
    """Read the page's form. Never fails: what is missing is refused by `take`."""
    number = sent.get("version", "")
    return Decision(
        verb=sent.get("decision", ""),
        version=int(number) if number.isdecimal() and len(number) < 10 else 0,
        reasons=tuple(key for key in sent.getlist("reason") if len(key) < 10),
        comment=sent.get("comment", "").replace("\0", "").strip(),
        message=sent.get("body", ""),
    )


def take(campaign_id: int, decision: Decision, *, by: User) -> str:
    """Decide, and say what was done. Raises CampaignError and InventoryError, as `lifecycle` does.

    The labels of the reasons are read here, so that the history keeps the words of the day.
    """
    if decision.message.strip():
        raise Unsent
    version, comment = decision.version, decision.comment
    reasons = review.reason_labels(list(decision.reasons))
    match decision.verb:
        case "aprobar" | "aprobar-y-seguir":
            campaign = lifecycle.approve(campaign_id, version=version, by=by, comment=comment)
            told = _("Aprobaste {campaign}. Su inventario queda comprometido.")
        case "pedir-cambios":
            campaign = lifecycle.request_changes(
                campaign_id, version=version, reasons=reasons, by=by, comment=comment
            )
            told = _("Pediste cambios a {campaign}. La marca ya puede corregirla.")
        case "rechazar":
            campaign = lifecycle.reject(
                campaign_id, version=version, reasons=reasons, by=by, comment=comment
            )
            told = _("Rechazaste {campaign}. Su inventario queda libre.")
        case _other:
            raise Undecided
    return told.format(campaign=_named(campaign))


def _named(campaign: Campaign) -> str:
    return _("{folio}, «{name}»").format(folio=campaign.folio, name=campaign.name)
