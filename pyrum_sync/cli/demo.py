"""``pyrum-sync demo``: the main job, to watch."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from pyrum_sync.cli.main import OK, Commands
from pyrum_sync.cli.story import demo


def add(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "demo",
        help="watch two hosts meet, and one ask the other for its status",
        description="Two hosts start, connect, and one asks the other for its status: on the real Rumor (the one that "
        "$RUMOR names, or `rumor` on PATH) where there is one, else on the built-in simulator. The first line says "
        "which. All stays on this machine.",
    )
    parser.add_argument("--fast", action="store_true", help="shorten the two sleeps, of 5 and 3 seconds, to a tenth")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show it; gives the exit status."""
    demo(fast=options.fast, say=partial(print, file=sys.stdout, flush=True))
    return OK
