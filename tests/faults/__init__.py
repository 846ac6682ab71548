"""Faults at every step between portal and gateway, after which both must agree to the last unit."""
