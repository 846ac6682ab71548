from campaigns.links import CODE_PATTERN
from campaigns.models.campaign import FOLIO_ALPHABET


class Folio:
    """A campaign's folio in an address; anything else is not found before the database is asked."""

    regex = f"LP-[{FOLIO_ALPHABET}]{{6}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class ShortCode:
    """The code of a short link; people may write it in capitals."""

    regex = f"(?i:{CODE_PATTERN})"

    def to_python(self, value: str) -> str:
        return value.lower()

    def to_url(self, value: str) -> str:
        return value
