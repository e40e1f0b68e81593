"""A run of probes as one SVG picture: the round trips by client, and the heads by fork."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyrum_sync.cli.options import UsageError
from pyrum_sync.cli.probe_lines import Output
from pyrum_sync.probing.text import milliseconds, one_line

if TYPE_CHECKING:
    from pyrum_sync.probing import PeerReport

_MOST_ROWS: Final = 12  # clients, and forks; the rest are drawn as one
_MOST_DOTS: Final = 400  # of a row
_LEFT, _WIDTH, _ROW, _TOP = 200, 520, 26, 56
_FASTEST, _SLOWEST = 0.0005, 10.0  # seconds at the ends of the scale
_TICKS: Final = (0.001, 0.01, 0.1, 1.0, 10.0)
_AGES: Final = ((0, "in step"), (2, "2 to 7 slots"), (8, "8 to 31"), (32, "32 and more"))  # the least of each bin
_COLOURS: Final = ("#2b6a99", "#7aa6c2", "#d8a95b", "#b5532a", "#999999")
_OTHERS: Final = "others"
_UNKNOWN: Final = "not known"


class WithPicture(Output):
    """Passes the reports on to another output, and draws the newest round when it is over.

    Raises:
        UsageError: the file cannot be written; before anything is probed.
    """

    def __init__(self, out: Output, path: Path) -> None:
        self._out = out
        self._path = path
        self._picture = Picture()
        self._round_over = False
        self._write("")

    @contextmanager
    def showing(self, addresses: Sequence[str] | None) -> Iterator[None]:
        with self._out.showing(addresses):
            yield

    def take(self, report: PeerReport) -> None:
        if self._round_over:
            self._picture, self._round_over = Picture(), False
        self._picture.add(report)
        self._out.take(report)

    def end_of_round(self) -> None:
        self._round_over = True
        self._write(self._picture.draw())
        self._out.end_of_round()

    def close(self) -> None:
        self._write(self._picture.draw())
        self._out.close()

    def _write(self, text: str) -> None:
        try:
            self._path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"the picture cannot be written to {self._path}: {error.strerror}") from error


class Picture:
    """What is drawn of a run; it keeps two numbers of each peer."""

    def __init__(self) -> None:
        self._pings: defaultdict[str, list[float]] = defaultdict(list)
        self._heads: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._total = self._answered = 0

    def add(self, report: PeerReport) -> None:
        """Take a peer into the picture."""
        self._total += 1
        self._answered += report.ok
        ping = report.rtt.get("ping")
        if ping is not None:
            self._pings[one_line((report.agent or _UNKNOWN).partition("/")[0])[:24]].append(ping)
        digest = report.fork_digest
        if report.status is not None and digest is not None:
            fork = f"{report.network} {report.fork}" if report.network is not None else "0x" + digest.hex()
            self._heads[fork][_bin(report.head_age)] += 1

    def draw(self) -> str:
        """Returns the picture, a whole SVG file."""
        pings, heads = _largest(self._pings), self._largest_heads()
        second = _TOP + _ROW * max(1, len(pings)) + 70
        height = second + _ROW * max(1, len(heads)) + 66
        width = _LEFT + _WIDTH + 90
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            'font-family="sans-serif" font-size="12">',
            f"<title>Peers probed with pyrum_sync: {self._answered} of {self._total} answered everything</title>",
            '<rect width="100%" height="100%" fill="white"/>',
            f'<text x="10" y="20" font-size="14">Round trips of a ping by client (line: median); '
            f"{self._answered} of {self._total} peers answered everything</text>",
            *_scale(_TOP, len(pings)),
        ]
        for number, (client, values) in enumerate(pings):
            parts += _ping_row(_TOP + number * _ROW, client, values)
        parts.append(f'<text x="10" y="{second - 20}" font-size="14">Heads by fork: slots behind the clock</text>')
        most = max((sum(ages.values()) for _, ages in heads), default=1)
        for number, (fork, ages) in enumerate(heads):
            parts += _head_row(second + number * _ROW, fork, ages, most)
        parts += _legend(height - 18)
        return "\n".join([*parts, "</svg>"]) + "\n"

    def _largest_heads(self) -> list[tuple[str, Counter[int]]]:
        ordered = sorted(self._heads.items(), key=lambda item: (-sum(item[1].values()), item[0]))
        shown, rest = ordered[:_MOST_ROWS], ordered[_MOST_ROWS:]
        if rest:
            shown.append((_OTHERS, sum((ages for _, ages in rest), Counter[int]())))
        return shown


def _largest(pings: dict[str, list[float]]) -> list[tuple[str, list[float]]]:
    ordered = sorted(pings.items(), key=lambda item: (-len(item[1]), item[0]))
    shown, rest = ordered[:_MOST_ROWS], ordered[_MOST_ROWS:]
    if rest:
        shown.append((_OTHERS, [value for _, values in rest for value in values]))
    return shown


def _bin(age: int | None) -> int:
    if age is None:
        return len(_AGES)
    return max((number for number, (least, _) in enumerate(_AGES) if age >= least), default=0)


def _x(seconds: float) -> float:
    share = log10(min(max(seconds, _FASTEST), _SLOWEST) / _FASTEST) / log10(_SLOWEST / _FASTEST)
    return _LEFT + _WIDTH * share


def _scale(top: float, rows: int) -> Iterator[str]:
    bottom = top + _ROW * max(1, rows)
    for tick in _TICKS:
        yield f'<path d="M{_x(tick):.1f} {top - 12}V{bottom}" stroke="#ddd"/>'
        text = milliseconds(tick) if tick < 1 else f"{tick:g} s"
        yield f'<text x="{_x(tick):.1f}" y="{bottom + 14}" text-anchor="middle" fill="#666">{text}</text>'


def _ping_row(y: float, client: str, values: list[float]) -> Iterator[str]:
    middle, median = y + _ROW / 2 - 4, statistics.median(values)
    yield f'<text x="{_LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(client)} ({len(values)})</text>'
    step = max(1, -(-len(values) // _MOST_DOTS))
    for number, value in enumerate(sorted(values)[::step]):
        offset = (number % 5 - 2) * 2.5  # so that equal ones do not cover each other
        yield f'<circle cx="{_x(value):.1f}" cy="{middle + offset:.1f}" r="2.5" fill="{_COLOURS[0]}" opacity="0.5"/>'
    yield f'<path d="M{_x(median):.1f} {middle - 9}v18" stroke="black" stroke-width="2"/>'
    yield f'<text x="{_LEFT + _WIDTH + 8}" y="{middle + 4}">{milliseconds(median)}</text>'


def _head_row(y: float, fork: str, ages: Counter[int], most: int) -> Iterator[str]:
    total, x = sum(ages.values()), float(_LEFT)
    yield f'<text x="{_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(fork)}</text>'
    for number in range(len(_AGES) + 1):
        width = _WIDTH * ages[number] / most
        if width:
            yield f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_ROW - 8}" fill="{_COLOURS[number]}"/>'
        x += width
    yield f'<text x="{x + 6:.1f}" y="{y + 13}">{total}</text>'


def _legend(y: float) -> Iterator[str]:
    x = _LEFT
    for number, name in enumerate([*(name for _, name in _AGES), "age not known"]):
        yield f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{_COLOURS[number]}"/>'
        yield f'<text x="{x + 16}" y="{y}">{name}</text>'
        x += 108
