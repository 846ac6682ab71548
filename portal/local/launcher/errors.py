"""The error that ends an embedded run."""


class EmbeddedError(Exception):
    """The embedded run cannot go on; the message explains why and what to do."""
