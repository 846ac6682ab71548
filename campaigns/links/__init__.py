"""Short links: where one may lead, how it is written, and where it stands in an ad text.

A campaign's https destination is reached by `{domain}/{code}`, without a scheme because the
channel carries no colon. No database here: the rows are `campaigns.models.link`.

Codes of what is refused of a destination: odd_character, no_scheme, not_https, scheme, no_host,
user_info, port, bad_host, address, internal, shortener, own, too_long. Of a link in a text:
foreign_link, link_missing, link_idle. They are stable.
"""

from campaigns.links.destination import (
    MAX_URL,
    STORED,
    BadDestination,
    Destination,
    check_destination,
    is_internal,
    read_destination,
    read_host,
    stored_destination,
)
from campaigns.links.problem import Problem
from campaigns.links.writing import (
    ALPHABET,
    CODE,
    CODE_LENGTH,
    DOMAIN,
    MAX_DOMAIN,
    address_of,
    check_text,
    links_in,
    new_code,
    swap,
    text_with_link,
)

__all__ = [
    "ALPHABET",
    "CODE",
    "CODE_LENGTH",
    "DOMAIN",
    "MAX_DOMAIN",
    "MAX_URL",
    "STORED",
    "BadDestination",
    "Destination",
    "Problem",
    "address_of",
    "check_destination",
    "check_text",
    "is_internal",
    "links_in",
    "new_code",
    "read_destination",
    "read_host",
    "stored_destination",
    "swap",
    "text_with_link",
]
