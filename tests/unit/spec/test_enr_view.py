"""A record for people."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.spec.enr import ForkId, Record
from pyrum_sync.spec.enr_keys import FAR_FUTURE_EPOCH
from pyrum_sync.spec.enr_view import describe

_KEY = "01" * 32


def test_all_of_it() -> None:
    record = Record.make(
        _KEY,
        seq=7,
        ip="1.2.3.4",
        ip6="::1",
        tcp=9000,
        udp=0,
        quic=9001,
        eth2=ForkId(b"\1\2\3\4", b"\5\6\7\x08", 9),
        attnets=bytes((0x81, 0, 0, 0, 0, 0, 0, 0x80)),
        syncnets=b"\0",
        custody_group_count=128,
        next_fork_digest=b"\4\3\2\1",
        other=b"xyz",
    )
    peer = record.peer_id
    assert describe(record, {b"\1\2\3\4": "fulu"}.get) == [
        ("enr", str(record)),
        ("peer id", peer),
        ("node id", record.node_id),
        ("seq", "7"),
        ("ip", "1.2.3.4"),
        ("ip6", "::1"),
        ("tcp", "9000"),
        ("udp", "0"),
        ("quic", "9001"),
        ("fork digest", "0x01020304 (fulu)"),
        ("next fork version", "0x05060708"),
        ("next fork epoch", "9"),
        ("next fork digest", "0x04030201"),
        ("attnets", "0, 7, 63"),
        ("syncnets", "none"),
        ("custody groups", "128"),
        ("key other", "0x78797a"),
        ("address", f"/ip4/1.2.3.4/tcp/9000/p2p/{peer}"),
        ("address", f"/ip6/::1/tcp/9000/p2p/{peer}"),
        ("address", f"/ip4/1.2.3.4/udp/9001/quic-v1/p2p/{peer}"),
    ]


def test_what_it_lacks_has_no_row() -> None:
    assert [name for name, _ in describe(Record.make(_KEY))] == ["enr", "peer id", "node id", "seq"]


def test_no_next_fork() -> None:
    fork = ForkId(bytes(4), bytes(4), FAR_FUTURE_EPOCH)
    rows = dict(describe(Record.make(_KEY, eth2=fork, next_fork_digest=bytes(4), attnets=b"\xff" * 8)))
    assert rows["fork digest"] == "0x00000000"
    assert rows["next fork epoch"] == rows["next fork digest"] == "none planned"
    assert rows["attnets"] == "all 64"


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(max_codepoint=255), max_size=20), st.binary(max_size=20))
def test_whatever_it_holds_can_be_printed(name: str, value: bytes) -> None:
    others: dict[str, Any] = {f"x{name}": value}
    for row in describe(Record.make(_KEY, **others)):
        assert all(" " <= char <= "~" for text in row for char in text)
