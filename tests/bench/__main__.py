"""Command line of the bench; `make bench` calls it."""

import argparse
import sys
from collections.abc import Sequence

from portal.local.launcher import foreground
from portal.local.launcher.errors import EmbeddedError
from tests.bench.rows import GROUPS


def main(arguments: Sequence[str]) -> int:
    """Measure all groups, or the one that is asked for, on throw-away servers of its own.

    Gives 0, or 1 if a group failed or did not finish; ends with 2 on a group that is none.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--only", metavar="GROUP", help=f"one of: {', '.join(GROUPS)}")
    asked = parser.parse_args(arguments).only
    if asked is not None and asked not in GROUPS:
        parser.error(f"there is no group {asked!r}; choose one of: {', '.join(GROUPS)}")
    chosen = [asked] if asked else list(GROUPS)
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
