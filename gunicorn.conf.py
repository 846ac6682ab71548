"""Web processes: threads, because a request mostly waits for PostgreSQL."""

import gc

worker_class = "gthread"
workers = 2
threads = 4
graceful_timeout = 5  # seconds


def post_fork(server, worker):
    """Leave what was loaded at the start out of collections: a full one took 140 ms and more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
