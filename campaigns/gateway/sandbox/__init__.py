"""A gateway that implements the whole contract, for the embedded run and for tests.

It runs as its own process, `python -m campaigns.gateway.sandbox`, and imports no Django.
"""
