"""The pages of results: the report of a brand and the report of one of its campaigns."""
