"""``pyrum-sync probe``: what peers say of themselves, as a table, lines of JSON, CSV, or a picture."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from pyrum_sync.cli.options import FAILED, OK, Commands, UsageError, add_connection_options, connection, seconds
from pyrum_sync.cli.probe_input import addresses_of
from pyrum_sync.cli.probe_lines import CsvLines, JsonLines, Output
from pyrum_sync.probing.text import one_line
from pyrum_sync.transports.locks import SafeLock

if TYPE_CHECKING:
    from pyrum_sync.probing import PeerReport
    from pyrum_sync.spec.network import Network

_MOST_UNFINISHED: Final = 20  # addresses that are listed after Ctrl-C


def add(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "probe",
        help="connect to peers, and show who they are, what they speak, and how fast they answer",
        description="Connects to each peer, identifies it, asks for its status and its metadata, pings it, measures "
        "how long each answer takes, says goodbye and hangs up. Shows a table on a terminal, else one JSON object for "
        "each peer, as soon as it is done.",
        epilog="Exit status: 0 if all peers answered everything, 1 if some did not, 2 for bad usage or if there is no "
        "Rumor, 130 after Ctrl-C.",
    )
    parser.add_argument(
        "addresses",
        metavar="ADDR",
        nargs="+",
        help="a multiaddr with a peer id (/ip4/1.2.3.4/tcp/9000/p2p/16Uiu2HA...) or an ENR (enr:-...); - stands for a "
        "list on standard input: one on each line, or YAML as networks publish theirs; # begins a comment",
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_more_than_nothing,
        default=10.0,
        help="for each peer, all in all (default: 10)",
    )
    parser.add_argument(
        "--concurrency",
        metavar="N",
        type=_at_least_one,
        default=64,
        help="how many peers at a time (default: 64)",
    )
    parser.add_argument("--parallel", dest="concurrency", type=_at_least_one, help=argparse.SUPPRESS)
    parser.add_argument(
        "--network",
        metavar="NAME",
        type=_network,
        help="mainnet, sepolia, holesky or hoodi: our Status has its fork digest, for peers whose address is no record",
    )
    parser.add_argument(
        "--watch",
        metavar="SECONDS",
        type=seconds,
        help="probe again at this interval, until Ctrl-C; 0: without a pause",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="JSON lines on a terminal, too")
    form.add_argument("--csv", action="store_true", help="CSV, with a row for each peer")
    parser.add_argument(
        "--picture", metavar="FILE.svg", type=Path, help="draw the round trips by client and the heads by fork"
    )
    add_connection_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Probe the peers; returns the exit status."""
    from pyrum_sync.probing import probe_many

    connection(options)  # what is wrong with the options is said before anything is read or written
    out, lazy = _output(options)
    addrs: Iterable[str] = addresses_of(options.addresses)
    if not lazy or options.watch is not None:
        addrs = list(addrs)
        if not addrs:
            raise UsageError("there is no address on standard input")
    rounds = _Rounds(addrs, options.watch)
    reports = probe_many(
        rounds.addresses(),
        concurrency=options.concurrency,
        timeout=options.timeout,
        connect=partial(connection, options),
        network=options.network,
    )
    failed = 0
    try:
        with out.showing(None if isinstance(addrs, Iterator) else list(addrs)):
            for report in reports:
                failed += not report.ok
                over = rounds.finished(report)  # first: what is shown is never listed as not finished
                out.take(report)
                if over:
                    out.end_of_round()
    except KeyboardInterrupt:
        _list_unfinished(rounds.unfinished())
        raise
    finally:
        rounds.stop()
        reports.close()  # type: ignore[attr-defined]
        out.close()
    if not rounds.count:
        raise UsageError("there is no address on standard input")
    return FAILED if failed else OK


class _Rounds:
    """Hands out the addresses, round after round, and knows which are not finished."""

    def __init__(self, addrs: Iterable[str], every: float | None) -> None:
        self._addrs = addrs
        self._every = every
        self.count = 0
        """How many addresses were handed out."""
        self._finished = 0
        self._read_all = False
        self._lock = SafeLock()
        self._open: Counter[str] = Counter()
        # Queues, as a signal can leave the lock of an Event held.
        self._next_round: SimpleQueue[None] = SimpleQueue()  # gets an item when a round is over
        self._stopped: SimpleQueue[None] = SimpleQueue()

    def addresses(self) -> Iterator[str]:
        """The addresses; in another thread. After a round it waits for the next."""
        while True:
            began = time.monotonic()
            for addr in self._addrs:
                with self._lock:
                    self.count += 1
                    self._open[addr] += 1
                yield addr
            with self._lock:
                self._read_all = True
                if self._finished == self.count:
                    self._next_round.put(None)
            if self._every is None:
                return
            self._next_round.get()
            with suppress(Empty):
                self._stopped.get(timeout=max(0.0, began + self._every - time.monotonic()))
                return
            self._read_all = False

    def finished(self, report: PeerReport) -> bool:
        """Note that an address is finished. Returns whether that was the last one of its round."""

        def finish() -> bool:
            self._finished += 1
            self._open[report.addr] -= 1
            if not self._open[report.addr]:
                del self._open[report.addr]
            return self._read_all and self._finished == self.count

        over = self._lock.run(finish)
        if over:
            self._next_round.put(None)
        return over

    def unfinished(self) -> list[str]:
        """Those that were handed out, and for which no report came."""
        return self._lock.run(lambda: list(self._open.elements()))

    def stop(self) -> None:
        """There will be no further round."""
        self._stopped.put(None)
        self._next_round.put(None)


def _list_unfinished(addrs: list[str]) -> None:
    """Say on stderr which peers have no report."""
    if not addrs:
        return
    print(f"pyrum-sync: interrupted; not finished ({len(addrs)}):", file=sys.stderr)
    for addr in addrs[:_MOST_UNFINISHED]:
        print(f"  {one_line(addr)}", file=sys.stderr)
    if len(addrs) > _MOST_UNFINISHED:
        print(f"  and {len(addrs) - _MOST_UNFINISHED} more", file=sys.stderr)


def _output(options: argparse.Namespace) -> tuple[Output, bool]:
    """Where the reports go, and whether the addresses may be read as they are needed."""
    out: Output
    if options.csv:
        out, lazy = CsvLines(), True
    elif options.json or not sys.stdout.isatty():
        out, lazy = JsonLines(), True
    else:
        from pyrum_sync.cli.probe_table import Table

        out, lazy = Table(watching=options.watch is not None), False
    if options.picture is not None:
        from pyrum_sync.cli.probe_picture import WithPicture

        out = WithPicture(out, options.picture)
    return out, lazy


def _more_than_nothing(text: str) -> float:
    if not seconds(text) > 0:
        raise ValueError(text)
    return float(text)


def _at_least_one(text: str) -> int:
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def _network(text: str) -> Network:
    from pyrum_sync.probing.single import network_of

    try:
        found = network_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    assert found is not None
    return found


_more_than_nothing.__name__ = "number of seconds"  # argparse's word for it
_at_least_one.__name__ = "number"
