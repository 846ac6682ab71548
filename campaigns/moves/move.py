"""The types of a row of the table of moves."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise

from campaigns.moves.status import PausedBy, Status, WaitingEnd

EVENT_TYPE_PREFIX = "mx.movistar.llamada-perdida.v1.campaign-"


class Actor(StrEnum):
    """The kinds of actors that make moves."""

    BRAND = "brand"  # an owner or editor of its active brand, or their program
    REVIEWER = "reviewer"  # staff who may review
    SYSTEM = "system"  # workers and the clock


class Style(StrEnum):
    """The style of a button; a page has its buttons in this order."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    LINK = "link"
    DANGER = "danger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """The button of a move on the brand's pages.

    `verb` ends its address. `done` is the message after it; without one, the button is a link to
    the page of that address. `question`, `consequence` and `confirm_label` ask for a confirmation.
    `with_offer` shows it only while the campaign has an offer of the waiting list, or only while
    it has none; None: both.
    """

    verb: str
    label: str | Promise
    done: str | Promise = ""
    style: Style = Style.SECONDARY
    question: str | Promise = ""
    consequence: str | Promise = ""
    confirm_label: str | Promise = ""
    with_offer: bool | None = None
    in_list: bool = False  # offered in the list of campaigns too
    not_in: frozenset[Status] = frozenset()  # statuses in which no page offers it


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A row of the table: the statuses before and after, who may make it, and its labels.

    `label` is the line of history, and the title of notices and mails. `advice` is what the
    brand can do next, where that is open. `event` ends the type of its webhook events.
    `closes_version` marks what can become of a version that was sent. `while_waiting` is whether
    the campaign must have a place in the waiting list (None: no matter), and `ends_waiting` how
    the move ends that place, if it leaves the statuses that wait. `pauses_as` is who a pause
    is by, and `ends_pauses` the pauses that a move out of one may end. `staff_label` is the button
    of a move that staff make outside of a review, with a reason; `needs_active_brand` refuses it
    to a suspended brand's campaigns.
    """

    name: str
    sources: frozenset[Status]
    targets: frozenset[Status]
    actors: frozenset[Actor]
    label: str | Promise
    event: str
    advice: str | Promise = ""
    buttons: tuple[Button, ...] = ()
    action: str = ""
    notifies: bool = True
    closes_version: bool = False
    while_waiting: bool | None = None
    ends_waiting: WaitingEnd | None = None
    pauses_as: PausedBy | None = None
    ends_pauses: frozenset[PausedBy] = frozenset()
    staff_label: str | Promise = ""
    staff_done: str | Promise = ""
    consequence: str | Promise = ""
    needs_active_brand: bool = False

    @property
    def event_type(self) -> str:
        """Return the type of its CloudEvents, which is part of the contract."""
        return EVENT_TYPE_PREFIX + self.event

    def may_end(self, paused_by: str) -> bool:
        """Return whether it may end a pause; true of a campaign that is not paused."""
        return not (paused_by and self.ends_pauses) or paused_by in self.ends_pauses

    @property
    def api_action(self) -> str:
        """Return its name in `availableActions` and in the addresses of the API."""
        return self.action or self.name
