"""Command line of the faults; `make faults` calls it."""

import argparse
import os
import sys
from collections.abc import Sequence

from portal.local.launcher import foreground
from portal.local.launcher.errors import EmbeddedError


def main(arguments: Sequence[str]) -> int:
    """Play sequences on throw-away servers; return 0, or 1 where anything is violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--sequences", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1, help="of the first sequence")
    parser.add_argument("--round", type=int, default=25, help="sequences that are mixed")
    options = parser.parse_args(arguments)
    if min(options.sequences, options.seed, options.round) < 1:
        parser.error("--sequences, --seed and --round are at least 1")
    owns_server = "" if os.environ.get("DATABASE_URL") else "owns_server"
    numbers = [str(options.sequences), str(options.seed), str(options.round)]
    try:
        return foreground.execute(
            [sys.executable, "-m", "tests.faults.session", *numbers, owns_server], durable=True
        )
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
