"""Checks whether a gateway keeps the contract, over HTTP and without a control port.

`run.run_checks` runs them; `manage.py gateway_conformance` is the command. They need the packages
of `requirements-dev.txt` and import nothing of Django.
"""
