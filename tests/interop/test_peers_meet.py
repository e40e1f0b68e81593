"""The peer programs meet each other: so they, and the cases, are known to be right before ours takes a side."""

from __future__ import annotations

import pytest

from . import cases
from .conftest import Start
from .hosts import PeerHost
from .peer import Peer

Programs = tuple[str, ...]

GO: Programs = ("go",)
GO_LATE: Programs = ("go", "--early=false")
JS: Programs = ("js",)
RUST: Programs = ("rust",)
RUST_LAZY: Programs = ("rust", "--lazy", "true")
JS_MPLEX: Programs = ("js", "--muxer", "mplex", "--mplex-streams-a-second", "1000")
RUST_MPLEX: Programs = ("rust", "--muxer", "mplex")

PAIRS = [
    (GO, JS), (JS, GO), (GO, RUST), (RUST, GO), (JS, RUST), (RUST, JS), (JS_MPLEX, RUST_MPLEX), (RUST_MPLEX, JS_MPLEX),
    (GO, GO_LATE), (GO_LATE, GO), (RUST_LAZY, GO), (JS, GO_LATE),
]  # fmt: skip


def meet(start: Start, ours: Programs, theirs: Programs) -> tuple[PeerHost, Peer]:
    """Two programs, the first of which has dialled."""
    host, peer = PeerHost(start(*ours)), start(*theirs)
    assert host.dial(peer.addr) == peer.peer_id
    peer.event("connected", peer=host.peer_id)
    return host, peer


def named(pair: tuple[Programs, Programs]) -> str:
    return " dials ".join(" ".join(each).replace("--", "") for each in pair)


@pytest.mark.parametrize("pair", PAIRS, ids=named)
@pytest.mark.parametrize("case", cases.CASES, ids=cases.name)
def test_case(start: Start, case: cases.Case, pair: tuple[Programs, Programs]) -> None:
    if case is cases.reset and RUST_MPLEX in pair:
        pytest.skip("rust-libp2p over mplex sends a reset late, and reads one as an end")
    case(*meet(start, *pair))


@pytest.mark.parametrize("pair", PAIRS, ids=named)
@pytest.mark.parametrize("case", cases.LOADS, ids=cases.name)
def test_load(start: Start, case: cases.Case, pair: tuple[Programs, Programs]) -> None:
    case(*meet(start, *pair))
