"""The peer programs meet each other: so they, and the cases, are known to be right before ours takes a side.

Four pairs prove them; EVERY_PAIR=1 takes all.
"""

from __future__ import annotations

import os
from contextlib import suppress

import pytest

from . import cases
from .conftest import Start
from .data import generated
from .hosts import PeerHost
from .peer import Peer, PeerError

Programs = tuple[str, ...]

GO: Programs = ("go",)
GO_LATE: Programs = ("go", "--early=false")
JS: Programs = ("js", "--generous", "true")
RUST: Programs = ("rust",)
RUST_LAZY: Programs = ("rust", "--lazy", "true")
JS_MPLEX: Programs = (*JS, "--muxer", "mplex")
JS_DEFAULT: Programs = ("js", "--muxer", "mplex")
RUST_MPLEX: Programs = ("rust", "--muxer", "mplex")

PAIRS = [(GO, JS), (JS, RUST), (RUST, GO), (RUST_MPLEX, JS_MPLEX)]
if os.environ.get("EVERY_PAIR"):
    PAIRS += [
        (JS, GO), (GO, RUST), (RUST, JS), (JS_MPLEX, RUST_MPLEX), (GO, GO_LATE), (GO_LATE, GO), (RUST_LAZY, GO),
        (JS, GO_LATE),
    ]  # fmt: skip


def meet(start: Start, ours: Programs, theirs: Programs) -> tuple[PeerHost, Peer]:
    """Two programs; the first has dialled the second."""
    host, peer = PeerHost(start(*ours)), start(*theirs)
    assert host.dial(peer.addr) == peer.peer_id
    peer.event("connected", peer=host.peer_id)
    return host, peer


def named(pair: tuple[Programs, Programs]) -> str:
    return " dials ".join(" ".join(each).replace(" --generous true", "").replace("--", "") for each in pair)


@pytest.mark.parametrize("pair", PAIRS, ids=named)
@pytest.mark.parametrize("case", cases.CASES, ids=cases.name)
def test_case(start: Start, case: cases.Case, pair: tuple[Programs, Programs]) -> None:
    if case is cases.reset and RUST_MPLEX in pair:
        pytest.skip("rust-libp2p over mplex sends a reset late, and reads one as an end")
    case(*meet(start, *pair))


@pytest.mark.parametrize("pair", PAIRS, ids=named)
@pytest.mark.parametrize("case", cases.LOADS, ids=cases.name)
def test_load(start: Start, case: cases.Case, pair: tuple[Programs, Programs]) -> None:
    if case is cases.large and set(pair) == {JS, RUST}:
        pytest.skip("js-libp2p sends yamux frames of more than 1 MiB, which rust-libp2p refuses")
    case(*meet(start, *pair))


@pytest.mark.parametrize("asker", [JS_DEFAULT, RUST_MPLEX], ids=" ".join)
def test_js_over_mplex_stands_five_new_streams_a_second(start: Start, asker: Programs) -> None:
    """It resets all streams of the connection at the sixth, even if js-libp2p opens them: no fault of ours."""
    host, peer = meet(start, asker, JS_DEFAULT)
    try:
        succeeded = host.peer.command("many", timeout=4, peer=peer.peer_id, n=8, size=100)["succeeded"]
    except PeerError:  # it does not even say so to all of them
        succeeded = 0
    assert succeeded < 8


def test_an_echo_as_js_users_write_it(start: Start) -> None:
    """It answers a peer that closes its side after the protocol is confirmed; not always Go, which is hasty."""
    host, peer = meet(start, RUST, JS)
    assert host.request(peer.peer_id, "/test/await/1", b"hello") == b"hello"


def test_data_right_after_a_proposal(start: Start) -> None:
    """Rust sends it before the protocol is confirmed."""
    host, peer = meet(start, RUST_LAZY, GO)
    assert host.many(peer.peer_id, 30, 1000) == []


def test_an_answer_of_several_chunks(start: Start) -> None:
    """Of blocks over a fork's boundary, as eth2's clients send them."""
    host, peer = meet(start, GO, GO)
    asked = (62).to_bytes(8, "little") + (4).to_bytes(8, "little") + (1).to_bytes(8, "little")
    protocol = "/eth2/beacon_chain/req/beacon_blocks_by_range/2/ssz_snappy"
    answer = host.peer.command("eth2_request", peer=peer.peer_id, protocol=protocol, ssz_hex=asked.hex(), context=True)
    blocks = [bytes.fromhex(chunk["ssz_hex"]) for chunk in answer["chunks"]]
    assert [chunk["context"] for chunk in answer["chunks"]] == ["01eb3100", "01eb3100", "b76ba606", "b76ba606"]
    assert [int.from_bytes(block[100:108], "little") for block in blocks] == [62, 63, 64, 65]
    assert blocks[0][184:] == b"".join(generated(62 * 2000, 62))
    seen = peer.event("eth2_request", protocol=protocol)
    assert (seen["ssz_hex"], seen["rest_hex"]) == (asked.hex(), "")


@pytest.mark.parametrize("sign", ["strict", "none"])
def test_gossip(start: Start, sign: str) -> None:
    host, peer = meet(start, (*GO, "--sign", sign), (*GO, "--sign", sign))
    topic = "/eth2/b76ba606/voluntary_exit/ssz_snappy"
    for each in host.peer, peer:
        each.command("subscribe", topic=topic)
    sent = [bytes([1, 0, i]).hex() for i in range(30)]  # snappy blocks of one byte
    for data in sent:  # until each has heard of the other's subscription, and has it in its mesh
        host.peer.command("publish", topic=topic, data_hex=data)
        with suppress(PeerError):
            heard = peer.event("message", timeout=1, topic=topic)
            break
    else:
        pytest.fail("no message came")
    assert heard["data_hex"] in sent
    assert heard["received_from"] == host.peer_id
    assert heard["signed"] is (sign == "strict")
    assert (heard["from"] == host.peer_id) is (sign == "strict")
