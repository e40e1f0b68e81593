"""What stands in the table of `pyrum-sync probe`. Peers may write anything; none of it may steer the terminal."""

from __future__ import annotations

import re
from math import log10
from typing import TYPE_CHECKING, Final, NamedTuple

from pyrum_sync.probing.addresses import Target
from pyrum_sync.probing.report import STAGES
from pyrum_sync.probing.text import milliseconds, one_line

if TYPE_CHECKING:
    from pyrum_sync.probing import PeerReport


class Column(NamedTuple):
    """A column of the table."""

    name: str
    right: bool = False
    """Whether its cells stand at the right, as numbers do."""
    wide: bool = False
    """Whether it is left out on a narrow terminal."""


COLUMNS: Final = (
    Column("address"),
    Column("client"),
    Column("network"),
    Column("head", right=True),
    Column("age", right=True),
    Column("custody", right=True, wide=True),
    Column("round trips"),
    Column("result"),
)
WIDE: Final = 110  # characters of a terminal from which on all columns are shown

_ADDRESS: Final = re.compile(r"/(?:ip4|ip6|dns\d?|dnsaddr)/([^/]+)(?:/(?:tcp|udp)/(\d+))?")
_BARS: Final = "▁▂▃▄▅▆▇█"
_ASCII_BARS: Final = "_.-=+*%#"
_NO_BAR: Final = " "
_FASTEST, _SLOWEST = 0.001, 10.0  # seconds, of the lowest bar and of the highest
_STAGES: Final = STAGES[1:]
LEGEND: Final = "round trips: a bar each for " + ", ".join(_STAGES) + "; from 1 ms to 10 s, logarithmic; then the ping"


def cells(report: PeerReport, *, ascii_only: bool = False) -> tuple[str, ...]:
    """Returns the row of a report: a text for each of COLUMNS."""
    status, age, custody = report.status, report.head_age, report.custody_groups
    row = (
        _address(report),
        _short(_client(report.agent or ""), 22),
        _network(report),
        "" if status is None else str(int(status.head_slot)),
        "" if age is None else str(age),
        "" if custody is None else str(custody),
        _round_trips(report, _ASCII_BARS if ascii_only else _BARS),
        result(report),
    )
    return tuple(
        one_line(cell) if name != "round trips" else cell for cell, (name, *_) in zip(row, COLUMNS, strict=True)
    )


def result(report: PeerReport) -> str:
    """Returns whether the peer answered everything, or where it stopped and why."""
    if not report.ok:
        return f"{report.stage}: {report.error}"
    return "ok" if report.goodbye is None else f"ok (first it said goodbye: {report.goodbye_text})"


def summary(reports: list[PeerReport], total: int) -> str:
    """Returns how many answered everything."""
    answered = f"{sum(report.ok for report in reports)} of {total} answered everything"
    missing = total - len(reports)
    return f"{answered}; {missing} not finished" if missing > 0 else answered


def unfinished(addr: str) -> tuple[str, ...]:
    """Returns the row of an address for which there is no report."""
    return (one_line(_place(Target(addr).multiaddr or addr)), *("" for _ in COLUMNS[2:]), "not finished")


def bar(seconds: float | None, bars: str = _BARS) -> str:
    """Returns a time as one character, the higher the longer."""
    if seconds is None:
        return _NO_BAR
    share = log10(min(max(seconds, _FASTEST), _SLOWEST) / _FASTEST) / log10(_SLOWEST / _FASTEST)
    return bars[round(share * (len(bars) - 1))]


def _round_trips(report: PeerReport, bars: str) -> str:
    if not report.rtt:
        return ""
    drawn = "".join(bar(report.rtt.get(stage), bars) for stage in _STAGES)
    ping = report.rtt.get("ping")
    return f"{drawn} {milliseconds(ping)}" if ping is not None else drawn


def _address(report: PeerReport) -> str:
    """Where it was dialled, of a record and an enode address, too."""
    return _place(Target(report.addr).multiaddr or report.addr)


def _place(addr: str) -> str:
    found = _ADDRESS.match(addr)
    return _short(":".join(filter(None, found.groups())) if found else addr, 24)


def _client(agent: str) -> str:
    """The name and the version, without the platform."""
    return "/".join(agent.split("/")[:2])


def _network(report: PeerReport) -> str:
    if report.network is not None:
        return f"{report.network} {report.fork}"
    digest = report.fork_digest
    return "" if digest is None else "0x" + digest.hex()


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
