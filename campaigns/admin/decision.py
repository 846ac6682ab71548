"""The form of a reviewer's decision, and its execution by `lifecycle`."""

from typing import NamedTuple

from django.contrib.auth.models import AbstractUser as User
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import QueryDict
from django.utils.translation import gettext as _

from campaigns import lifecycle, review
from campaigns.errors import BadComment, CampaignError, ReasonNeeded
from campaigns.models import Campaign
from inventory.errors import NotAllPlaced


class Undecided(CampaignError):
    """The form was submitted without one of its buttons."""

    code = "undecided"

    def __init__(self) -> None:
        super().__init__(_("Elige qué decides: aprobar, pedir cambios o rechazar."))


class Unsent(CampaignError):
    """A message was entered and not sent: the decision would lose it."""

    code = "unsent"

    def __init__(self) -> None:
        super().__init__(
            _("Escribiste un mensaje que no se ha enviado: envíalo o bórralo antes de decidir.")
        )


class Decision(NamedTuple):
    """The submitted form: pressed button, reasons and comment; displayed again if it is refused."""

    verb: str = ""
    version: int = 0
    reasons: tuple[str, ...] = ()
    comment: str = ""
    message: str = ""  # to the brand, not sent yet
    agreed: int | None = None  # notifications with a place, where those are not all

    @property
    def stays(self) -> bool:
        """Whether the reviewer still has to decide on the same campaign."""
        return self.verb == "apartar"

    @property
    def leaves(self) -> bool:
        """Whether the reviewer goes to the next campaign without deciding."""
        return self.verb == "siguiente"

    @property
    def continues(self) -> bool:
        """Whether the next campaign in review follows."""
        return self.verb == "aprobar-y-seguir"


# The id of the field of the page that an error is about.
FIELDS: dict[type[Exception], str] = {
    ReasonNeeded: "motivos",
    BadComment: "comentario",
    NotAllPlaced: "acuerdo",
    Unsent: "mensaje",
}


def from_form(data: QueryDict) -> Decision:
    """Return the submitted decision. Never raises: `execute` refuses what is missing."""
    return Decision(
        verb=data.get("decision", ""),
        version=_number(data.get("version", "")) or 0,
        reasons=tuple(key for key in data.getlist("reason") if len(key) < 10),
        comment=data.get("comment", "").replace("\0", "").strip(),
        message=data.get("body", ""),
        agreed=_number(data.get("agreed", "")),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else None


def execute(campaign_id: int, decision: Decision, *, by: User) -> str:
    """Execute a decision and return a message in Spanish on what was done.

    The history stores the labels of the reasons as they are now. Raises CampaignError and
    InventoryError, as `lifecycle` does.
    """
    if decision.message.strip():
        raise Unsent
    version, comment = decision.version, decision.comment
    reasons = review.reason_labels(list(decision.reasons))
    match decision.verb:
        case "aprobar" | "aprobar-y-seguir":
            campaign = lifecycle.approve(
                campaign_id, version=version, by=by, comment=comment, agreed=decision.agreed
            )
            message = _approved_message(campaign)
        case "apartar":
            campaign = lifecycle.hold_again(campaign_id, version=version, by=by)
            message = _("Apartaste otra vez el inventario de {campaign}. Ya puedes decidir.")
        case "pedir-cambios":
            campaign = lifecycle.request_changes(
                campaign_id, version=version, reasons=reasons, by=by, comment=comment
            )
            message = _("Pediste cambios a {campaign}. La marca ya puede corregirla.")
        case "rechazar":
            campaign = lifecycle.reject(
                campaign_id, version=version, reasons=reasons, by=by, comment=comment
            )
            message = _("Rechazaste {campaign}. Su inventario queda libre.")
        case _other:
            raise Undecided
    return message.format(campaign=_name_of(campaign))


def _approved_message(campaign: Campaign) -> str:
    if not campaign.at_risk:
        return _("Aprobaste {campaign}. Su inventario queda comprometido.")
    assert campaign.reservation is not None  # it is booked
    return _("Aprobaste {{campaign}} con {placed} de {quantity} notificaciones.").format(
        placed=intcomma(campaign.reservation.placed),
        quantity=intcomma(campaign.reservation.quantity),
    )


def _name_of(campaign: Campaign) -> str:
    return _("{folio}, «{name}»").format(folio=campaign.folio, name=campaign.name)
