"""The engine's libp2p meets implementations that are not ours: either side dials, over either muxer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from time import monotonic

import pytest

from . import cases
from .conftest import Start, missing
from .engine_host import EngineHost, needed_network, tcp_network
from .peer import Peer, PeerError

Ours = Callable[..., EngineHost]
Program = tuple[str, ...]

GO: Program = ("go",)
GO_LATE: Program = ("go", "--early=false")
JS: Program = ("js", "--generous", "true")
JS_MPLEX: Program = (*JS, "--muxer", "mplex")
JS_MPLEX_DEFAULT: Program = ("js", "--muxer", "mplex")
RUST: Program = ("rust",)
RUST_LAZY: Program = ("rust", "--lazy", "true")
RUST_MPLEX: Program = ("rust", "--muxer", "mplex")
RUST_BOTH: Program = ("rust", "--muxer", "yamux,mplex")

ALL = [GO, GO_LATE, JS, JS_MPLEX, RUST, RUST_LAZY, RUST_MPLEX, RUST_BOTH]
KEYS = [
    *(("go", "--key", key) for key in ("ed25519", "ecdsa", "rsa")),
    *((*JS, "--key", key) for key in ("ed25519", "rsa")),
    *(("rust", "--key", key) for key in ("ed25519", "ecdsa")),
]


@pytest.fixture
def ours() -> Iterator[Ours]:
    """Start a host of the engine; its options are those of HostOptions."""
    if tcp_network() is None:
        missing("the engine has no network of sockets here")
    with ExitStack() as started:
        yield lambda **options: started.enter_context(EngineHost(needed_network, **options))


def meet(host: EngineHost, peer: Peer, dialler: str) -> None:
    """One of the two dials the other, and both know it."""
    if dialler == "we":
        assert host.dial(peer.addr) == peer.peer_id
        peer.event("connected", peer=host.peer_id)
    else:
        peer.command("dial", addr=host.addr)
        host.identify(peer.peer_id)


def named(program: Program) -> str:
    return " ".join(program).replace(" --generous true", "").replace("--", "")


@pytest.mark.parametrize("dialler", ["we", "they"])
@pytest.mark.parametrize("program", ALL, ids=named)
@pytest.mark.parametrize("case", [*cases.CASES, *cases.LOADS], ids=cases.name)
def test_case(start: Start, ours: Ours, case: cases.Case, program: Program, dialler: str) -> None:
    if case is cases.reset and program == RUST_MPLEX:
        pytest.skip("rust-libp2p over mplex sends a reset late")
    host, peer = ours(), start(*program)
    meet(host, peer, dialler)
    case(host, peer)


@pytest.mark.parametrize("dialler", ["we", "they"])
@pytest.mark.parametrize("program", [GO, GO_LATE], ids=named)
def test_early_muxer(start: Start, ours: Ours, program: Program, dialler: str) -> None:
    """Agreed on within the handshake where both can, after it where the other side cannot."""
    host, peer = ours(), start(*program)
    if dialler == "we":
        host.dial(peer.addr)
        found = peer.event("connected", peer=host.peer_id)
    else:
        found = peer.command("dial", addr=host.addr)
    assert found["muxer"] == "/yamux/1.0.0"
    assert found["early"] is (program == GO)


@pytest.mark.parametrize("dialler", ["we", "they"])
@pytest.mark.parametrize("count", [8, 64])
@pytest.mark.parametrize("program", [JS_MPLEX, RUST_MPLEX], ids=named)
def test_many_streams_over_mplex(start: Start, ours: Ours, program: Program, count: int, dialler: str) -> None:
    host, peer = ours(), start(*program)
    meet(host, peer, dialler)
    cases.many(host, peer, count, 20_000)


def test_js_over_mplex_that_gives_up_hangs_nobody(start: Start, ours: Ours) -> None:
    """With its defaults js-libp2p resets all streams at the sixth new one of a second: see peers/README.md."""
    host, peer = ours(), start(*JS_MPLEX_DEFAULT)
    meet(host, peer, "we")
    assert len(host.many(peer.peer_id, 8, 100)) > 0
    host.disconnect(peer.peer_id)
    assert host.dial(peer.addr) == peer.peer_id
    assert host.request(peer.peer_id, cases.ECHO, b"again") == b"again"


@pytest.mark.parametrize("dialler", ["we", "they"])
@pytest.mark.parametrize("program", KEYS, ids=named)
def test_keys(start: Start, ours: Ours, program: Program, dialler: str) -> None:
    """Identities of every kind prove themselves."""
    host, peer = ours(), start(*program)
    meet(host, peer, dialler)
    cases.connected(host, peer)
    cases.half_close(host, peer)


@pytest.mark.parametrize("program", [GO, JS, RUST], ids=named)
def test_our_ed25519_key(start: Start, ours: Ours, program: Program) -> None:
    host, peer = ours(key_type="ed25519"), start(*program)
    meet(host, peer, "they")
    cases.connected(host, peer)
    peer.event("identified", peer=host.peer_id)
    assert peer.command("identify", peer=host.peer_id, timeout=10)["key_type"] == "Ed25519"


@pytest.mark.parametrize("program", [GO, JS, RUST], ids=named)
def test_our_signatures(start: Start, ours: Ours, program: Program) -> None:
    """Half of all ECDSA signatures have a high s, which others refuse: twenty handshakes either way."""
    host, peer = ours(), start(*program)
    for dialler in ["we", "they"] * 20:
        meet(host, peer, dialler)
        host.disconnect(peer.peer_id)
        peer.event("disconnected", peer=host.peer_id)


@pytest.mark.parametrize("program", [GO, JS, RUST], ids=named)
def test_another_peer_answers(start: Start, ours: Ours, program: Program) -> None:
    """Neither side takes a peer for another one."""
    host, other, peer = ours(), ours(), start(*program)
    wrong = other.peer_id
    with pytest.raises(host.refused):
        host.dial(peer.addr.replace(peer.peer_id, wrong))
    assert host.peers() == set()
    with pytest.raises(PeerError):
        peer.command("dial", addr=host.addr.replace(host.peer_id, wrong), timeout=10)
    deadline = monotonic() + 10
    while host.peers():  # that they connected to another peer, they know last
        assert monotonic() < deadline, "it is still connected"


@pytest.mark.parametrize("program", [JS, RUST, GO], ids=named)
def test_streams_at_once_after_the_handshake(start: Start, ours: Ours, program: Program) -> None:
    """Ten requests before the peer has identified itself."""
    host, peer = ours(identify_first=False), start(*program)
    host.dial(peer.addr)
    assert host.many(peer.peer_id, 5, 1000) == []


def test_an_echo_as_js_users_write_it(start: Start, ours: Ours) -> None:
    """It answers only those that close their side after the protocol is confirmed: see peers/README.md."""
    host, peer = ours(), start(*JS)
    meet(host, peer, "we")
    for i in range(20):
        assert host.request(peer.peer_id, "/test/await/1", bytes([i])) == bytes([i])


def test_a_request_of_no_bytes_to_go(start: Start, ours: Ours) -> None:
    """Metadata: the result, the length, and the frames' beginning."""
    host, peer = ours(), start(*GO)
    meet(host, peer, "we")
    answer = host.request(peer.peer_id, "/eth2/beacon_chain/req/metadata/3/ssz_snappy", b"")
    assert answer[:2] == b"\x00\x19"
    assert answer[2:12] == bytes.fromhex("ff060000734e61507059")
