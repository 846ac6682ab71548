"""Settings of the web processes: threads, as a request mostly waits for PostgreSQL."""

import gc
from typing import Any

worker_class = "gthread"
workers = 2
threads = 4
graceful_timeout = 5  # seconds


def post_fork(server: Any, worker: Any) -> None:
    """Exclude the objects made at the start from collections: a full one took 140 ms and more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
