"""Multiaddr, ENR or enode address: where a node is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec import node_address, peer_id, secp256k1
from pyrum_sync.spec.enr import Record
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.unit.spec.reading import tried

_X, _Y = secp256k1.public_key(2)
_BOB = peer_id.from_secp256k1((_X, _Y))
_KEY = f"{_X:064x}{_Y:064x}"
_PRIVATE = (2).to_bytes(32, "big")


def _enr(ip: str | None = None, tcp: int | None = None, ip6: str | None = None, quic: int | None = None) -> str:
    return str(Record.make(_PRIVATE, ip=ip, tcp=tcp, ip6=ip6, quic=quic))


@pytest.mark.parametrize("read", [node_address.parse, node_address.parse_flexible])
@pytest.mark.parametrize(
    ("text", "address"),
    [
        (f"/ip4/127.0.0.1/tcp/5/p2p/{_BOB}", f"/ip4/127.0.0.1/tcp/5/p2p/{_BOB}"),
        ("/dns4/localhost/tcp/5", "/dns4/localhost/tcp/5"),
        ("/ip4/127.0.0.1", "/ip4/127.0.0.1"),
        ("/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0"),
        (f"/p2p/{_BOB}", f"/p2p/{_BOB}"),
        (f"enode://{_KEY}@127.0.0.1:5", f"/ip4/127.0.0.1/tcp/5/p2p/{_BOB}"),
        (f"enode://{_KEY.upper()}@[::1]:5?discport=0", f"/ip6/::1/tcp/5/p2p/{_BOB}"),
        (f"enode://{_KEY}@localhost:65535", f"/dns/localhost/tcp/65535/p2p/{_BOB}"),
        (_enr(ip="1.2.3.4", tcp=5), f"/ip4/1.2.3.4/tcp/5/p2p/{_BOB}"),
        (_enr(ip="1.2.3.4", tcp=5).removeprefix("enr:"), f"/ip4/1.2.3.4/tcp/5/p2p/{_BOB}"),
        (_enr(ip="1.2.3.4", tcp=5).replace("enr:", "enr://"), f"/ip4/1.2.3.4/tcp/5/p2p/{_BOB}"),
        (_enr(ip="1.2.3.4", tcp=5, ip6="::1", quic=6), f"/ip4/1.2.3.4/tcp/5/p2p/{_BOB}"),
        (_enr(ip6="::1", tcp=5), f"/ip6/::1/tcp/5/p2p/{_BOB}"),
    ],
)
def test_each_form(read: Callable[[str], Multiaddr], text: str, address: str) -> None:
    assert str(read(text)) == address


@pytest.mark.parametrize("read", [node_address.parse, node_address.parse_flexible])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"/ip4/127.0.0.1/udp/9/quic-v1/p2p/{_BOB}", "^/udp/9/quic-v1: QUIC is not spoken; pass a TCP address"),
        ("/dns4/a/tcp/443/tls/ws", "^/tcp/443/tls/ws: libp2p over websockets is not spoken; pass"),
        ("127.0.0.1:9000", "is a host and a port; write /ip4/127.0.0.1/tcp/9000/p2p/16Uiu2…, with the id of the peer"),
        ("[::1]:9000", "write /ip6/::1/tcp/9000/p2p/16Uiu2…"),
        ("a.example:9000", "write /dns/a.example/tcp/9000/p2p/16Uiu2…"),
        (_BOB, f"is a peer id; write where the peer is, too: /ip4/127.0.0.1/tcp/9000/p2p/{_BOB}"),
        (peer_id.to_cid(_BOB), f"is a peer id; write where the peer is, too: /ip4/127.0.0.1/tcp/9000/p2p/{_BOB}"),
        ("/ip4/1.2.3.4/tcp/70000", "'70000' is not a port"),
        (_enr(tcp=5), "^the record has no IP address$"),
        (_enr(ip="1.2.3.4"), "^the record has no TCP port$"),
        (_enr(ip="1.2.3.4", tcp=0), "^the record has no TCP port$"),
        (_enr(ip="1.2.3.4", quic=5), "^the record has no TCP port; its QUIC address is not spoken$"),
        (_enr(ip="1.2.3.4", tcp=5)[:-1], "the record"),
        ("enr:-IS4", "the record is not RLP"),
        ("enode:", "does not contain node ID"),
        ("enode://", "does not contain node ID"),
        ("enode://@1.2.3.4:5", "does not contain node ID"),
        ("enode://zz@1.2.3.4:5", r"invalid public key \(128 digits"),
        (f"enode://{_KEY[:-1]}@1.2.3.4:5", r"invalid public key \(128 digits"),
        (f"enode://{1:064x}{2:064x}@1.2.3.4:5", "invalid secp256k1 public key"),
        (f"enode://{_KEY}", "the enode address has no IP address"),
        (f"enode://{_KEY}@1.2.3.4", "invalid port"),
        (f"enode://{_KEY}@1.2.3.4:99999", "invalid port"),
        (f"enode://{_KEY}@:5", "is not the name of a host"),
        (f"enode://{_KEY}@[1.2.3.4]x:5", "is not the name of a host"),
        ("enode://" + "0" * 2000, "the most is 1024"),
    ],
)
def test_what_is_refused_says_what_to_give(read: Callable[[str], Multiaddr], text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(text)


@pytest.mark.parametrize("text", ["", "!!!", "hello", "99999:99999", "a..b:80", "1", "-" * 200, "x" * 2000])
def test_what_resembles_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"an address looks like /ip4|the record"):
        node_address.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "EOF"),
        ("enr:", "EOF"),
        ("enr://", "EOF"),
        ("!!!", "illegal base64 data at input byte 0"),
        ("é!", "illegal base64 data at input byte 0"),
        ("ab\ud800", "illegal base64 data at input byte 2"),
        ("hello", "illegal base64 data at input byte 4"),
        ("enr:-abcd", "illegal base64 data at input byte 4"),
        ("x" * 2000 + "!", "illegal base64 data at input byte 2000"),
    ],
)
def test_what_resembles_nothing_in_rumors_words(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        node_address.parse_flexible(text)


def test_valid_base64_that_resembles_nothing() -> None:
    with pytest.raises(ValueError, match="an address looks like"):
        node_address.parse_flexible("hell")


@given(
    st.text(max_size=40)
    | st.tuples(
        st.sampled_from(["enr:", "enode://", f"enode://{_KEY}@", "/", "/ip4/", "16Uiu2", "1.2.3.4:"]),
        st.text(max_size=40),
    ).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (node_address.parse, node_address.parse_flexible):
        address, refusal = tried(read, text)
        assert refusal if address is None else Multiaddr.parse(str(address)) == address
