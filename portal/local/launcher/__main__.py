"""Command line of the embedded run; `make` calls it."""

import argparse
import os
import signal
import sys

from portal.local.launcher import foreground
from portal.local.launcher.data_folder import checkout_data_folder
from portal.local.launcher.errors import EmbeddedError
from portal.local.launcher.lock import Lock
from portal.local.launcher.rehearsal import rehearse
from portal.local.launcher.run import Run
from portal.local.launcher.servers import report
from portal.local.launcher.watchdog import PR_SET_PDEATHSIG, find_prctl


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m portal.local.launcher")
    verbs = parser.add_subparsers(
        dest="verb", required=True, metavar="run | manage | exec | rehearse | clean"
    )
    verbs.add_parser("run", help="start the whole portal and keep it running")
    manage = verbs.add_parser("manage", help="run manage.py on the data of `run`")
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    execute = verbs.add_parser("exec", help="run a command with throw-away servers")
    execute.add_argument("--durable", action="store_true", help="wait for the disk, as `run` does")
    execute.add_argument("command", nargs=argparse.REMAINDER)
    rehearsal = verbs.add_parser("rehearse", help="play a day on a portal of its own")
    rehearsal.add_argument("arguments", nargs=argparse.REMAINDER)
    verbs.add_parser("clean", help="delete the data of `run`")
    options = parser.parse_args(arguments)
    _stop_with_make()
    try:
        if options.verb == "run":
            return Run(checkout_data_folder())()
        if options.verb == "manage":
            return foreground.manage(checkout_data_folder(), _without_dashes(options.arguments))
        if options.verb == "rehearse":
            return rehearse(_without_dashes(options.arguments))
        if options.verb == "exec":
            command = _without_dashes(options.command)
            if not command:
                parser.error("exec needs a command: exec -- COMMAND…")
            return foreground.execute(command, durable=options.durable)
        return _delete_data()
    except EmbeddedError as error:
        report(str(error))
        return 1


def _delete_data() -> int:
    data_folder = checkout_data_folder()
    if data_folder.path.is_dir():
        lock = Lock(data_folder.path / "lock")
        lock.acquire("make clean")
        data_folder.remove()
        lock.release()
    return 0


def _without_dashes(arguments: list[str]) -> list[str]:
    return arguments[1:] if arguments[:1] == ["--"] else arguments


def _stop_with_make() -> None:
    """Request SIGTERM from the kernel for when `make` is killed (Linux)."""
    prctl = find_prctl()
    if prctl and os.environ.get("MAKELEVEL"):
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
