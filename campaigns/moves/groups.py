"""Groups of statuses that follow from the table."""

from campaigns.moves.status import Status
from campaigns.moves.table import MOVES

# The brand may write the draft.
EDITABLE = MOVES["edit"].sources

# The gateway has, or shall get, an order that can still run.
ORDERED = MOVES["schedule"].sources | MOVES["finish"].sources

# Submitted, and not decided on: it holds inventory, or is about to.
UNDECIDED = MOVES["expire"].sources - ORDERED

# No move leads out.
ENDED = frozenset(Status) - frozenset[Status]().union(*(move.sources for move in MOVES.values()))

# A campaign keeps its entry in the waiting list, also while it is sent again as it is.
WAITING = frozenset({Status.NO_INVENTORY, Status.RESERVING})

# They decide whom a pause is by, also one that goes on.
PAUSING = tuple(move.name for move in MOVES.values() if move.pauses_as)

# The brand reads on the campaign's page why it came here.
EXPLAINED = frozenset[Status]().union(*(m.targets - m.sources for m in MOVES.values() if m.advice))
