"""Status, metadata, ping, goodbye."""

from __future__ import annotations

import pytest

from pyrum_sync import eth2
from tests.support.crowd import STATUS
from tests.unit.eth2.things import Hosts


def test_status(hosts: Hosts) -> None:
    heard = []

    def answer(theirs: eth2.Status) -> eth2.Status:
        heard.append(theirs)
        return STATUS

    with eth2.serve(hosts.bob, "status", answer) as server:
        assert eth2.status(hosts.alice, hosts.bob_id, eth2.Status(head_slot=1)) == STATUS
        assert eth2.status(hosts.alice, hosts.bob_id) == STATUS
        assert eth2.request(hosts.alice, "status", hosts.bob_id, bytes(84)) == [STATUS.encode_bytes()]
    assert heard == [eth2.Status(head_slot=1), eth2.Status(), eth2.Status()]
    assert server.answered == 3


def test_ping(hosts: Hosts) -> None:
    with eth2.serve(hosts.bob, "ping", lambda theirs: eth2.Ping(seq_number=theirs.seq_number + 1)):
        assert eth2.ping(hosts.alice, hosts.bob_id, 6) == eth2.Ping(seq_number=7)


def test_metadata(hosts: Hosts) -> None:
    hers = eth2.MetaData(seq_number=5, attnets=[True] * 64)
    with eth2.serve(hosts.bob, "metadata", lambda asked: hers if asked is None else None):
        assert eth2.metadata(hosts.alice, hosts.bob_id) == hers


def test_goodbye(hosts: Hosts) -> None:
    with eth2.serve(hosts.bob, "goodbye", lambda theirs: theirs):
        assert eth2.goodbye(hosts.alice, hosts.bob_id, 3) == eth2.Goodbye(reason=3)
    with eth2.serve(hosts.bob, "goodbye", lambda _: None):
        assert eth2.goodbye(hosts.alice, hosts.bob_id) is None


def test_goodbye_that_fails(hosts: Hosts) -> None:
    with pytest.raises(eth2.RequestError, match="protocol not supported"):
        eth2.goodbye(hosts.alice, hosts.bob_id)
    with (
        eth2.serve(hosts.bob, "goodbye", lambda _: 1 / 0),
        pytest.raises(eth2.RequestError, match="division") as caught,
    ):
        eth2.goodbye(hosts.alice, hosts.bob_id)
    assert caught.value.entry is not None


def test_from_the_default_actor(hosts: Hosts) -> None:
    hosts.alices.host.start(nat=False)
    hosts.alices.peer.connect(hosts.bob.host.view().addr())
    with eth2.serve(hosts.bob, "ping", lambda theirs: theirs):
        assert eth2.ping(hosts.alices, hosts.bob_id, 1).seq_number == 1
    hosts.alices.host.stop()
