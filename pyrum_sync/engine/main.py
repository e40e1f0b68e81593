"""The command line: ``bare`` and ``serve``, with Rumor's flags, and the network to be on."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

_LEVELS = "Valid values: trace, debug, info, warn, error, fatal, panic"
_ABOUT = {
    "tcp": "A Rumor in Python, whose hosts speak libp2p over TCP.",
    "memory": "A Rumor in Python, with a network in memory, for trying and testing.",
}


def _parser(network: str) -> argparse.ArgumentParser:
    name = "simulator" if network == "memory" else "engine"
    parser = argparse.ArgumentParser(prog=f"pyrum-sync {name}", description=_ABOUT[network])
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
        mode.add_argument(
            "--network",
            default=network,
            choices=("tcp", "memory"),
            help="where hosts meet: libp2p over TCP, or the memory of this process (default: %(default)s)",
        )
    return parser


def _streams_open() -> bool:
    """Whether there is a standard output, without which nothing can be said. Holds the place of what is closed: or the
    next socket would take its number, and the entries would go there.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None and sys.stderr is not None:
        print("standard output is closed, so there is nowhere to write to", file=sys.stderr)
    return sys.stdout is not None


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError:  # nobody reads it; the interpreter would try again at its end, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


def main(argv: Sequence[str], network: str = "tcp") -> int:
    """Runs the engine; returns its exit status.

    Args:
        argv: the words of the command line.
        network: the one that hosts are on unless a flag says otherwise, ``tcp`` or ``memory``.
    """
    if not _streams_open():
        return 2
    try:
        args = _parser(network).parse_args(argv)
    except SystemExit:  # --help, or bad usage
        _flush()
        raise
    from pyrum_sync.engine import faults as faults_module
    from pyrum_sync.engine.serving import networks

    lacking = networks.missing(args.network)
    if lacking is not None:
        print(lacking, file=sys.stderr)
        return networks.NO_EXTRA
    try:
        faults = faults_module.load(args.faults) if args.faults else faults_module.Faults()
    except faults_module.FaultsError as error:
        print(f"bad faults file: {error}", file=sys.stderr)
        return 2
    if args.mode == "bare":
        from pyrum_sync.engine.serving.bare import run_bare

        return run_bare(args.level, args.network, stop_on_error=args.stop_on_err, faults=faults)
    from pyrum_sync.engine.serving.serve import ServeOptions, run_serve

    options = ServeOptions(args.level, args.network, args.tcp, args.ipc, args.http, args.api_key)
    return run_serve(options, faults)
