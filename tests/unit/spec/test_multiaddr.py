"""Multiaddrs."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec import multiaddr, multiaddr_protocols, peer_id, secp256k1
from pyrum_sync.spec.multiaddr import Component, Multiaddr
from tests.unit.spec.reading import tried

ALICE = peer_id.from_secp256k1(secp256k1.public_key(1))
BOB = peer_id.from_secp256k1(secp256k1.public_key(2))
_P2P = "a50327" + peer_id.to_bytes(ALICE).hex()


@pytest.mark.parametrize(
    ("text", "binary"),
    [
        ("/ip4/127.0.0.1/tcp/1", "047f000001060001"),
        ("/ip4/1.2.3.4", "0401020304"),
        ("/dns4/localhost/tcp/1", "36096c6f63616c686f7374060001"),
        ("/dns/a.example/tcp/65535", "350961" + "2e6578616d706c6506ffff"),
        ("/dns6/a/tcp/0", "370161060000"),
        ("/ip6/::1/tcp/1", "2900000000000000000000000000000001060001"),
        ("/ip6/::ffff:1.2.3.4/tcp/1", "2900000000000000000000ffff01020304060001"),
        ("/ip4/127.0.0.1/udp/1234/quic-v1", "047f000001910204d2cd03"),
        ("/ip4/127.0.0.1/udp/1234/quic", "047f000001910204d2cc03"),
        ("/ip4/127.0.0.1/tcp/80/ws", "047f000001060050dd03"),
        ("/ip4/127.0.0.1/tcp/80/wss", "047f000001060050de03"),
        ("/ip4/127.0.0.1/tcp/80/tls/ws", "047f000001060050c003dd03"),
        (f"/p2p/{ALICE}", _P2P),
        (f"/ip4/1.2.3.4/tcp/5/p2p/{ALICE}/p2p-circuit", f"0401020304060005{_P2P}a202"),
    ],
)
def test_text_and_binary(text: str, binary: str) -> None:
    address = Multiaddr.parse(text)
    assert str(address) == text
    assert address.binary().hex() == binary
    assert Multiaddr.from_bytes(bytes.fromhex(binary)) == address
    assert repr(address) == f"Multiaddr.parse({text!r})"


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("/ip4/1.2.3.4/tcp/5/", "/ip4/1.2.3.4/tcp/5"),
        ("/ip4/1.2.3.4/tcp/5//", "/ip4/1.2.3.4/tcp/5"),
        ("/ip4/1.2.3.4/tcp/0005", "/ip4/1.2.3.4/tcp/5"),
        ("/ip6/0:0::0001/tcp/5", "/ip6/::1/tcp/5"),
        ("/ip6/::ffff:102:304", "/ip6/::ffff:1.2.3.4"),
        (f"/ip4/1.2.3.4/tcp/5/ipfs/{ALICE}", f"/ip4/1.2.3.4/tcp/5/p2p/{ALICE}"),
        (f"/ip4/1.2.3.4/tcp/5/p2p/{peer_id.to_cid(ALICE)}", f"/ip4/1.2.3.4/tcp/5/p2p/{ALICE}"),
    ],
)
def test_the_usual_spelling(text: str, usual: str) -> None:
    assert str(Multiaddr.parse(text)) == usual
    assert Multiaddr.parse(text) == Multiaddr.parse(usual)
    assert hash(Multiaddr.parse(text)) == hash(Multiaddr.parse(usual))


def test_the_parts_of_an_address() -> None:
    address = Multiaddr.parse(f"/ip4/1.2.3.4/tcp/5/p2p/{ALICE}")
    assert address.components == (Component("ip4", "1.2.3.4"), Component("tcp", "5"), Component("p2p", ALICE))
    assert (address.scheme, address.host, address.ip, address.port) == ("ip4", "1.2.3.4", "1.2.3.4", 5)
    assert address.peer == ALICE
    assert address.place == Multiaddr.parse("/ip4/1.2.3.4/tcp/5")
    assert address.place.peer is None
    assert address.place.place == address.place
    assert address.is_tcp
    assert address == Multiaddr.tcp("1.2.3.4", 5, ALICE)
    assert address.place.at(ALICE) == address
    assert str(address.at(BOB)) == f"/ip4/1.2.3.4/tcp/5/p2p/{BOB}"
    assert str(address.on("::1")) == f"/ip6/::1/tcp/5/p2p/{ALICE}"
    assert str(address.on("127.0.0.1").place) == "/ip4/127.0.0.1/tcp/5"


@pytest.mark.parametrize(
    ("text", "host", "ip", "port", "peer"),
    [
        ("/dns4/a.example/tcp/5", "a.example", None, 5, None),
        ("/ip4/1.2.3.4", "1.2.3.4", "1.2.3.4", None, None),
        ("/ip4/1.2.3.4/udp/5/quic-v1", "1.2.3.4", "1.2.3.4", 5, None),
        (f"/p2p/{ALICE}", None, None, None, ALICE),
        (f"/ip4/1.2.3.4/tcp/5/p2p/{ALICE}/p2p-circuit", "1.2.3.4", "1.2.3.4", 5, None),
        (f"/ip4/1.2.3.4/tcp/5/p2p/{ALICE}/p2p-circuit/p2p/{BOB}", "1.2.3.4", "1.2.3.4", 5, BOB),
        ("/tcp/5/ip4/1.2.3.4", None, None, None, None),
        ("/ip4/1.2.3.4/ws/tcp/5", "1.2.3.4", "1.2.3.4", None, None),
    ],
)
def test_where_it_leads(text: str, host: str | None, ip: str | None, port: int | None, peer: str | None) -> None:
    address = Multiaddr.parse(text)
    assert (address.host, address.ip, address.port, address.peer) == (host, ip, port, peer)


def test_a_peer_alone_has_no_place() -> None:
    with pytest.raises(ValueError, match="without a component"):
        _ = Multiaddr.parse(f"/p2p/{ALICE}").place


@pytest.mark.parametrize(
    ("host", "port", "text"),
    [
        ("::1", 5, "/ip6/::1/tcp/5"),
        ("1.2.3.4", None, "/ip4/1.2.3.4"),
        ("localhost", 0, "/dns/localhost/tcp/0"),
        ("a.example.", 5, "/dns/a.example./tcp/5"),
    ],
)
def test_made_from_host_and_port(host: str, port: int | None, text: str) -> None:
    assert str(Multiaddr.tcp(host, port)) == text


@pytest.mark.parametrize(
    ("host", "port"), [("", 5), ("a b", 5), ("a/b", 5), ("fe80::1%lo", 5), ("a", -1), ("a", 65536)]
)
def test_made_from_what_is_none(host: str, port: int) -> None:
    with pytest.raises(ValueError, match=r"is not|has a zone"):
        Multiaddr.tcp(host, port)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a multiaddr, which begins with /; an address looks like /ip4/127.0.0.1/tcp/9000/p2p/16Uiu2…"),
        ("ip4/1.2.3.4", "'ip4/1.2.3.4' is not a multiaddr"),
        ("/", "an address without a component"),
        ("//ip4/1.2.3.4", "there is no protocol ''"),
        ("/ip4", "/ip4 needs a value after it"),
        ("/ip4/1.2.3.4/tcp", "/tcp needs a value after it"),
        ("/ip4/1.2.3", "/ip4/1.2.3: '1.2.3' is not an IPv4 address"),
        ("/ip4/01.2.3.4", "is not an IPv4 address"),
        ("/ip4/::1", "is not an IPv4 address"),
        ("/ip6/1.2.3.4", "is not an IPv6 address"),
        ("/ip6/fe80::1%eth0/tcp/1", "'fe80::1%eth0' has a zone"),
        ("/ip6zone/eth0/ip6/fe80::1/tcp/1", "/ip6zone is not spoken"),
        ("/dnsaddr/a.example", "/dnsaddr is not spoken; pass a TCP address, such as /ip4/127"),
        ("/ip4/1.2.3.4/udp/1/webrtc-direct", "/webrtc-direct is not spoken"),
        ("/ip4/1.2.3.4/udp/1/quic-v1/webtransport", "/webtransport is not spoken"),
        ("/onion3/a:1", "/onion3 is not spoken"),
        ("/ip4/1.2.3.4/tcp/65536", "/tcp/65536: '65536' is not a port, a number from 0 to 65535"),
        ("/ip4/1.2.3.4/tcp/-1", "'-1' is not a port"),
        ("/ip4/1.2.3.4/tcp/+1", "is not a port"),
        ("/ip4/1.2.3.4/tcp/1_0", "is not a port"),
        ("/ip4/1.2.3.4/tcp/ 1", "is not a port"),
        ("/ip4/1.2.3.4/tcp/1\n", "is not a port"),
        ("/ip4/1.2.3.4/tcp/²", "is not a port"),
        ("/ip4/1.2.3.4/udp/x", "'x' is not a port"),
        ("/dns/a b", "is not the name of a host"),
        ("/dns/-a", "is not the name of a host"),
        ("/dns/a..b", "is not the name of a host"),
        ("/dns/.", "is not the name of a host"),
        ("/dns/" + "a" * 64, "is not the name of a host"),
        ("/dns/" + ".".join(["a" * 63] * 4), "is not the name of a host"),
        ("/dns/bücher.example", "xn--"),
        ("/ip4/1.2.3.4/tcp/5/p2p/zzz", "/p2p/zzz: failed to parse peer ID"),
        ("/ip4/1.2.3.4/tcp/5/p2p/", "/p2p needs a value"),
        ("/IP4/1.2.3.4", "there is no protocol 'IP4'"),
        ("/ip4/1.2.3.4\0", "is not an IPv4 address"),
        ("/foo\x1b[31m", r"there is no protocol 'foo\\x1b\[31m'"),
        ("/" + "x" * 1024, "an address of 1025 characters, the most is 1024"),
        ("/" + "x" * 1000, "there is no protocol 'x{63}…'"),
        ("/ws" * 17, "an address of 17 components, the most is 16"),
    ],
)
def test_text_that_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Multiaddr.parse(text)


@pytest.mark.parametrize(
    ("binary", "message"),
    [
        ("", "without a component"),
        ("047f0000", "ends within its /ip4"),
        ("04", "ends within its /ip4"),
        ("0600", "ends within its /tcp"),
        ("80", "ends within a number"),
        ("8400", "longer than its value"),
        ("ff" * 12, "varint of more than"),
        ("3609", "ends within its /dns4"),
        ("36ffffffffffffffffff01", "ends within its /dns4"),
        ("36", "ends within a number"),
        ("3600", "'' is not the name of a host"),
        ("3602ff41", "is not the name of a host"),
        ("a50300", "multihash too short"),
        ("a503020001", "length greater than remaining"),
        ("2a026c6f", "/ip6zone is not known here"),
        ("d203", "/certhash is not known here"),
        ("d103", "/webtransport is not known here"),
        ("ffff03", "/0xffff is not known here"),
        ("dd03" * 17, "17 components"),
        ("00" * 1025, "an address of 1025 bytes"),
    ],
)
def test_bytes_that_are_refused(binary: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Multiaddr.from_bytes(bytes.fromhex(binary))


def test_a_value_for_a_protocol_without_one() -> None:
    with pytest.raises(ValueError, match="/ws/x: this protocol has no value"):
        Multiaddr([("ip4", "1.2.3.4"), ("ws", "x")])


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("/ip4/127.0.0.1/udp/9/quic-v1", "/udp/9/quic-v1: QUIC is not spoken; pass a TCP address, such as /ip4/"),
        (f"/ip4/127.0.0.1/udp/9/quic-v1/p2p/{ALICE}", "/udp/9/quic-v1: QUIC is not spoken"),
        ("/dns/a/udp/9/quic", "/udp/9/quic: QUIC is not spoken"),
        ("/ip4/127.0.0.1/udp/9", "/udp/9: UDP is not spoken"),
        ("/dns4/a/tcp/443/tls/ws", "/tcp/443/tls/ws: libp2p over websockets is not spoken"),
        ("/dns4/a/tcp/443/wss", "/tcp/443/wss: libp2p over websockets is not spoken"),
        ("/dns4/a/tcp/443/tls", "/tcp/443/tls: TLS is not spoken"),
        (
            f"/ip4/1.2.3.4/tcp/5/p2p/{ALICE}/p2p-circuit/p2p/{BOB}",
            r"/p2p-circuit: relays \(p2p-circuit\) are not spoken",
        ),
        ("/tcp/5/ip4/1.2.3.4", "/tcp/5: this does not lead to a host over TCP"),
        ("/tcp/5", "/tcp/5: this does not lead"),
        ("/ip4/1.2.3.4/ip4/1.2.3.4", "/ip4/1.2.3.4/ip4/1.2.3.4: this does not lead"),
        (f"/ip4/1.2.3.4/tcp/5/p2p/{ALICE}/p2p/{BOB}", "/tcp/5: this does not lead"),
        ("/ip4/1.2.3.4/tcp/5/tcp/6", "/tcp/5/tcp/6: this does not lead"),
    ],
)
def test_a_transport_that_is_not_spoken(text: str, refusal: str) -> None:
    address = Multiaddr.parse(text)
    with pytest.raises(ValueError, match=refusal):
        raise ValueError(address.transport_refusal())
    assert address.tcp_refusal() == address.transport_refusal()
    assert not address.is_tcp


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("/ip4/1.2.3.4", "it has no port"),
        ("/dns/a/tcp/0", "port 0 cannot be dialled"),
        (f"/p2p/{ALICE}", "it does not say where the peer is"),
    ],
)
def test_an_address_that_lacks_something(text: str, refusal: str) -> None:
    address = Multiaddr.parse(text)
    assert address.transport_refusal() is None
    assert str(address.tcp_refusal()).startswith(refusal)


def test_it_cannot_be_changed_and_passes_borders() -> None:
    address = Multiaddr.parse(f"/ip4/1.2.3.4/tcp/5/p2p/{ALICE}")
    with pytest.raises(AttributeError):
        address.components = ()  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(address)) == copy.deepcopy(address) == address
    assert address != object()


_NAMES = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,8}[a-z0-9_])?(\.[a-z]{1,5})?", fullmatch=True)
_COMPONENTS = st.one_of(
    st.tuples(st.just("ip4"), st.ip_addresses(v=4).map(str)),
    st.tuples(st.just("ip6"), st.ip_addresses(v=6).map(str)),
    st.tuples(st.sampled_from(["dns", "dns4", "dns6"]), _NAMES),
    st.tuples(st.sampled_from(["tcp", "udp"]), st.integers(0, 65535).map(str)),
    st.tuples(st.sampled_from(["ws", "wss", "tls", "quic", "quic-v1", "p2p-circuit"]), st.just("")),
    st.tuples(st.just("p2p"), st.sampled_from([ALICE, BOB, peer_id.to_cid(BOB)])),
)
_ADDRESSES = st.lists(_COMPONENTS, min_size=1, max_size=8).map(Multiaddr)


@given(_ADDRESSES)
def test_there_and_back(address: Multiaddr) -> None:
    assert Multiaddr.parse(str(address)) == address
    assert Multiaddr.from_bytes(address.binary()) == address


@given(_ADDRESSES)
def test_cut_off_at_each_byte(address: Multiaddr) -> None:
    whole = address.binary()
    for end in range(len(whole)):
        try:
            shorter = Multiaddr.from_bytes(whole[:end])
        except ValueError:
            continue
        assert shorter.components == address.components[: len(shorter.components)]


@given(_ADDRESSES, st.data())
def test_bytes_changed_at_random(address: Multiaddr, data: st.DataObject) -> None:
    changed = bytearray(address.binary())
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = Multiaddr.from_bytes(bytes(changed))
    except ValueError:
        return
    assert found.binary() == changed


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = Multiaddr.from_bytes(data)
    except ValueError:
        return
    assert found.binary() == data


_WORDS = st.sampled_from([*multiaddr_protocols.BY_NAME, "1", "1.2.3.4", "::1", "", ALICE]) | st.text(max_size=10)


@given(
    st.lists(_WORDS, max_size=8).map("/".join) | st.lists(_WORDS, max_size=8).map(lambda words: "/" + "/".join(words))
)
def test_any_text_is_read_or_refused(text: str) -> None:
    found, refusal = tried(Multiaddr.parse, text)
    if found is None:
        assert 0 < len(refusal) < 400
        return
    assert Multiaddr.parse(str(found)) == found
    assert isinstance(found.tcp_refusal(), str | None)


def test_the_example_is_a_beginning_of_an_address() -> None:
    assert Multiaddr.parse(multiaddr.EXAMPLE.partition("/p2p")[0]).is_tcp
