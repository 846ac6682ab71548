"""Command line that builds the Python client; `make client` calls it."""

import argparse
import sys
from pathlib import Path

from portal.local.client import wheel


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m portal.local.client")
    parser.add_argument("folder", type=Path, help="where the wheel is written")
    sys.stdout.write(f"{wheel.build(parser.parse_args().folder)}\n")


if __name__ == "__main__":
    main()
