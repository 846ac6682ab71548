"""Settings of the web processes: threads, as a request mostly waits for PostgreSQL."""

import gc
from typing import Any

worker_class = "portal.web_worker.CollectingWorker"  # threads, for whole requests alone
secure_scheme_headers: dict[str, str] = {}  # TRUSTED_PROXIES decides whose headers count
workers = 2
threads = 4
graceful_timeout = 5  # seconds


def post_fork(server: Any, worker: Any) -> None:
    """Exclude the objects made at the start from collections: a full one took 140 ms and more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
