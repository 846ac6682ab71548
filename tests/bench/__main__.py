"""Command line of the bench; `make bench` calls it."""

import argparse
import sys
from collections.abc import Sequence

from portal.local.launcher import foreground
from portal.local.launcher.errors import EmbeddedError
from tests.bench.rows import GROUPS


def main(arguments: Sequence[str]) -> int:
    """Measure all groups, or the one given by --only, on throw-away servers.

    Return 0, or 1 if a group failed or did not finish; exit with 2 on an unknown group.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--only", metavar="GROUP", help=f"one of: {', '.join(GROUPS)}")
    only = parser.parse_args(arguments).only
    if only is not None and only not in GROUPS:
        parser.error(f"there is no group {only!r}; choose one of: {', '.join(GROUPS)}")
    chosen = [only] if only else list(GROUPS)
    try:
        # Durable: what is measured waits for the disk, as it does when the portal runs.
        return foreground.execute(
            [sys.executable, "-m", "tests.bench.session", *chosen], durable=True
        )
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
