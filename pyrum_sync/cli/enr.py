"""``pyrum-sync enr``: Ethereum node records, to read."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from pyrum_sync.cli.options import FAILED, OK, Commands
from pyrum_sync.cli.streams import complain

if TYPE_CHECKING:
    from pyrum_sync.spec.enr import Record


def add(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "enr",
        help="show Ethereum node records (ENR)",
        description="Shows what Ethereum node records say: who the node is, where it is, which fork it is on. The "
        "signature of each is checked. `-` stands for standard input: one on each line, or YAML as networks publish "
        "theirs; # begins a comment.",
        epilog="Exit status: 0, or 1 if a record is not valid; the others are shown all the same.",
    )
    parser.add_argument("records", metavar="RECORD", nargs="+", help="a record: enr:…, or its base64url alone")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each record")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show the records; returns the exit status."""
    from pyrum_sync.cli.probe_input import addresses_of
    from pyrum_sync.spec.enr import Record

    status = OK
    shown = 0
    for text in addresses_of(options.records):
        try:
            record = Record.parse(text)
        except ValueError as error:
            complain(f"{_short(text)}: {error}")
            status = FAILED
            continue
        if options.json:
            print(json.dumps(record.to_dict()))
        else:
            _show(record, first=not shown)
        shown += 1
    return status


def _show(record: Record, *, first: bool) -> None:
    from pyrum_sync.spec.enr_view import describe

    rows = describe(record, _fork_of)
    width = max(len(name) for name, _ in rows)
    if not first:
        print()
    for name, text in rows:
        print(f"{name:{width}}  {text}")


def _fork_of(digest: bytes) -> str | None:
    from pyrum_sync.spec.networks import NETWORKS

    for network in NETWORKS.values():
        fork = network.fork_of(digest)
        if fork is not None:
            return f"{network.name}, {fork}"
    return None


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
