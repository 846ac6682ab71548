"""Sandbox brands: what the rest of the world does is played for them, by their own clock (ADR 40).

Nothing of them is on the air, takes inventory of the channel or is seen by staff.
"""
