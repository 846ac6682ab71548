"""Clicks on short links: people or programs, counted without delaying the response.

A visit only adds one to the count of its hour: no address, browser or exact time is stored.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from threading import Lock

import structlog
from django.db import Error
from django.utils import timezone

from campaigns.models.link import LinkHour

log = structlog.get_logger(__name__)

Kind = LinkHour.Kind

# User agents of browsers begin like this; those of programs that identify themselves mostly not.
_browser = re.compile(r"(?:Mozilla|Opera)/|UCWEB|Nokia|SAMSUNG|BlackBerry|SonyEricsson|LG-")
# Of those that do, crawlers and link previews. CUBOT is a brand of phones.
_program = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|preview|facebookexternalhit|facebookcatalog|meta-external"
    r"|whatsapp|telegram|skype|discord|embedly|iframely|headless|phantomjs|lighthouse|pagespeed"
    r"|google-|googleother|mediapartners|feedfetcher|favicon|imageproxy|imgproxy"
    r"|monitor|uptime|pingdom|scan|proofpoint|mimecast|barracuda|curl|wget|python|httpclient"
    r"|\+https?://",
    re.IGNORECASE,
)
_prefetch = re.compile("prefetch|prerender|preview", re.IGNORECASE)


def classify(method: str, headers: Mapping[str, str]) -> LinkHour.Kind:
    """Return whether a person or a program followed a link, by the request's method and headers.

    Programs use HEAD, identify themselves, or declare a prefetch.
    """
    agent = headers.get("User-Agent", "")
    prefetches = any(
        _prefetch.search(headers.get(name, "")) for name in ("Sec-Purpose", "Purpose", "X-Moz")
    )
    if method == "HEAD" or prefetches or not _browser.match(agent) or _program.search(agent):
        return Kind.BOTS
    return Kind.PEOPLE


class ClickBuffer:
    """Clicks of one process that are not in the database yet.

    `add` only changes memory. `flush` is called after the response has been sent: one thread at
    a time writes the clicks of all, in one statement, until none are left; other threads return
    at once. So few clicks are written immediately, many share one write, and a locked row blocks
    one thread and no visitor. Clicks that could not be written wait for the next flush.
    """

    def __init__(self) -> None:
        self._waiting: Counter[tuple[int, datetime, str]] = Counter()
        self._changing = Lock()
        self._writing = Lock()

    def add(self, link_id: int, kind: LinkHour.Kind) -> None:
        """Count one click in the current hour."""
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        with self._changing:
            self._waiting[link_id, hour, kind.value] += 1

    def flush(self) -> None:
        """Write the waiting clicks, unless another thread does. Database errors are only logged."""
        while self._waiting and self._writing.acquire(blocking=False):
            try:
                with self._changing:
                    batch, self._waiting = self._waiting, Counter()
                try:
                    LinkHour.objects.add(batch)
                except Error:
                    log.exception("clicks_not_written", clicks=batch.total())
                    with self._changing:
                        self._waiting.update(batch)
                    return
            finally:
                self._writing.release()


click_buffer = ClickBuffer()
