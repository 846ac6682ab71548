"""What a campaign delivered by day, hour, state and LADA, as brands and agencies read it."""
