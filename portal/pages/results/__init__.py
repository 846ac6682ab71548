"""The pages of results: what campaigns delivered, and the papers that prove it."""
