"""The text law: which ad texts a missed-call notification can carry, and the fixes for others."""

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
    without_scheme,
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
    "without_scheme",
]
