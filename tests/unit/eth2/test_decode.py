"""SSZ objects from bytes."""

from __future__ import annotations

from typing import Any

import pytest
from remerkleable.basic import boolean, uint64
from remerkleable.complex import List

from pyrum_sync import eth2
from tests.support.crowd import STATUS
from tests.unit.eth2.things import Block, Flagged


@pytest.mark.parametrize(
    ("view", "size"),
    [
        (STATUS, 84),
        (eth2.Goodbye(reason=3), 8),
        (eth2.Ping(seq_number=2**64 - 1), 8),
        (eth2.MetaData(seq_number=1, attnets=[True] + 63 * [False]), 16),
        (eth2.BlocksByRangeRequest(start_slot=1, count=2, step=3), 24),
        (eth2.BlocksByRootRequest(b"\1" * 32, b"\2" * 32), 64),
        (Block(slot=1, body=[2, 3]), 28),
    ],
    ids=lambda value: type(value).__name__,
)
def test_decode(view: Any, size: int) -> None:
    encoded = view.encode_bytes()
    assert len(encoded) == size
    for data in (encoded, bytearray(encoded), memoryview(encoded), encoded.hex(), "0x" + encoded.hex()):
        assert eth2.decode(type(view), data) == view


def test_status_on_the_wire() -> None:
    assert STATUS.encode_bytes().hex() == ("01020304" + "05" * 32 + "0600000000000000" + "07" * 32 + "0800000000000000")


@pytest.mark.parametrize("size", [0, 83, 85, 168])
def test_decode_wrong_length(size: int) -> None:
    with pytest.raises(ValueError, match=f"84 bytes, not {size}"):
        eth2.decode(eth2.Status, bytes(size))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Flagged, bytes(8) + b"\2"),  # neither true nor false
        (List[boolean, 4], b"\1\2"),
        (uint64, bytes(9)),
        (Block, bytes(8) + b"\x0d\0\0\0" + b"\0"),  # the offset skips a byte
        (Block, bytes(8) + b"\xff\xff\xff\xff"),
        (Block, bytes(8) + b"\x0c\0\0\0" + bytes(7)),
        (Block, bytes(11)),
        (eth2.BlocksByRootRequest, bytes(33)),
        (eth2.BlocksByRootRequest, bytes(32 * 1025)),
        (eth2.Ping, "zz" * 8),
        (eth2.Ping, "00 00 00 00 00 00 00 00"),
        (eth2.Ping, "0" * 15),
    ],
)
def test_decode_bad_content(kind: Any, data: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        eth2.decode(kind, data)


def test_decode_other_types() -> None:
    with pytest.raises(TypeError):
        eth2.decode(eth2.Ping, 5)  # type: ignore[arg-type]
