"""The text law: what an ad on a missed-call notification may say, and how to mend the rest."""

from campaigns.ad_text.law import (
    ALPHABET,
    DEFAULT_LIMIT,
    MAX_LIMIT,
    READ_LIMIT,
    BadLimit,
    Change,
    FixedText,
    Problem,
    advice,
    as_data,
    check,
    fix,
    normalise,
    septets,
)

__all__ = [
    "ALPHABET",
    "DEFAULT_LIMIT",
    "MAX_LIMIT",
    "READ_LIMIT",
    "BadLimit",
    "Change",
    "FixedText",
    "Problem",
    "advice",
    "as_data",
    "check",
    "fix",
    "normalise",
    "septets",
]
