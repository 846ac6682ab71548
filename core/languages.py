"""The languages of the portal, and caches of what depends on the language in use."""

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, override

P = ParamSpec("P")
R = TypeVar("R")


def stored(text: str | Promise) -> str:
    """Return a text as records keep it: in the portal's language, whoever caused it."""
    with override(settings.LANGUAGE_CODE):
        return str(text)


def cache_by_language(function: Callable[P, R]) -> Callable[P, R]:
    """Cache what a function returns, for its arguments and the language in use.

    It has the `cache_clear` of functools.
    """

    @cache
    def cached(language: str | None, *args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return cached(get_language(), *args, **kwargs)  # type: ignore[arg-type]  # hashable

    call.cache_clear = cached.cache_clear  # type: ignore[attr-defined]
    return call
