"""The command line: ``pyrum-sync``, also ``python -m pyrum_sync``.

Each subcommand is a module with a function `add`, which adds its parser; the parser's default for `run` is the function
that takes the parsed options and returns the exit status. A new subcommand is one line in `_modules`; one with a parser
of its own is one line in `_PROGRAMS`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType
from typing import Final

from pyrum_sync import __version__
from pyrum_sync.cli.options import FAILED, INTERRUPTED, OK, USAGE, UsageError
from pyrum_sync.cli.streams import complain, make_safe
from pyrum_sync.errors import HandshakeError, RumorError, RumorNotFound

# Subcommands that run the engine, which parses their arguments: the network that it is on by default, and the help.
_ENGINES: Final = {
    "engine": ("tcp", "a Rumor in Python, on libp2p over TCP: bare or serve"),
    "simulator": ("memory", "the same with a network in memory, for scripts and tests: bare or serve"),
}
_LONGEST_OPTION: Final = 60  # characters; a record (ENR) has over 90


def _modules() -> tuple[ModuleType, ...]:
    """The other subcommands, in the order of the help."""
    from pyrum_sync.cli import commands, demo, enr, probe

    return demo, probe, enr, commands


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        argv: its words; those of this process by default.
    Returns: the exit status.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    make_safe()
    if sys.stdout is None:
        complain("standard output is closed, so there is nowhere to write to")
        return USAGE
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (UsageError, RumorNotFound, HandshakeError) as error:
        complain(str(error))
        return USAGE
    except RumorError as error:
        complain(str(error))
        return FAILED
    except BrokenPipeError:  # the reader of our output has gone, and knows
        _drop_output()
        return FAILED
    except OSError as error:  # a full disk, say
        if error.filename is None:
            _drop_output()
        complain(f"cannot write {error.filename or 'the output'}: {error.strerror or error}")
        return FAILED


def _run(arguments: list[str]) -> int:
    try:
        if arguments and arguments[0] in _ENGINES:
            from pyrum_sync.engine.main import main as run_engine

            return run_engine(arguments[1:], _ENGINES[arguments[0]][0])
        options = _parser().parse_args(list(map(_with_scheme, arguments)))
        status: int = options.run(options)
    except SystemExit as done:  # --help, --version, or bad usage, which argparse has reported
        status = done.code if isinstance(done.code, int) else OK
    sys.stdout.flush()
    return status


def _drop_output() -> None:
    """Let go of what could not be written: the interpreter would try again at its end, and complain."""
    with suppress(OSError):  # no file at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _with_scheme(argument: str) -> str:
    """A record begins with `-` where its `enr:` is left out: argparse would take it for an option."""
    bare = (
        len(argument) > _LONGEST_OPTION and argument[0] == "-" and argument.replace("_", "-").replace("-", "").isalnum()
    )
    return f"enr:{argument}" if bare else argument


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pyrum-sync",
        description="A client for Rumor, the Eth2 networking shell. `pyrum-sync COMMAND --help` says more of each.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in _modules():
        module.add(commands)
    for name, (_, text) in _ENGINES.items():
        commands.add_parser(name, help=text, add_help=False)
    return parser
