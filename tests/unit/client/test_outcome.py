"""How a call ended: only Rumor's word is a success."""

from __future__ import annotations

import pytest

from pyrum_sync import CallError, ConnectionLost
from tests.support.peers import ScriptedServer


def test_freed_without_success_is_no_success(peer: ScriptedServer) -> None:
    """So does a Rumor that panics in a command, on its way down."""
    with peer.rumor() as rumor:
        call = rumor.nowait.host.view()
        call_id = peer.call()
        peer.data(call_id, msg="Peer ID")
        peer.freed(call_id)
        peer.hang_up()
        for read in (call.wait, call.finished, lambda: list(call.addr), call.addr):
            with pytest.raises(CallError, match="without saying that it succeeded") as caught:
                read()
            assert caught.value.entry is not None
        assert next(call.entries())["msg"] == "Peer ID"
        assert call.done
        with pytest.raises(ConnectionLost):
            rumor.sleep("1ns")
