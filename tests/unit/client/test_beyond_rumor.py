"""What only the engine has: a Go Rumor is never asked, an engine is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pyrum_sync import Actor, CallError, Rumor, SimulatorConn, UnknownCommand
from tests.conftest import HANG
from tests.support.peers import ScriptedServer

PEER = "16Uiu2HAm3cuhhRL2msUuLF62KRSfneFDx94RsuouyW25Ho42cFMq"


@pytest.fixture
def go(peer: ScriptedServer) -> Iterator[Actor]:
    """An actor of a Rumor that does not say that it is an engine."""
    with peer.rumor() as rumor:
        yield rumor.actor("alice")


def test_a_command_is_refused_before_anything_is_sent(peer: ScriptedServer, go: Actor) -> None:
    refused = r"^a Go Rumor has no rpc .*: only the engine has it, see EmbeddedConn$"
    with pytest.raises(UnknownCommand, match=refused):
        go.rpc.blocks_by_head.req.raw(PEER, b"")
    with pytest.raises(UnknownCommand, match=refused):
        go.nowait.rpc.any.listen(protocol="/mine")
    with pytest.raises(UnknownCommand, match=refused):
        go.rpc["light-client-bootstrap"]["close"](0)
    assert peer.no_line()


def test_so_is_a_flag(peer: ScriptedServer, go: Actor) -> None:
    with pytest.raises(UnknownCommand, match=r"no rpc status req raw with the flag version: .* EmbeddedConn"):
        go.rpc.status.req.raw(PEER, b"", version=2)
    with pytest.raises(UnknownCommand, match="rpc blocks-by-root resp chunk raw with the flag context"):
        go.rpc.blocks_by_root.resp.chunk.raw(0, b"", context=b"\1\2\3\4")
    assert peer.no_line()
    go.nowait.rpc.status.req.raw(PEER, b"", version=None)
    assert peer.line().endswith(f"rpc status req raw {PEER} '' &")


def test_an_engine_is_asked() -> None:
    with Rumor(SimulatorConn(), timeout=HANG) as rumor:
        assert rumor.engine is not None
        assert rumor.engine.network == "memory"
        alice = rumor.actor("alice")
        alice.host.start(nat=False)
        with alice.rpc.any.listen(protocol="/mine"), alice.rpc.status.listen(version=2):
            assert len(rumor.calls) == 2
        with pytest.raises(CallError, match="status has no version 9"):
            alice.rpc.status.listen(version=9)
