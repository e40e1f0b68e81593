"""A report as HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from pyrum_sync.probing.text import age, bits, one_line, readable_rtt

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Protocol

    from pyrum_sync.probing.text import Timed
    from pyrum_sync.spec.containers import MetaData, MetaDataV2, MetaDataV3, Status, StatusV2

    class Shown(Timed, Protocol):
        """What the table shows of a report; `report.PeerReport` is one."""

        @property
        def addr(self) -> str: ...
        @property
        def peer_id(self) -> str | None: ...
        @property
        def agent(self) -> str | None: ...
        @property
        def status(self) -> Status | StatusV2 | None: ...
        @property
        def metadata(self) -> MetaData | MetaDataV2 | MetaDataV3 | None: ...
        @property
        def stage(self) -> str: ...
        @property
        def error(self) -> str | None: ...
        @property
        def goodbye(self) -> int | None: ...
        @property
        def ok(self) -> bool: ...
        @property
        def goodbye_text(self) -> str | None: ...
        @property
        def fork_digest(self) -> bytes | None: ...
        @property
        def network(self) -> str | None: ...
        @property
        def fork(self) -> str | None: ...
        @property
        def custody_groups(self) -> int | None: ...


def as_html(report: Shown) -> str:
    """Returns a table with a row for each thing that is known; whatever the peer said stands in it as text."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(text)}</td></tr>"
        for name, text in _rows(report)
    )
    return f"<table><caption>{escape(one_line(report.addr))}</caption>{rows}</table>"


def _rows(report: Shown) -> Iterator[tuple[str, str]]:
    if report.peer_id is not None:
        yield "peer id", one_line(report.peer_id)
    if report.agent is not None:
        yield "client", one_line(report.agent)
    digest = report.fork_digest
    if digest is not None:
        named = f"{report.network}, {report.fork}" if report.network is not None else "not known"
        yield "network and fork", f"{named} (0x{digest.hex()})"
    if report.status is not None:
        yield "head", f"slot {int(report.status.head_slot)}{age(report)}, 0x{bytes(report.status.head_root).hex()}"
        root = bytes(report.status.finalized_root).hex()
        yield "finalized", f"epoch {int(report.status.finalized_epoch)}, 0x{root}"
    if report.metadata is not None:
        yield "attestation subnets", bits(report.metadata.attnets)
        if hasattr(report.metadata, "syncnets"):
            yield "sync subnets", bits(report.metadata.syncnets)
    if report.custody_groups is not None:
        yield "custody groups", str(report.custody_groups)
    if report.rtt:
        yield "round trips", readable_rtt(report)
    if report.goodbye is not None:
        yield "goodbye", f"{report.goodbye}: {report.goodbye_text}"
    yield "result", "everything was answered" if report.ok else f"{report.stage}: {one_line(str(report.error))}"
