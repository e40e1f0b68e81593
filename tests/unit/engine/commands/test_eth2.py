"""Containers of the requests: bytes to fields and back, and Rumor's words for bytes that are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyrum_sync.engine.commands import eth2

FIELD = "failed to deserialize fixed-length field"


def test_status_and_metadata_both_ways() -> None:
    status = eth2.Status(b"\1" * 4, b"\2" * 32, 3, b"\4" * 32, 5)
    assert eth2.Status.decode(status.encode()) == status
    assert status.shown()["fork_digest"] == "01010101"
    assert eth2.decode_status(status.encode())["head_root"] == "0x" + "04" * 32
    metadata = eth2.MetaData(7, b"\1" * 8)
    assert eth2.MetaData.decode(metadata.encode()) == metadata
    assert metadata.shown() == {"seq_number": 7, "attnets": "01" * 8}
    assert eth2.decode_metadata(metadata.encode()) == {"seq_number": 7, "attnets": "0x" + "01" * 8}


def test_other_requests() -> None:
    assert eth2.decode_uint64(b"\5" + bytes(7)) == 5
    assert eth2.decode_range(b"".join(n.to_bytes(8, "little") for n in (1, 2, 3))) == {
        "StartSlot": 1,
        "Count": 2,
        "Step": 3,
    }
    assert eth2.decode_roots(bytes(64)) == ["0x" + "00" * 32] * 2


@pytest.mark.parametrize(
    ("decode", "data", "error"),
    [
        (eth2.decode_uint64, b"", "cannot read 8 bytes, 8 beyond scope"),
        (
            eth2.decode_status,
            bytes(83),
            f"{FIELD} 4: cannot read 8 bytes, 1 beyond scope",
        ),
        (
            eth2.decode_range,
            bytes(9),
            f"{FIELD} 1: cannot read 8 bytes, 7 beyond scope",
        ),
        (eth2.decode_roots, bytes(33), "33 bytes are no list of roots"),
        (eth2.decode_block, b"", "decoding blocks is not in the pyrum_sync engine, use --raw"),
    ],
)
def test_bytes_that_are_none(decode: Callable[[bytes], Any], data: bytes, error: str) -> None:
    with pytest.raises(eth2.DecodeError) as caught:
        decode(data)
    assert str(caught.value) == error
