"""Plays a day of the channel on a portal of its own: `manage.py rehearse` on throw-away data."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from portal.local.launcher import foreground, ports, programs
from portal.local.launcher.data_folder import CHECKOUT, ThrowawayDataFolder
from portal.local.launcher.environment import GATEWAY_PATH
from portal.local.launcher.prepare import prepare
from portal.local.launcher.servers import report, throwaway


def rehearse(arguments: Sequence[str]) -> int:
    """Start a portal without demo data, play a day, and delete everything again."""
    with throwaway_portal(os.environ) as env:
        command = [sys.executable, str(CHECKOUT / "manage.py"), "rehearse", *arguments]
        return foreground.run(command, env | {"LOG_LEVEL": "WARNING"})


@contextmanager
def throwaway_portal(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the environment of a running portal with its sandbox, without demo data.

    Its servers wait for the disk, as they do when the portal is run. The sandbox limits no calls.
    """
    with ExitStack() as stack:
        urls = stack.enter_context(throwaway(environ, durable=True))
        data_folder = ThrowawayDataFolder()
        stack.callback(data_folder.remove)
        web_port, sandbox_port, control_port = (ports.find_free() for _ in range(3))
        gateway = f"http://127.0.0.1:{sandbox_port}"
        env = foreground.test_environment(environ) | urls
        env |= {
            "PORTAL_URL": f"http://127.0.0.1:{web_port}",
            "GATEWAY_URL": gateway + GATEWAY_PATH,
            "GATEWAY_TOKEN_URL": f"{gateway}/oauth2/token",
            "SANDBOX_CONTROL_URL": f"http://127.0.0.1:{control_port}",
            "DEMO_CAMPAIGNS": "0",
        }
        sandbox = programs.sandbox(
            data_folder,
            env,
            sandbox_port,
            portal_port=web_port,
            options=["--requests-per-second", "100000", "--burst", "100000"],
        )
        _start(stack, sandbox)
        prepare(data_folder, env, report)
        _start(
            stack,
            programs.web(data_folder, env, web_port),
            programs.worker(data_folder, env),
            programs.beat(data_folder, env),
        )
        yield env


def _start(stack: ExitStack, *group: programs.Program) -> None:
    for program in group:
        stack.callback(program.stop)
        program.start()
    for program in group:
        program.wait_until_ready(report)
