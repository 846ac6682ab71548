"""Clicks on short links: who comes, and counting them without keeping anybody waiting.

A visit leaves no more than one added to a count of its hour: no address, no browser, no time.
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

# Browsers of people begin like this; programs that say who they are mostly do not.
_browser = re.compile(r"(?:Mozilla|Opera)/|UCWEB|Nokia|SAMSUNG|BlackBerry|SonyEricsson|LG-")
# Of those that do: crawlers, and what fetches a link to show a preview of it. CUBOT makes phones.
_program = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|preview|facebookexternalhit|facebookcatalog|meta-external"
    r"|whatsapp|telegram|skype|discord|embedly|iframely|headless|phantomjs|lighthouse|pagespeed"
    r"|google-|googleother|mediapartners|feedfetcher|favicon|imageproxy|imgproxy"
    r"|monitor|uptime|pingdom|scan|proofpoint|mimecast|barracuda|curl|wget|python|httpclient"
    r"|\+https?://",
    re.IGNORECASE,
)
_ahead = re.compile("prefetch|prerender|preview", re.IGNORECASE)


def classify(method: str, headers: Mapping[str, str]) -> LinkHour.Kind:
    """Say whether a person followed a link, by what the request says of itself.

    Programs ask with HEAD, say who they are, or say that they only look ahead.
    """
    agent = headers.get("User-Agent", "")
    looks_ahead = any(
        _ahead.search(headers.get(name, "")) for name in ("Sec-Purpose", "Purpose", "X-Moz")
    )
    if method == "HEAD" or looks_ahead or not _browser.match(agent) or _program.search(agent):
        return Kind.BOTS
    return Kind.PEOPLE


class ClickBuffer:
    """Clicks of one process that are not written yet.

    `add` only touches memory. `write` is called once the answer has gone out: whoever finds
    nobody writing writes for all, in one statement, and again while more has come; the others
    go their way. So each click is written at once while there are few, and many become one
    write; a row that is locked holds up one thread and no visitor. What could not be written
    waits for the next click.
    """

    def __init__(self) -> None:
        self._waiting: Counter[tuple[int, datetime, str]] = Counter()
        self._changing = Lock()
        self._writing = Lock()

    def add(self, link_id: int, kind: LinkHour.Kind) -> None:
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        with self._changing:
            self._waiting[link_id, hour, kind.value] += 1

    def flush(self) -> None:
        """Write what waits, unless somebody is at it already. Raises nothing of the database."""
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
