"""What the subcommands share: exit statuses, the options that choose a Rumor, and the connection to it."""

from __future__ import annotations

import argparse
from typing import Any, Final

from pyrum_sync import EmbeddedConn, SubprocessConn, TCPConn, UnixConn, WebsocketConn
from pyrum_sync.transports.locate import find_rumor

OK: Final = 0
FAILED: Final = 1  # something that was asked for failed
USAGE: Final = 2  # what was asked for cannot be done
INTERRUPTED: Final = 130

Commands = Any  # what `add_subparsers` returns: a class of argparse without a public name
Conn = SubprocessConn | TCPConn | UnixConn | WebsocketConn


class UsageError(Exception):
    """What was asked for cannot be done; the text says why, and what to do."""


def add_connection_options(parser: argparse.ArgumentParser) -> None:
    """The options that choose the Rumor."""
    group = parser.add_argument_group("the Rumor", "by default the engine, which the extra pyrum_sync[engine] brings")
    ways = group.add_mutually_exclusive_group()
    ways.add_argument("--rumor", action="store_true", help="the Go Rumor that $RUMOR names, or `rumor` on PATH")
    ways.add_argument("--cmd", metavar="COMMAND", help="start this, through the shell: 'rumor bare --level=trace'")
    ways.add_argument("--tcp", metavar="HOST:PORT", type=_host_and_port, help="one served over TCP")
    ways.add_argument("--unix", metavar="PATH", help="one served over a Unix socket")
    ways.add_argument("--ws", metavar="URL", help="one served over a websocket: ws://localhost:8000/ws")
    group.add_argument("--key", default="", help="the api key, with --ws")
    group.add_argument(
        "--retry-for",
        metavar="SECONDS",
        type=seconds,
        default=0,
        help="go on trying so long to reach one that is still starting, with --tcp, --unix and --ws (default: 0)",
    )


def connection(options: argparse.Namespace) -> Conn:
    """The connection to the Rumor that was chosen.

    Raises: UsageError if `--rumor` finds none, or for options that do not go together.
    """
    if options.key and not options.ws:
        raise UsageError("--key goes with --ws")
    if options.retry_for and not (options.tcp or options.unix or options.ws):
        raise UsageError("--retry-for goes with --tcp, --unix or --ws: a Rumor that is started is waited for anyway")
    if options.tcp:
        return TCPConn(*options.tcp, retry_for=options.retry_for)
    if options.unix:
        return UnixConn(options.unix, retry_for=options.retry_for)
    if options.ws:
        return WebsocketConn(options.ws, options.key, retry_for=options.retry_for)
    if options.cmd:
        return SubprocessConn(options.cmd)
    if not options.rumor:
        return EmbeddedConn()
    program = find_rumor()
    if program is None:
        raise UsageError(
            "no Rumor found: there is no `rumor` on PATH, and the variable RUMOR names none. Get it from "
            "https://github.com/protolambda/rumor and name it: --cmd '/path/to/rumor bare --level=trace'. Or choose "
            "one that is served, with --tcp, --unix or --ws; or leave --rumor out, for the engine"
        )
    return SubprocessConn([program, "bare", "--level=trace"])


def seconds(text: str) -> float:
    """The type of an option that is a time."""
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ValueError(text)
    return number


def _host_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as localhost:3030")
    return host.removeprefix("[").removesuffix("]") or "localhost", int(port)
