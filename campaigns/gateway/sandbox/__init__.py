"""A gateway of our own that keeps the whole contract: the embedded default, and the tests' gateway.

It runs as its own process, `python -m campaigns.gateway.sandbox`, and imports no Django.
"""
