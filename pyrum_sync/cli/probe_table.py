"""The reports as a table on a terminal: by rich where it is installed, else plain."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pyrum_sync.cli.probe_cells import COLUMNS, LEGEND, WIDE, cells, summary, unfinished
from pyrum_sync.cli.probe_lines import Output
from pyrum_sync.cli.streams import speaks

if TYPE_CHECKING:
    from pyrum_sync.probing import PeerReport

_MANY: Final = 5  # peers from which on progress is shown
_CLEAR: Final = "\x1b[H\x1b[2J"


class Table(Output):
    """A table at the end of a round, in the order of the addresses; a progress bar until then, if there are many.

    Args:
        watching: whether there are rounds without end; each table then takes the place of the one before.
    """

    def __init__(self, *, watching: bool = False) -> None:
        try:
            import rich
        except ImportError:
            self._rich: Any = None
        else:
            self._rich = rich
        self._watching = watching
        self._addresses: Sequence[str] = ()
        self._reports: defaultdict[str, list[PeerReport]] = defaultdict(list)
        self._advance: Any = None
        self._shown = 0

    @contextmanager
    def showing(self, addresses: Sequence[str] | None) -> Iterator[None]:
        self._addresses = addresses or ()
        try:
            with self._progress(len(self._addresses)):
                yield
        finally:
            if self._reports or not self._shown:
                self._show(interrupted=sys.exc_info()[0] is not None)  # also after Ctrl-C: what is known by then

    @contextmanager
    def _progress(self, total: int) -> Iterator[None]:
        if self._rich is None or total < _MANY or self._watching or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("probing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            self._advance = partial(progress.advance, progress.add_task("probing", total=total))
            yield

    def take(self, report: PeerReport) -> None:
        self._reports[report.addr].append(report)
        if self._advance is not None:
            self._advance()

    def end_of_round(self) -> None:
        if self._watching:
            sys.stdout.write(_CLEAR)
            try:
                self._show(interrupted=False)
            finally:
                self._reports.clear()

    def _show(self, *, interrupted: bool) -> None:
        reports = {addr: list(found) for addr, found in self._reports.items()}
        if interrupted and not reports:
            return
        rows: list[tuple[tuple[str, ...], str]] = []
        done: list[PeerReport] = []
        plain = not speaks(sys.stdout, LEGEND + "▁█…")
        for addr in self._addresses:
            if reports.get(addr):
                report = reports[addr].pop(0)
                done.append(report)
                rows.append((cells(report, ascii_only=plain), "green" if report.ok else "red"))
            else:
                rows.append((unfinished(addr), "yellow"))
        self._shown += 1
        ending = summary(done, len(rows))
        if self._watching:
            ending += time.strftime(", at %H:%M:%S")
        if self._rich is not None:
            _print_rich(rows, ending)
        else:
            _print_plain(rows, ending)


def _print_rich(rows: Sequence[tuple[tuple[str, ...], str]], ending: str) -> None:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    console = Console()
    shown = [column for column in COLUMNS if console.width >= WIDE or not column.wide]
    table = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in shown:
        table.add_column(
            column.name,
            justify="right" if column.right else "left",
            no_wrap=column.name != "result",
            overflow="fold" if column.name == "result" else "ellipsis",
        )
    for row, colour in rows:
        # Text, because rich would take what stands in brackets for markup.
        table.add_row(
            *(
                Text(cell, style=colour if column.name == "result" else "")
                for cell, column in zip(row, COLUMNS, strict=True)
                if column in shown
            )
        )
    console.print(table)
    console.print(ending, highlight=False)
    console.print(LEGEND, style="dim", highlight=False)


def _print_plain(rows: Sequence[tuple[tuple[str, ...], str]], ending: str) -> None:
    lines = [tuple(column.name for column in COLUMNS), *(row for row, _ in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        aligned = (
            cell.rjust(width) if column.right else cell.ljust(width)
            for cell, width, column in zip(line, widths, COLUMNS, strict=True)
        )
        print("  ".join(aligned).rstrip())
    print(ending)
    print(LEGEND)
    print("For colours and a progress bar: pip install 'pyrum-sync[cli]'", file=sys.stderr)
