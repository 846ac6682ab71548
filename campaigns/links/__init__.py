"""Short links: which destinations are allowed, and how a link is written in an ad text.

`{domain}/{code}` redirects to a campaign's https destination; it has no scheme because the
channel carries no colon. Nothing here uses the database: the rows are `campaigns.models.link`.

Codes of problems of a destination: odd_character, no_scheme, not_https, scheme, no_host,
user_info, port, bad_host, address, internal, shortener, own, too_long. Of the links in a text:
foreign_link, link_missing, link_idle. They are stable.
"""

from campaigns.links.destination import (
    MAX_URL_LENGTH,
    STORED_PATTERN,
    BadDestination,
    Destination,
    check_destination,
    complete,
    is_internal,
    read_destination,
    read_host,
    stored_destination,
)
from campaigns.links.problem import LinkProblem
from campaigns.links.short_link import (
    ALPHABET,
    CODE_LENGTH,
    CODE_PATTERN,
    DOMAIN_PATTERN,
    MAX_DOMAIN_LENGTH,
    address_of,
    check_text,
    links_in,
    new_code,
    replace_link,
    text_with_link,
)

__all__ = [
    "ALPHABET",
    "CODE_LENGTH",
    "CODE_PATTERN",
    "DOMAIN_PATTERN",
    "MAX_DOMAIN_LENGTH",
    "MAX_URL_LENGTH",
    "STORED_PATTERN",
    "BadDestination",
    "Destination",
    "LinkProblem",
    "address_of",
    "check_destination",
    "check_text",
    "complete",
    "is_internal",
    "links_in",
    "new_code",
    "read_destination",
    "read_host",
    "replace_link",
    "stored_destination",
    "text_with_link",
]
