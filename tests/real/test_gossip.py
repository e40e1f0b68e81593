"""A message from one actor to another over GossipSub."""

from __future__ import annotations

import pytest

from pyrum_sync import CallError, Rumor
from tests.real.hosts import start

pytestmark = pytest.mark.rumor

TOPIC = "/eth2/f00dcafe/a topic of ours/ssz_snappy"


def test_message_from_one_actor_to_another(rumor: Rumor) -> None:
    alice, bob = start(rumor.actor("alice")), start(rumor.actor("bob"))
    for host in (alice, bob):
        host.actor.gossip.start()
        host.actor.gossip.join(TOPIC)
    assert alice.actor.gossip.list().topics() == [TOPIC]

    events = alice.actor.gossip.events(TOPIC)
    alice.actor.peer.connect(bob.addr)
    with bob.actor.gossip.log(TOPIC) as inbox:
        assert events.peer_id() == bob.peer_id  # he subscribed, and she knows
        assert alice.actor.gossip.list_peers(TOPIC).peers() == [bob.peer_id]
        alice.actor.gossip.publish(TOPIC, b"hello, bob")
        alice.actor.gossip.publish(TOPIC, b"\x00\xff" * 1000)
        assert bytes.fromhex(inbox.field("data")()) == b"hello, bob"
        assert bytes.fromhex(inbox.field("data")()) == b"\x00\xff" * 1000
        assert inbox.field("from")() == alice.peer_id
    assert inbox.done
    events.cancel()

    bob.actor.gossip.leave(TOPIC)
    with pytest.raises(CallError, match="not on gossip topic"):
        bob.actor.gossip.publish(TOPIC, b"too late")
