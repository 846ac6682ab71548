"""Path converters."""

from campaigns.certificates.verification import FOLIO_PATTERN
from campaigns.links import CODE_PATTERN
from campaigns.models.campaign import FOLIO_ALPHABET


class Folio:
    """A campaign's folio. Anything else is 404 without a query."""

    regex = f"LP-[{FOLIO_ALPHABET}]{{6}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class CertificateFolio(Folio):
    """A certificate's folio."""

    regex = FOLIO_PATTERN


class ShortCode:
    """The code of a short link, in either case."""

    regex = f"(?i:{CODE_PATTERN})"

    def to_python(self, value: str) -> str:
        return value.lower()

    def to_url(self, value: str) -> str:
        return value
