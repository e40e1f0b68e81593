"""The header fields of a block of any fork."""

from __future__ import annotations

import pytest

from pyrum_sync.spec.blocks import BlockSummary, block_summary

PARENT, STATE = b"p" * 32, b"s" * 32


def block(*, message: int = 100, body: int = 84, slot: int = 7, proposer: int = 8, rest: bytes = b"body") -> bytes:
    numbers = slot.to_bytes(8, "little") + proposer.to_bytes(8, "little")
    return message.to_bytes(4, "little") + b"g" * 96 + numbers + PARENT + STATE + body.to_bytes(4, "little") + rest


def test_the_fields() -> None:
    for data in (block(), bytearray(block()), memoryview(block())):
        assert block_summary(data) == BlockSummary(7, 8, PARENT, STATE, 188)
    most = (1 << 64) - 1
    assert block_summary(block(slot=most, proposer=most, rest=b""))[:2] == (most, most)


def test_what_is_not_a_block_is_refused() -> None:
    for size in (0, 1, 183):
        with pytest.raises(ValueError, match=f"^{size} bytes that are not a SignedBeaconBlock: 184 are the least"):
            block_summary(block()[:size])
    with pytest.raises(ValueError, match="the first offset is 96, not 100"):
        block_summary(block(message=96))
    with pytest.raises(ValueError, match="the body's offset is 85, not 84"):
        block_summary(block(body=85))
