"""One field of a call."""

from __future__ import annotations

from typing import Any

import pytest

from pyrum_sync import (
    Call,
    CallEnded,
)
from tests.conftest import HANG
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import Start, end


def test_a_field_gives_one_value_at_a_time(peer: ScriptedServer, call: Call, background: Start) -> None:
    reading = background(call.addr)
    peer.data(call.id, other=1)
    peer.data(call.id, addr="a")
    assert reading.value() == "a"
    peer.data(call.id, addr=None)
    peer.data(call.id, addr={"x": [1]})
    assert call.addr(timeout=HANG) is None
    assert call.field("addr")() == {"x": [1]}
    end(peer, call)
    with pytest.raises(CallEnded, match="without another value of 'addr'; the fields that it had: msg, other, addr"):
        call.addr()


def test_loops_over_a_field_share_its_values(peer: ScriptedServer, call: Call) -> None:
    for number in range(5):
        peer.data(call.id, n=number)
    end(peer, call)
    assert call.n() == 0
    assert next(iter(call.n)) == 1
    assert next(call.n.values()) == 2
    assert next(call.field("n").values(timeout=HANG)) == 3
    assert list(call.n) == [4]
    assert list(call.n) == []
    assert list(call.nothing) == []


def test_a_call_that_gave_nothing_says_so(peer: ScriptedServer, call: Call) -> None:
    end(peer, call)
    with pytest.raises(CallEnded, match="the fields that it had: none"):
        call.addr()


def test_a_field_has_a_name(call: Call) -> None:
    with pytest.raises(TypeError, match="a field's name must be a str, not int"):
        call.field(7)  # type: ignore[arg-type]


def test_several_threads_get_each_value_once(peer: ScriptedServer, call: Call, background: Start) -> None:
    readers = [background(lambda: list(call.n)) for _ in range(4)]
    readers += [background(lambda: [entry["n"] for entry in call.entries()]) for _ in range(3)]
    for number in range(2000):
        peer.data(call.id, n=number)
    end(peer, call)
    found: list[Any] = [reader.value() for reader in readers]
    for some in (found[:4], found[4:]):
        assert sorted(n for values in some for n in values) == list(range(2000))
        assert all(values == sorted(values) for values in some)
