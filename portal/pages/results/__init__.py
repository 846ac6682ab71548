"""Pages of what campaigns delivered."""
