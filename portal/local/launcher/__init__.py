"""The portal on one machine: servers from wheels, every process on a tether.

Started with `make run`; see `python -m portal.local.launcher --help`. Standard library only.
"""
