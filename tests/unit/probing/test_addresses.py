"""Addresses as users and published lists write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.probing import Target, read_addresses
from pyrum_sync.spec import rlp, secp256k1
from pyrum_sync.spec.enr import Record
from pyrum_sync.spec.enr_wire import encode, encode_text
from pyrum_sync.spec.keccak import keccak256
from tests.unit.spec.bootnodes import BOOTNODES

PEER = "16Uiu2HAm7Qwe19vz9WzD2Mxn7fXd1vgHHp4iccuyq7TxwRXoAGfc"
KEY = b"\1" * 32
RECORD = Record.make(KEY, ip="192.0.2.7", tcp=9000)


def signed(**pairs: bytes) -> str:
    """A record of any pairs, rightly signed."""
    return encode_text(encode(int.from_bytes(KEY, "big"), 1, pairs))


def of_scheme(**pairs: bytes) -> str:
    """The same, where not even the scheme need be one."""
    content: list[rlp.Encodable] = [b"\1"]
    for name in sorted(pairs):
        content += [name.encode(), pairs[name]]
    signature = secp256k1.sign(int.from_bytes(KEY, "big"), keccak256(rlp.encode(content)))
    return encode_text(rlp.encode([signature, *content]))


PUBLIC = secp256k1.compress(secp256k1.public_key(int.from_bytes(KEY, "big")))
PLACE = {"ip": bytes((192, 0, 2, 7)), "tcp": b"\x23\x28"}


def test_a_multiaddr() -> None:
    target = Target(f"  /ip4/192.0.2.7/tcp/9000/ipfs/{PEER}\n")
    assert target.multiaddr == f"/ip4/192.0.2.7/tcp/9000/p2p/{PEER}"
    assert (target.peer_id, target.enr, target.error) == (PEER, None, None)
    assert target.addr == f"  /ip4/192.0.2.7/tcp/9000/ipfs/{PEER}\n"


@pytest.mark.parametrize("host", ["/dns4/localhost", "/dns/localhost", "/ip4/0.0.0.0", "/ip6/::1"])
def test_other_places(host: str) -> None:
    assert Target(f"{host}/tcp/9000/p2p/{PEER}").multiaddr == f"{host}/tcp/9000/p2p/{PEER}"


@pytest.mark.parametrize("text", [str(RECORD), str(RECORD)[4:], "enr://" + str(RECORD)[4:]])
def test_a_record(text: str) -> None:
    target = Target(text)
    assert target.multiaddr == f"/ip4/192.0.2.7/tcp/9000/p2p/{RECORD.peer_id}"
    assert (target.peer_id, target.enr, target.error) == (RECORD.peer_id, RECORD, None)


def test_an_enode_address() -> None:
    key = secp256k1.public_key(int.from_bytes(KEY, "big"))
    text = f"enode://{key[0]:064x}{key[1]:064x}@192.0.2.7:9000"
    assert Target(text).multiaddr == f"/ip4/192.0.2.7/tcp/9000/p2p/{RECORD.peer_id}"


@pytest.mark.parametrize("number", range(len(BOOTNODES)))
def test_mainnets_bootnodes(number: int) -> None:
    """Some have no port of TCP; who they are is known all the same."""
    text, ip = BOOTNODES[number]
    target = Target(text)
    assert target.enr is not None
    assert target.peer_id == target.enr.peer_id
    if target.multiaddr is None:
        assert "no TCP port" in str(target.error)
    else:
        assert target.multiaddr.startswith(f"/ip4/{ip}/tcp/")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "not an address"),
        ("nonsense", "not an address"),
        ("enr:", "the record is empty"),
        ("enr:AAAA", "not RLP"),
        ("127.0.0.1:9000", "write /ip4/127.0.0.1/tcp/9000/p2p/16Uiu2"),
        ("/ip4/127.0.0.1/tcp/1", "no peer id"),
        ("x" * 100_000, "4096 at most"),
        (of_scheme(id=b"v5", secp256k1=PUBLIC, **PLACE), "id is 'v5'"),
        (of_scheme(id=b"v4", ed25519=bytes(32), **PLACE), "no secp256k1"),
        (of_scheme(secp256k1=PUBLIC, **PLACE), "has no id"),
        (of_scheme(id=b"v4", secp256k1=bytes(33), **PLACE), "secp256k1"),
    ],
)
def test_what_is_no_address(text: str, error: str) -> None:
    target = Target(text)
    assert (target.multiaddr, target.peer_id, target.enr) == (None, None, None)
    assert error in str(target.error)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (f"/ip4/127.0.0.1/udp/9/quic-v1/p2p/{PEER}", "QUIC is not spoken"),
        (f"/ip4/127.0.0.1/tcp/9/tls/ws/p2p/{PEER}", "websockets is not spoken"),
        (f"/ip4/127.0.0.1/tcp/0/p2p/{PEER}", "port 0"),
        (f"/ip4/127.0.0.1/p2p/{PEER}", "no port"),
        (f"/p2p/{PEER}", "where the peer is"),
        (PEER, "where the peer is"),
    ],
)
def test_who_it_is_is_known_of_what_cannot_be_dialled(text: str, error: str) -> None:
    target = Target(text)
    assert (target.multiaddr, target.peer_id) == (None, PEER)
    assert error in str(target.error)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"tcp": 9000}, "the record has no IP address"),
        ({"ip": "192.0.2.7"}, "the record has no TCP port"),
        ({"ip": "192.0.2.7", "quic": 9001}, "the record has no TCP port; its QUIC address is not spoken"),
    ],
)
def test_a_record_without_an_address(values: dict[str, object], error: str) -> None:
    record = Record.make(KEY, **values)  # type: ignore[arg-type]
    target = Target(str(record))
    assert (target.multiaddr, target.peer_id, target.enr, target.error) == (None, record.peer_id, record, error)


def test_a_value_that_dialling_does_not_need_may_be_wrong() -> None:
    """Lodestar of 2023 writes a `syncnets` of 8 bytes in place of 1."""
    target = Target(signed(id=b"v4", secp256k1=PUBLIC, syncnets=bytes(8), **PLACE))
    assert target.multiaddr == f"/ip4/192.0.2.7/tcp/9000/p2p/{RECORD.peer_id}"
    assert (target.peer_id, target.enr, target.error) == (RECORD.peer_id, None, None)


def test_but_not_the_signature_nor_a_value_that_it_needs() -> None:
    good = signed(id=b"v4", secp256k1=PUBLIC, syncnets=bytes(8), **PLACE)
    spoilt = good[:20] + ("A" if good[20] != "A" else "B") + good[21:]
    assert Target(spoilt).multiaddr is None
    assert "syncnets" in str(Target(signed(id=b"v4", secp256k1=PUBLIC, syncnets=bytes(8), tcp=b"\1")).error)
    assert Target(signed(id=b"v4", secp256k1=PUBLIC, ip=bytes(5), tcp=b"\1\1")).multiaddr is None


@given(st.text() | st.text("enr:-/ip4tcpd026Uiu2", max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    target = Target(text)
    assert (target.multiaddr is None) == (target.error is not None)
    assert text[:20] in repr(target) or repr(target)


def test_a_published_list() -> None:
    """As https://github.com/eth-clients/mainnet has it, and the like."""
    lines = [
        "\ufeff---\n",
        "# EF Team\n",
        "- enr:-first # 1.2.3.4 | aws-us-east-2-ohio\n",
        '  - "enr:-second"\r\n',
        "* 'enr:-third',\n",
        "\n",
        "-\n",
        "   \n",
        "/ip4/1.2.3.4/tcp/9000/p2p/x#y\n",
        "/ip4/1.2.3.4/tcp/9000/p2p/x#y\t#z",
        "-enr-without-a-prefix",
        "...\n",
    ]
    assert list(read_addresses(lines)) == [
        "enr:-first",
        "enr:-second",
        "enr:-third",
        "/ip4/1.2.3.4/tcp/9000/p2p/x#y",
        "/ip4/1.2.3.4/tcp/9000/p2p/x#y",  # the same twice is two
        "-enr-without-a-prefix",
    ]


def test_a_list_is_read_lazily() -> None:
    read: list[str] = []

    def lines() -> object:
        for line in ("a", "b", "c"):
            read.append(line)
            yield line

    found = read_addresses(lines())  # type: ignore[arg-type]
    assert next(found) == "a"
    assert read == ["a"]
