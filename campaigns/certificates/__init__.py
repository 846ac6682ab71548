"""Certificates of delivery: papers that prove to a brand's finance what was delivered (ADR 38)."""
