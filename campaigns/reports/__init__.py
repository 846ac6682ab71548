"""Reports of the gateway: events come into the inbox, and their counts into the tables.

`inbox` stores, `content` reads and checks, `apply` applies, `gaps` asks again for what is missing.
"""
