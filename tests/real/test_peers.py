"""Rumor's own scenarios connect.rumor, pingpong.rumor and trim.rumor, with the facade."""

from __future__ import annotations

import pytest

from pyrum_sync import Call, Rumor
from tests.real.hosts import pair, start

pytestmark = pytest.mark.rumor


def until(notes: Call, event: str) -> dict[str, object]:
    """The first entry of a ``host notify`` that tells of an event."""
    return next(entry for entry in notes.entries() if entry.get("event") == event)


def test_connect_and_disconnect(rumor: Rumor) -> None:
    alice, bob = rumor.actor("alice"), rumor.actor("bob")
    alice.host.start(nat=False, priv="4fbdc938929d6286339ff996c7d5d374bb11b3d624ee2761af10a4c74002fcea")
    bob.host.start(nat=False)
    hers, his = alice.host.notify("all"), bob.host.notify("connection", "listen")

    alice.host.listen(ip="127.0.0.1", tcp=0)
    bob.host.listen(ip="127.0.0.1", tcp=0)
    assert until(hers, "listen_open")["addr"] == alice.host.view().addr().partition("/p2p/")[0]
    until(his, "listen_open")

    alice_id, bob_id = alice.host.view().peer_id(), bob.host.view().peer_id()
    assert alice_id == "16Uiu2HAm9jTVTnbEp1mXDvcd6eUGAtV9ARPUgkxDVysZtBzQUgnN"  # follows from her key

    connected = bob.peer.connect(alice.host.view().addr())
    assert connected.peer_id() == alice_id
    opened = until(his, "connection_open")
    assert (opened["peer"], opened["direction"]) == (alice_id, "outbound")
    opened = until(hers, "connection_open")
    assert (opened["peer"], opened["direction"]) == (bob_id, "inbound")

    assert list(bob.peer.list(details=True).peers()) == [alice_id]
    info = bob.peer.info(alice_id).data
    assert info["peer_id"] == alice_id
    assert info["user_agent"] == "Rumor"
    assert "/ipfs/id/1.0.0" in info["protocols"]

    bob.peer.disconnect(alice_id)
    assert until(his, "connection_close")["peer"] == alice_id
    assert until(hers, "connection_close")["peer"] == bob_id
    assert bob.peer.list().peers() == []

    assert not his.done  # a long-running call lives on until cancelled
    his.cancel()
    assert his.done


def test_ping_pong_with_metadata(rumor: Rumor) -> None:
    """A ping carries a sequence number; a peer that sees a higher one asks for the metadata."""
    alice, bob = pair(rumor)
    settings = alice.actor.peer.metadata.set(attnets="0x00000000000000cd", seq_number=20)
    assert settings.metadata() == {"attnets": "00000000000000cd", "seq_number": 20}
    bob.actor.peer.metadata.set(attnets=bytes.fromhex("00000000000000ab"), seq_number=42)
    alice.actor.peer.metadata.serve()
    bob.actor.peer.metadata.serve()
    pongs = alice.actor.peer.metadata.pong(update=True, compression="snappy")

    ping = bob.actor.peer.metadata.ping(alice.peer_id, update=True)
    fields = ping.finished()
    assert fields["pong"] == 20

    # Bob has asked for her metadata; she, having heard of his ping, for his.
    assert bob.actor.peer.metadata.req(alice.peer_id).data["seq_number"] == 20
    assert any(entry["msg"] == "handled ping request" for entry in pongs.entries())
    assert next(pongs.field("seq_number").values()) == 42
    pongs.cancel()


def test_trimming_of_peers(rumor: Rumor) -> None:
    """Above the low water mark connections are closed, but not those to protected peers."""
    alice = start(rumor.actor("alice"), lo_peers=1, hi_peers=2, peer_grace_period="1ms")
    others = [start(rumor.actor(name)) for name in ("bob", "charlie", "dave")]
    notes = alice.actor.host.notify("connection")
    for other in others:
        other.actor.peer.connect(alice.addr)
        until(notes, "connection_open")
    bob = others[0]
    alice.actor.peer.protect(bob.peer_id, "my_important_peer")

    alice.actor.sleep("50ms")  # nobody is in the grace period any more
    alice.actor.peer.trim("10s")

    until(notes, "connection_close")
    left = alice.actor.peer.list().peers()
    assert len(left) == 2
    assert bob.peer_id in left
