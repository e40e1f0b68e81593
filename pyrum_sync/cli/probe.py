"""``pyrum-sync probe``: what peers say of themselves, as a table or as lines of JSON."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from pyrum_sync.cli.options import FAILED, OK, Commands, UsageError, add_connection_options, connection, seconds
from pyrum_sync.client.rumor import Rumor
from pyrum_sync.errors import ConnectionLost
from pyrum_sync.probing import PeerReport, probe

_MANY: Final = 5  # peers from which on progress is shown
_COLUMNS: Final = ("address", "peer id", "agent", "fork", "finalized", "head", "ping", "result")
_NUMBERS: Final = frozenset(("finalized", "head", "ping"))
_WIDE_ONLY: Final = frozenset(("peer id", "fork", "finalized"))  # columns for which a usual terminal has no room
_WIDE: Final = 110
_ADDRESS = re.compile(r"/(?:ip4|ip6|dns\d?|dnsaddr)/([^/]+)(?:/(?:tcp|udp)/(\d+))?")


def add(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "probe",
        help="connect to peers, and tell who they are, what they speak, and how fast they answer",
        description="Connect to each peer, identify it, ping it, ask for its status and its metadata, measure how long "
        "each answer takes, say goodbye and hang up. Shows a table on a terminal, else one JSON object for each peer, "
        "as soon as it is done.",
        epilog="Exit status: 0 if all peers answered everything, 1 if some did not, 2 for bad usage or if there is no "
        "Rumor, 130 after Ctrl-C.",
    )
    parser.add_argument(
        "addresses",
        metavar="ADDR",
        nargs="+",
        help="a multiaddr with a peer id (/ip4/1.2.3.4/tcp/9000/p2p/16Uiu2HA…) or an ENR (enr:-…); - stands for a list "
        "on standard input, one on each line, where # begins a comment",
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_more_than_nothing,
        default=10.0,
        help="for each peer, all in all (default: 10)",
    )
    parser.add_argument(
        "--parallel", metavar="N", type=_at_least_one, default=16, help="so many peers at a time (default: 16)"
    )
    parser.add_argument("--json", action="store_true", help="JSON lines on a terminal, too")
    add_connection_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Probe the peers; returns the exit status."""
    addresses = list(_addresses(options.addresses))
    if not addresses:
        raise UsageError("there is no address on standard input")
    conn = connection(options)
    out = _Lines() if options.json or not sys.stdout.isatty() else _Table()
    failed = 0
    # The pool outside, the Rumor inside: after Ctrl-C it is closed first, which ends the waits of the pool's threads.
    with (
        out.showing(addresses),
        ThreadPoolExecutor(min(options.parallel, len(addresses))) as pool,
        Rumor(conn) as rumor,
    ):
        under_way = {pool.submit(partial(probe, rumor, addr, timeout=options.timeout)): addr for addr in addresses}
        try:
            for future in as_completed(tuple(under_way)):
                report = _report(under_way.pop(future), future)
                failed += not report.ok
                out.take(report)
        except KeyboardInterrupt:
            for future in under_way:
                if not future.cancel() and future.done() and future.exception() is None:
                    out.take(future.result())
            raise
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return FAILED if failed else OK


def _report(addr: str, future: Future[PeerReport]) -> PeerReport:
    try:
        return future.result()
    except ConnectionLost as error:  # not the peer's fault, or a peer that Rumor could not bear
        return PeerReport(addr, error=str(error))


def _addresses(given: Iterable[str]) -> Iterator[str]:
    for addr in given:
        if addr != "-":
            yield addr
            continue
        try:
            lines = sys.stdin.read().splitlines()
        except UnicodeDecodeError as error:
            raise UsageError(f"standard input is no text: {error}") from error
        yield from filter(None, (line.partition("#")[0].strip() for line in lines))


def _more_than_nothing(text: str) -> float:
    if not seconds(text) > 0:
        raise ValueError(text)
    return float(text)


def _at_least_one(text: str) -> int:
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


_more_than_nothing.__name__ = "number of seconds"  # argparse's word for it
_at_least_one.__name__ = "number"


# -- output -----------------------------------------------------------------------------------------------------------


class _Lines:
    """One JSON object a line, as soon as it is known."""

    @contextmanager
    def showing(self, addresses: Sequence[str]) -> Iterator[None]:  # noqa: ARG002 - the table needs to know
        yield

    def take(self, report: PeerReport) -> None:
        print(json.dumps(report.to_dict()), flush=True)


class _Table:
    """A table at the end, in the order of the addresses; a progress bar till then, if there are many."""

    def __init__(self) -> None:
        try:
            import rich
        except ImportError:
            self._rich: Any = None
        else:
            self._rich = rich
        self._reports: dict[str, PeerReport] = {}
        self._advance: Any = None

    @contextmanager
    def showing(self, addresses: Sequence[str]) -> Iterator[None]:
        try:
            with self._progress(len(addresses)):
                yield
        finally:
            # Also after Ctrl-C: what is known by then.
            rows = [self._reports[addr] for addr in dict.fromkeys(addresses) if addr in self._reports]
            if rows and self._rich is not None:
                _print_rich(rows)
            elif rows:
                _print_plain(rows)

    @contextmanager
    def _progress(self, total: int) -> Iterator[None]:
        if self._rich is None or total < _MANY or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("probing", total=total)
            self._advance = partial(progress.advance, task)
            yield

    def take(self, report: PeerReport) -> None:
        self._reports[report.addr] = report
        if self._advance is not None:
            self._advance()


def _cells(report: PeerReport) -> tuple[str, ...]:
    """A row of the table. What peers say may hold anything; none of it may steer the terminal."""
    status, ping = report.status, report.rtt.get("ping")
    cells = (
        _address(report.addr),
        "…" + report.peer_id[-8:] if report.peer_id else "",
        _short(report.agent or "", 20),
        bytes(status.fork_digest).hex() if status is not None else "",
        str(status.finalized_epoch) if status is not None else "",
        str(status.head_slot) if status is not None else "",
        f"{ping * 1000:.1f} ms" if ping is not None else "",
        "ok" if report.ok else f"{report.stage}: {_brief(str(report.error))}",
    )
    return tuple(_harmless(cell) for cell in cells)


def _address(addr: str) -> str:
    found = _ADDRESS.match(addr)
    return _short(":".join(filter(None, found.groups())) if found else addr, 24)


def _brief(error: str) -> str:
    """Of an error that tells of several addresses, what was wrong with the last one."""
    lines = error.strip().splitlines()
    return lines[-1].partition("] ")[2] or lines[-1] if len(lines) > 1 else error


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _harmless(text: str) -> str:
    """`text` on one line, and without anything that a terminal would obey."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "replace").decode()
        for char in " ".join(text.split())
    )


def _print_rich(reports: Sequence[PeerReport]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    hidden = _WIDE_ONLY if console.width < _WIDE else frozenset()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in _COLUMNS:
        if name not in hidden:
            table.add_column(
                name, justify="right" if name in _NUMBERS else "left", no_wrap=name != "result", overflow="ellipsis"
            )
    for report in reports:
        style = {"result": "green" if report.ok else "red"}
        # Text, because rich would take what stands in brackets for markup.
        cells = zip(_COLUMNS, _cells(report), strict=True)
        table.add_row(*(Text(cell, style=style.get(name, "")) for name, cell in cells if name not in hidden))
    console.print(table)
    console.print(_summary(reports), highlight=False)


def _print_plain(reports: Sequence[PeerReport]) -> None:
    rows = [_COLUMNS, *map(_cells, reports)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if name in _NUMBERS else cell.ljust(width)
            for cell, width, name in zip(row, widths, _COLUMNS, strict=True)
        )
        print("  ".join(cells).rstrip())
    print(_summary(reports))
    print("For colours and a progress bar: pip install 'pyrum-sync[cli]'", file=sys.stderr)


def _summary(reports: Sequence[PeerReport]) -> str:
    return f"{sum(report.ok for report in reports)} of {len(reports)} answered everything"
