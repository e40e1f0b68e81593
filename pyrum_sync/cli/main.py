"""The command line: ``pyrum-sync``, also ``python -m pyrum_sync``.

Each subcommand is a module with a function `add` that adds its parser, and as its default for `run` the function that
takes the parsed options and gives the exit status. A new one is a line in `_commands`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from pyrum_sync import SubprocessConn, TCPConn, UnixConn, WebsocketConn, __version__
from pyrum_sync.errors import HandshakeError, RumorError, RumorNotFound
from pyrum_sync.transports.locate import find_rumor

OK: Final = 0
FAILED: Final = 1  # something that was asked for failed
USAGE: Final = 2  # what was asked for cannot be done
INTERRUPTED: Final = 130

_LONGEST_OPTION: Final = 60  # characters; a record has over 90

# The words that run the engine, and the network that it then is on by default.
_ENGINES: Final = {"engine": "tcp", "simulator": "memory"}

Commands = Any  # what `add_subparsers` gives: a class of argparse without a public name
Conn = SubprocessConn | TCPConn | UnixConn | WebsocketConn


class UsageError(Exception):
    """What was asked for cannot be done; the text says why, and what to do."""


def _commands() -> tuple[Callable[[Commands], None], ...]:
    from pyrum_sync.cli import commands as cli_commands
    from pyrum_sync.cli import demo as cli_demo
    from pyrum_sync.cli import enr as cli_enr
    from pyrum_sync.cli import probe as cli_probe

    return (cli_demo.add, cli_probe.add, cli_enr.add, cli_commands.add)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (default: that of this process); gives the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments and arguments[0] in _ENGINES:
            from pyrum_sync.engine.main import main as run_engine  # it has a parser of its own

            return run_engine(arguments[1:], _ENGINES[arguments[0]])
        options = _parser().parse_args(list(map(_with_scheme, arguments)))
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except SystemExit as done:  # --help, --version, or bad usage, of which argparse has told
        return done.code if isinstance(done.code, int) else OK
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough. The interpreter would complain about what it cannot flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (UsageError, RumorNotFound, HandshakeError) as error:
        print(f"pyrum-sync: {error}", file=sys.stderr)
        return USAGE
    except RumorError as error:
        print(f"pyrum-sync: {error}", file=sys.stderr)
        return FAILED


def _with_scheme(argument: str) -> str:
    """A record (ENR) begins with `-` where its `enr:` is left out, which argparse would take for an option."""
    bare = (
        len(argument) > _LONGEST_OPTION and argument[0] == "-" and argument.replace("_", "-").replace("-", "").isalnum()
    )
    return f"enr:{argument}" if bare else argument


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pyrum-sync",
        description="A client for Rumor, the Eth2 networking shell. `pyrum-sync COMMAND --help` tells more of each.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in _commands():
        add(commands)
    commands.add_parser("engine", help="a Rumor in Python, on libp2p over TCP: bare or serve", add_help=False)
    commands.add_parser("simulator", help="the same with a network in memory: bare or serve", add_help=False)
    return parser


# -- what several commands share --------------------------------------------------------------------------------------


def add_connection_options(parser: argparse.ArgumentParser) -> None:
    """The options that choose the Rumor."""
    group = parser.add_argument_group("the Rumor", "by default the one that $RUMOR names, or `rumor` on PATH")
    ways = group.add_mutually_exclusive_group()
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
    """The way to the Rumor that was chosen. UsageError if none was, and none is found."""
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
    program = find_rumor()
    if program is None:
        raise UsageError(
            "no Rumor found: there is no `rumor` on PATH, and the variable RUMOR names none. Get it from "
            "https://github.com/protolambda/rumor and name it: --cmd '/path/to/rumor bare --level=trace'. Or choose "
            "one that is served, with --tcp, --unix or --ws, or try the "
            "simulator: --cmd 'pyrum-sync simulator bare --level=trace'"
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
