"""The embedded run: the whole portal on one machine, with servers from wheels.

Started with `make run`; see `python -m portal.local.launcher --help`. Standard library only.
Each process runs under a watchdog, so that none outlives the launcher.
"""
