from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.libp2p.ping import SIZE, PingRequest, PingResponse

PAYLOAD = bytes(range(SIZE))


@pytest.mark.parametrize("step", range(1, SIZE + 1))
def test_there_and_back_however_it_is_cut(step: int) -> None:
    request, response = PingRequest(), PingResponse()
    for number in range(3):
        payload = bytes((number,)) * SIZE
        wire = request.ping(payload)
        back = b"".join(response.receive_data(wire[at : at + step]) for at in range(0, SIZE, step))
        assert back == payload
        answers = [request.receive_data(back[at : at + step]) for at in range(0, SIZE, step)]
        assert answers == [False] * (len(answers) - 1) + [True]
    assert response.complete


def test_several_pings_in_one_segment_are_all_answered() -> None:
    response = PingResponse()
    assert response.receive_data(PAYLOAD * 100 + b"half") == PAYLOAD * 100
    assert not response.complete
    assert response.receive_data(PAYLOAD[4:]) == b"half" + PAYLOAD[4:]


@pytest.mark.parametrize("answer", [bytes(SIZE), PAYLOAD[:31] + b"\xff", PAYLOAD + b"\0", PAYLOAD * 2])
def test_another_answer_than_what_was_sent(answer: bytes) -> None:
    request = PingRequest()
    request.ping(PAYLOAD)
    with pytest.raises(ProtocolError, match="not what was sent"):
        request.receive_data(answer)


def test_an_answer_that_nobody_asked_for() -> None:
    request = PingRequest()
    assert not request.receive_data(b"")
    with pytest.raises(ProtocolError, match="not what was sent"):
        request.receive_data(PAYLOAD)


def test_one_ping_at_a_time_and_of_its_size() -> None:
    request = PingRequest()
    with pytest.raises(ValueError, match="not 31"):
        request.ping(PAYLOAD[1:])
    request.ping(PAYLOAD)
    with pytest.raises(ValueError, match="not come yet"):
        request.ping(PAYLOAD)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=100), max_size=20))
def test_no_more_is_answered_than_came(pieces: list[bytes]) -> None:
    response = PingResponse()
    back = b"".join(map(response.receive_data, pieces))
    came = b"".join(pieces)
    assert back == came[: len(came) // SIZE * SIZE]
