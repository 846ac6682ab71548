"""Comparison of the portal's orders and counts with the gateway's, and what is done about it."""
