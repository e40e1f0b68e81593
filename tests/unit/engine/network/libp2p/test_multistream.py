from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.libp2p.multistream import (
    HEADER,
    MAX_MESSAGE,
    MAX_PROPOSALS,
    Dialler,
    Listener,
    ProtocolsRefused,
    encode,
)

from .wiring import bytewise, converse, split_at, whole

STATUS = "/eth2/beacon_chain/req/status/1/ssz_snappy"
ID = "/ipfs/id/1.0.0"


def listener(*protocols: str, ls: bool = True) -> Listener:
    return Listener(protocols.__contains__, protocols=(lambda: protocols) if ls else None)


@pytest.mark.parametrize("cut", [whole, bytewise])
@pytest.mark.parametrize(
    ("proposed", "supported", "agreed"),
    [
        ((STATUS,), (STATUS,), STATUS),
        ((STATUS,), (ID, STATUS), STATUS),
        (("/a", "/b", "/c"), ("/c", "/b"), "/b"),
        (("/a",) * 3 + ("/ü",), ("/ü",), "/ü"),
    ],
)
def test_the_first_proposal_that_the_listener_has(
    proposed: tuple[str, ...], supported: tuple[str, ...], agreed: str, cut: Any
) -> None:
    one, other = Dialler(proposed), listener(*supported)
    converse(one, other, cut)
    assert one.protocol == other.protocol == agreed
    assert one.rest == other.rest == b""


def test_the_bytes_on_the_wire() -> None:
    one, other = Dialler(["/a", "/bc"]), listener("/bc")
    assert one.data_to_send() == b"\x13/multistream/1.0.0\n\x03/a\n"
    other.receive_data(b"\x13/multistream/1.0.0\n\x03/a\n")
    assert other.data_to_send() == b"\x13/multistream/1.0.0\n\x03na\n"
    one.receive_data(b"\x13/multistream/1.0.0\n\x03na\n")
    assert one.data_to_send() == b"\x04/bc\n"
    other.receive_data(b"\x04/bc\n")
    assert other.data_to_send() == b"\x04/bc\n"
    assert other.protocol == "/bc"


def test_all_proposals_refused() -> None:
    one, other = Dialler(["/a", "/b"]), listener(ID)
    with pytest.raises(ProtocolsRefused, match="none of the protocols /a, /b") as caught:
        converse(one, other)
    assert caught.value.protocols == ("/a", "/b")
    assert one.protocol is None
    assert other.protocol is None


@pytest.mark.parametrize("place", range(len(HEADER) + len(encode(STATUS)) + 8))
def test_data_sent_right_after_the_proposal_belong_to_the_protocol(place: int) -> None:
    one, other = Dialler([STATUS]), listener(STATUS)
    for piece in split_at(place)(one.data_to_send() + b"request"):
        other.receive_data(piece)
    assert other.rest == b"request"
    for piece in split_at(place)(other.data_to_send() + b"answer"):
        one.receive_data(piece)
    assert one.rest == b"answer"
    assert one.protocol == other.protocol == STATUS


def test_a_dialler_that_waits_for_the_header() -> None:
    other = listener(STATUS)
    other.receive_data(HEADER)
    assert other.data_to_send() == HEADER
    other.receive_data(encode(STATUS))
    assert other.data_to_send() == encode(STATUS)


def test_ls_is_answered_and_the_dialler_may_go_on() -> None:
    other = listener("/a", "/bc")
    other.receive_data(HEADER + b"\x03ls\n")
    assert other.data_to_send() == HEADER + b"\x0a\x03/a\n\x04/bc\n\n"
    assert other.protocol is None
    other.receive_data(encode("/a"))
    assert other.protocol == "/a"


@pytest.mark.parametrize("other", [listener("/a", ls=False), listener(*(f"/{n:0100}" for n in range(11)))])
def test_ls_is_refused_where_it_is_off_or_the_answer_too_long(other: Listener) -> None:
    other.receive_data(HEADER + b"\x03ls\n")
    assert other.data_to_send() == HEADER + b"\x03na\n"


def test_a_proposal_of_the_longest_size_and_one_more() -> None:
    name = "/" + "a" * (MAX_MESSAGE - 2)
    one, other = Dialler([name]), listener(name)
    converse(one, other)
    assert one.protocol == name
    with pytest.raises(ValueError, match="no multistream message"):
        encode(name + "a")
    other = listener(name)
    with pytest.raises(ProtocolError, match=f"a message of {MAX_MESSAGE + 1} bytes"):
        other.receive_data(HEADER + b"\x81\x08")  # its length alone is enough


@pytest.mark.parametrize("side", ["dialler", "listener"])
@pytest.mark.parametrize(
    ("data", "begun"),
    [
        (b"\x00", b"\x00"),
        (b"\xff\xff\xff", b"\xff"),
        (b"G", b"G"),  # of HTTP: as the length of a message it would have us wait for 71 bytes
        (b"\x03na\n", b"\x03"),
        (b"\x13/mul\n", b"\x13/mul\n"),
        (b"\x13/multistream/2.0.0\n", b"\x13/multistream/2"),
        (b"\x13/multistream/1.0.0\r", b"\x13/multistream/1.0.0\r"),
    ],
)
def test_a_header_is_refused_at_its_first_wrong_byte(data: bytes, begun: bytes, side: str) -> None:
    one = Dialler(["/a"]) if side == "dialler" else listener("/a")
    words = f"multistream: it begins with {begun!r}, not with {HEADER!r}"
    for byte in begun[:-1]:
        one.receive_data(bytes((byte,)))
    with pytest.raises(ProtocolError, match=re.escape(words)):
        one.receive_data(data[len(begun) - 1 :])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x00", "a message of 0 bytes"),
        (b"\x80\x00", "longer than its value 0 needs"),
        (b"\xff\xff\xff", "more than 2 bytes"),
        (b"\x04/abc", "without its newline"),
    ],
)
def test_malformed_proposals(data: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        listener("/a").receive_data(HEADER + data)


@pytest.mark.parametrize("answer", [b"\x03/b\n", b"\x03nb", b"\x04", b"\x00", b"\x03/a/", b"\xff\xff\xff"])
def test_an_answer_that_was_not_proposed(answer: bytes) -> None:
    """It is refused at its first wrong byte, too."""
    one = Dialler(["/a", "/b"])
    with pytest.raises(ProtocolError, match=r"the answer to /a begins with .*, not with b'.*/a.n' or b'.*na.n'"):
        one.receive_data(HEADER + answer)


def test_proposals_without_end() -> None:
    other = listener("/a")
    other.receive_data(HEADER + encode("/b") * MAX_PROPOSALS)
    assert other.data_to_send() == HEADER + b"\x03na\n" * MAX_PROPOSALS
    with pytest.raises(ProtocolError, match=f"more than {MAX_PROPOSALS} proposals"):
        other.receive_data(encode("/a"))


def test_ls_without_end() -> None:
    other = listener("/a")
    with pytest.raises(ProtocolError, match="proposals"):
        other.receive_data(HEADER + b"\x03ls\n" * (MAX_PROPOSALS + 1))


def test_a_proposal_that_is_no_text_is_refused() -> None:
    other = listener("/a", "")
    other.receive_data(HEADER + b"\x03\xff\xfe\n" + b"\x01\n")
    assert other.data_to_send() == HEADER + b"\x03na\n\x03na\n"


@pytest.mark.parametrize("name", ["/a\n", "a" * MAX_MESSAGE])
def test_what_is_no_message_is_not_sent(name: str) -> None:
    with pytest.raises(ValueError, match="no multistream message"):
        Dialler([name])


def test_nothing_to_propose() -> None:
    with pytest.raises(ValueError, match="needs a protocol"):
        Dialler([])


SAMPLE = HEADER + encode("/nothing") + encode(STATUS) + b"request"


@settings(deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda data: HEADER + data), st.booleans())
def test_any_bytes(data: bytes, dial: bool) -> None:
    one = Dialler(["/a", "/b"]) if dial else listener("/a")
    try:
        one.receive_data(data)
    except (ProtocolError, ProtocolsRefused):
        return
    assert len(one.data_to_send()) <= len(HEADER) + 4 * len(data) + 10


@settings(deadline=None)
@given(st.integers(0, len(SAMPLE) - 1), st.integers(1, 255), st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_recorded_bytes_mutated_and_cut(place: int, byte: int, steps: list[int]) -> None:
    data = SAMPLE[:place] + bytes((SAMPLE[place] ^ byte,)) + SAMPLE[place + 1 :]

    def outcome(pieces: list[bytes]) -> tuple[str | None, bytes, bytes, str]:
        other = listener(STATUS)
        try:
            for piece in pieces:
                other.receive_data(piece)
        except ProtocolError as error:
            return other.protocol, other.rest, b"", str(error)
        return other.protocol, other.rest, other.data_to_send(), ""

    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        step = steps[len(pieces) % len(steps)]
        pieces.append(data[at : at + step])
        at += step
    assert outcome([data]) == outcome(pieces)
