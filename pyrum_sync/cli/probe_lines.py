"""Reports as lines, each as soon as it is there: JSON objects, and CSV."""

from __future__ import annotations

import csv
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pyrum_sync.probing.report import STAGES
from pyrum_sync.probing.text import one_line

if TYPE_CHECKING:
    from pyrum_sync.probing import PeerReport


class Output(ABC):
    """Where the reports of a run go."""

    @contextmanager
    def showing(self, addresses: Sequence[str] | None) -> Iterator[None]:  # noqa: ARG002 - the table needs to know
        """While the peers are probed. `addresses` are those of a round, None if they are not known yet."""
        yield

    @abstractmethod
    def take(self, report: PeerReport) -> None:
        """A peer is done."""

    def end_of_round(self) -> None:  # noqa: B027 - most have nothing to do
        """All peers are done, those that are watched for this time."""

    def close(self) -> None:  # noqa: B027
        """The run is over, or was interrupted."""


class JsonLines(Output):
    """One JSON object on each line."""

    def take(self, report: PeerReport) -> None:
        print(json.dumps(report.to_dict()), flush=True)


_STAGES: Final = STAGES[1:]
COLUMNS: Final = (
    "addr", "peer_id", "agent", "network", "fork", "fork_digest", "head_slot", "head_age", "finalized_epoch",
    "custody_groups", *(f"{stage}_ms" for stage in _STAGES), "goodbye", "stage", "error", "asked_at",
)  # fmt: skip


class CsvLines(Output):
    """A row for each peer; times in milliseconds, `head_age` in slots."""

    def __init__(self) -> None:
        # Its lines end as the platform's text does: `csv` would add a CR of its own.
        self._writer = csv.writer(sys.stdout, lineterminator="\n")
        self._begun = False

    def take(self, report: PeerReport) -> None:
        if not self._begun:
            self._writer.writerow(COLUMNS)
            self._begun = True
        self._writer.writerow(row(report))
        sys.stdout.flush()


def row(report: PeerReport) -> list[Any]:
    """Returns the cells of COLUMNS; what is not known is empty."""
    status, digest = report.status, report.fork_digest
    cells: list[Any] = [
        report.addr,
        report.peer_id,
        report.agent,
        report.network,
        report.fork,
        None if digest is None else "0x" + digest.hex(),
        None if status is None else int(status.head_slot),
        report.head_age,
        None if status is None else int(status.finalized_epoch),
        report.custody_groups,
        *(f"{report.rtt[stage] * 1000:.3f}" if stage in report.rtt else None for stage in _STAGES),
        report.goodbye,
        report.stage,
        report.error,
        None if report.asked_at is None else f"{report.asked_at:.3f}",
    ]
    return ["" if cell is None else one_line(str(cell)) for cell in cells]
