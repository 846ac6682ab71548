"""The gateway's counts: from the inbox into the tables of counts, and from there to people."""
