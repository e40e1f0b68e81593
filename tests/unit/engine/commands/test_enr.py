"""``enr``, and peers by their records, beyond what the recordings of a real Rumor show."""

from __future__ import annotations

import pytest

from pyrum_sync.spec import enr_wire, rlp, secp256k1
from pyrum_sync.spec.enr import ForkId, Record
from pyrum_sync.spec.keccak import keccak256
from tests.support.engine import engine, peer
from tests.support.hosts import in_loop

KEY = (1).to_bytes(32, "big")


def record_of(**pairs: rlp.Encodable) -> str:
    """A signed record with these keys and nothing else, right or wrong."""
    content: list[rlp.Encodable] = [b"\1"]
    for name in sorted(pairs):
        content += [name.encode(), pairs[name]]
    signature = secp256k1.sign(1, keccak256(rlp.encode(content)))
    return enr_wire.encode_text(rlp.encode([signature, *content]))


PUBLIC = secp256k1.compress(secp256k1.public_key(1))


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (record_of(secp256k1=PUBLIC), "no id"),
        (record_of(id=b"v5", secp256k1=PUBLIC), "scheme"),
        (record_of(id=b"v4", secp256k1=PUBLIC, eth2=b"short"), "eth2"),
        (record_of(id=b"v4", secp256k1=PUBLIC[:-1]), "secp256k1"),
        ("enr:" + "A" * 500, "300 bytes"),
        ("foo", "not RLP"),
        (str(Record.make(KEY))[:-4] + "AAAA", "signature"),
    ],
)
@in_loop
async def test_a_malformed_record_is_an_error(record: str, error: str) -> None:
    async with engine() as running:
        await running.ok("peerstore create one")
        await running.ok("host start --nat=false")
        for command in ("enr view", "enr view --kv", "peer connect", "peer add"):
            said = await running.fails(f"{command} -- {record}")
            assert error in said or (record == "foo" and "not an address" in said)
        await running.ok("enr gen-key")


@in_loop
async def test_todays_keys_are_shown_as_they_are() -> None:
    record = Record.make(KEY, ip="127.0.0.1", tcp=5, custody_group_count=4, next_fork_digest=b"\1\2\3\4")
    async with engine() as running:
        entries = await running.ok(f"enr view --kv {record}")
        assert {e["msg"] for e in entries if "Unrecognized" in e["msg"]} == {
            "Unrecognized ENR KV pair type: cgc",
            "Unrecognized ENR KV pair type: nfd",
        }
        assert entries[-1]["multi"] == f"/ip4/127.0.0.1/tcp/5/p2p/{peer(1)}"
        raw = next(e["raw_enr_kv"] for e in entries if "raw_enr_kv" in e)
        assert (raw["cgc"], raw["nfd"]) == ("04", "8401020304")


@in_loop
async def test_a_record_that_would_be_too_large_is_refused() -> None:
    async with engine() as running:
        await running.ok("enr make")
        actor = running.registry._actor("alice")
        assert actor.record is not None
        actor.record.set("large", bytes(300))
        assert "300" in await running.fails("enr make --tcp=6")


@in_loop
async def test_each_address_of_a_record_is_tried() -> None:
    async with engine() as running:
        await running.host("alice", 1)
        await running.ok("host listen --ip=::1 --tcp=9009")
        await running.host("bob", 2)
        record = Record.make(KEY, ip="127.0.0.1", tcp=9007, ip6="::1", tcp6=9009)
        entries = await running.ok(f"peer connect {record}", "bob")
        assert entries[-1]["peer_id"] == peer(1)
        (info,) = await running.ok(f"peer info {peer(1)}", "bob")
        assert info["enr"] == str(record)
        assert {"/ip4/127.0.0.1/tcp/9007", "/ip6/::1/tcp/9009"} <= set(info["addrs"])


@in_loop
async def test_what_no_address_of_a_record_leads_to() -> None:
    async with engine() as running:
        await running.host("bob", 2)
        record = Record.make(KEY, ip="127.0.0.1", tcp=9007, ip6="::1", tcp6=9009)
        error = await running.fails(f"peer connect {record}", "bob")
        assert "127.0.0.1:9007" in error
        assert "[::1]:9009" in error


@in_loop
async def test_an_older_record_does_not_replace_a_newer_one() -> None:
    newer = Record.make(KEY, seq=5, ip="127.0.0.1", tcp=1, eth2=ForkId(b"\1\1\1\1", b"\2\2\2\2", 0))
    older = Record.make(KEY, seq=4, ip="127.0.0.1", tcp=2)
    async with engine() as running:
        await running.ok("peerstore create one")
        assert await running.ok(f"peer add {newer}")
        assert await running.ok(f"peer add {older}") == []
        (info,) = await running.ok(f"peer info {peer(1)}")
        assert (info["enr"], info["enr_fork_digest"], info["enr_next_fork_epoch"]) == (str(newer), "0x01010101", 0)


@pytest.mark.parametrize(
    "address",
    [
        f"/ip4/127.0.0.1/udp/9000/quic-v1/p2p/{peer(1)}",
        f"/ip4/127.0.0.1/tcp/9000/ws/p2p/{peer(1)}",
        str(Record.make(KEY, ip="127.0.0.1", quic=9000)),
    ],
)
@in_loop
async def test_what_is_not_spoken_names_the_engine(address: str) -> None:
    async with engine() as running:
        await running.host("bob", 2)
        error = await running.fails(f"peer connect {address}", "bob")
        assert error.endswith("(the pyrum_sync engine speaks TCP alone)")


@in_loop
async def test_a_host_listens_at_the_port_of_its_record() -> None:
    async with engine() as running:
        await running.ok("enr make --ip=127.0.0.1 --tcp=9011")
        await running.ok("host start --nat=false")
        (listening,) = await running.ok("host listen --ip=127.0.0.1")
        assert "/tcp/9011/" in listening["addr"]
        assert [e["enr"] for e in await running.ok("host view") if "enr" in e]
