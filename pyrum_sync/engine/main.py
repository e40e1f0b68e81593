"""The command line: ``bare`` and ``serve``, with Rumor's flags."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

_LEVELS = "Valid values: trace, debug, info, warn, error, fatal, panic"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pyrum-sync simulator", description="A Rumor in Python, with a network in memory, for trying and testing."
    )
    modes = parser.add_subparsers(dest="mode", required=True)
    bare = modes.add_parser("bare", help="lines on stdin, JSON entries on stdout", allow_abbrev=False)
    bare.add_argument("--stop-on-err", action="store_true", help="stop at the first line that fails")
    serve = modes.add_parser("serve", help="a server to attach to", allow_abbrev=False)
    serve.add_argument("--tcp", default="", metavar="HOST:PORT", help="TCP address to listen on")
    serve.add_argument("--ipc", default="", metavar="PATH", help="path of a unix socket to listen on")
    serve.add_argument("--http", default="", metavar="HOST:PORT", help="websocket and HTTP address to listen on")
    serve.add_argument("--api-key", default="", help="key that HTTP and websocket clients must send as X-Api-Key")
    for mode in (bare, serve):
        mode.add_argument("--level", default="debug", help=f"log level. {_LEVELS}")
        mode.add_argument("--faults", default="", metavar="FILE", help="JSON file of what is to go wrong")
    return parser


def main(argv: Sequence[str]) -> int:
    """Runs the engine; returns its exit status."""
    args = _parser().parse_args(argv)
    from pyrum_sync.engine import faults as faults_module

    try:
        faults = faults_module.load(args.faults) if args.faults else faults_module.Faults()
    except faults_module.FaultsError as error:
        print(f"bad faults file: {error}", file=sys.stderr)
        return 2
    if args.mode == "bare":
        from pyrum_sync.engine.serving.bare import run_bare

        return run_bare(args.level, stop_on_error=args.stop_on_err, faults=faults)
    from pyrum_sync.engine.serving.serve import ServeOptions, run_serve

    options = ServeOptions(level=args.level, tcp=args.tcp, ipc=args.ipc, http=args.http, api_key=args.api_key)
    return run_serve(options, faults)
