"""What a line of the log may say of a request, a task and an exception.

An address may hold the key of a password reset, its query or body a client's secret, and the text
of an exception whatever it failed on. So a request is named by its route, an exception by its type
and frames, and of the messages of libraries the template is kept and its texts are left out.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django_structlog import middlewares

EventDict = MutableMapping[str, Any]

UNKNOWN_ROUTE = "?"
LEFT_OUT = "…"
# Texts in messages of Celery and RedBeat that are names and ids of tasks.
KEPT_TEXTS = {"id", "name", "task_id", "task_name", "hostname", "sig"}
PLACEHOLDER = re.compile(r"%(?:\((?P<name>\w+)\))?[-#0 +]*(?:\*|\d+)?(?:\.\d+)?[srdifgexXc]")
# Members that libraries fill with the text of an exception or of a request.
UNSAFE_MEMBERS = {"error", "reason", "exception", "user_agent"}


def route_of(request: HttpRequest) -> str:
    """Return the name of a request's route, as `portal:campaign`; "?" where there is none."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        try:
            match = resolve(request.path_info)
        except (Resolver404, ValueError):
            return UNKNOWN_ROUTE
    return match.view_name or match.route


class RequestMiddleware(middlewares.RequestMiddleware):
    """Log the start and the end of each request, by method and route."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        method = request.method if request.method and request.method.isalpha() else UNKNOWN_ROUTE
        return f"{method[:10]} {route_of(request)}"


def name_exceptions(_logger: Any, _method: str, event_dict: EventDict) -> EventDict:
    """Replace exceptions by their types and, in place of `exc_info`, by types and frames."""
    current = event_dict.pop("exc_info", None)
    if event_dict.get("logger", "").startswith("django_structlog"):
        for name in UNSAFE_MEMBERS & event_dict.keys():
            value = event_dict.pop(name)
            if isinstance(value, BaseException):
                current = current or value
    for name, value in event_dict.items():
        if isinstance(value, BaseException):
            event_dict[name] = type(value).__name__
    if current:
        event_dict["exception"] = "\n".join(_lines(_exception(current)))
    return event_dict


def leave_texts_out(_logger: Any, _method: str, event_dict: EventDict) -> EventDict:
    """Rewrite the message of a library without the texts that it was filled with.

    A message about a request names its route and, where Django gives it, the status.
    """
    record: logging.LogRecord | None = event_dict.get("_record")
    args = event_dict.pop("positional_args", ())
    if record is None:
        return event_dict
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        event_dict["event"] = record.name
        event_dict["request"] = RequestMiddleware.format_request(request)
        if status := getattr(record, "status_code", None):
            event_dict["code"] = status
    elif args:
        event_dict["event"] = _fill(str(record.msg), args)
    elif isinstance(record.msg, BaseException):
        event_dict["event"] = type(record.msg).__name__
    return event_dict


def _fill(template: str, args: Any) -> str:
    """Return a message with its numbers, and with the texts of KEPT_TEXTS alone."""
    if not isinstance(args, Mapping):
        values = iter(args)

        def next_value(_match: re.Match[str]) -> str:
            value = next(values, None)
            return str(value) if isinstance(value, int | float) else LEFT_OUT

        return PLACEHOLDER.sub(next_value, template)

    def value_of(match: re.Match[str]) -> str:
        value = args.get(match["name"])
        is_kept = match["name"] in KEPT_TEXTS or isinstance(value, int | float)
        return str(value) if is_kept else LEFT_OUT

    return PLACEHOLDER.sub(value_of, template)


def _exception(exc_info: Any) -> BaseException | None:
    """Return the exception of an `exc_info`: itself, its triple, or True for the current one."""
    if isinstance(exc_info, BaseException):
        return exc_info
    return (exc_info if isinstance(exc_info, tuple) else sys.exc_info())[1]


def _lines(error: BaseException | None) -> Iterator[str]:
    """Yield the frames and the type of an exception, after those of what it was raised from."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for each in reversed(chain):
        yield "Traceback (most recent call last):"
        yield from _frames(each.__traceback__)
        yield f"{type(each).__module__}.{type(each).__qualname__}"


def _frames(frames: TracebackType | None) -> Iterator[str]:
    for frame in traceback.extract_tb(frames):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
