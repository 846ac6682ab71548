from campaigns.models.campaign import FOLIO_ALPHABET


class Folio:
    """A campaign's folio in an address; anything else is not found before the database is asked."""

    regex = f"LP-[{FOLIO_ALPHABET}]{{6}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
