"""The portal's web process as the bench measures it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from portal.local.launcher import ports
from portal.local.launcher.data_folder import ThrowawayDataFolder
from portal.local.launcher.programs import Program

HEALTH = "/salud/"
BARE, BARE_JSON, BARE_PAGE = "/desnuda", "/desnuda.json", "/desnuda.html"  # of `tests.bench.bare`
BARE_API = "/desnuda-api"


@contextmanager
def web(application: str = "portal.wsgi", **environment: str) -> Iterator[int]:
    """Run gunicorn as the product does, but as one process; yield its port."""
    port = ports.find_free()
    command = ["-m", "gunicorn", application, "--workers", "1"]
    command += ["--threads", "4", "--bind", f"127.0.0.1:{port}", "--keep-alive", "75"]
    command += ["--graceful-timeout", "5", "--no-control-socket"]
    env = {"DATABASE_POOL": "1", **os.environ, **environment}
    data_folder = ThrowawayDataFolder()
    program = Program(
        "web", command, data_folder, env, ready_url=f"http://127.0.0.1:{port}{HEALTH}"
    )
    try:
        program.start()
        program.wait_until_ready()
        yield port
    finally:
        program.stop()
        data_folder.remove()
