"""The receipts of inserted ads: most come within a minute, a tail over days, some never."""

from datetime import timedelta

import numpy as np

from campaigns.gateway.events import FINAL_AFTER_HOURS
from campaigns.gateway.sandbox.traffic import Counts

AT_ONCE = 0.92
"""Share of receipts that come within the interval of the insertion."""
FAILED = 0.03
"""Share of receipts that report a failure."""
LATE = (
    (timedelta(hours=1), 0.6),
    (timedelta(hours=6), 0.5),
    (timedelta(hours=24), 0.4),
)
"""Ages of an hour at which a share of its missing receipts has come."""
FINAL_AGE = timedelta(hours=FINAL_AFTER_HOURS)
"""Age of an hour at which what has no receipt will have none."""


def draw(rng: np.random.Generator, missing: Counts, share: float) -> tuple[Counts, Counts]:
    """Draw which of the missing receipts have come; return deliveries and failures."""
    received = rng.binomial(missing, share)
    failed = rng.binomial(received, FAILED)
    return received - failed, failed
