from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.engine.network.libp2p.gossip_snappy import compress, decompress


@given(st.binary(max_size=2000) | st.builds(bytes, st.integers(0, 100_000)))
def test_what_was_compressed_is_decompressed(data: bytes) -> None:
    assert decompress(compress(data)) == data


def test_the_format() -> None:
    assert compress(b"") == b"\x00"
    assert decompress(b"\x03\x08abc") == b"abc"


@pytest.mark.parametrize("block", [b"", b"\x80", b"\x03", b"\x03\x08ab", b"\x05\x08abc", b"\xff" * 6, b"\x01\x00ab"])
def test_what_is_no_block(block: bytes) -> None:
    with pytest.raises(ValueError, match=r"snappy block|varint"):
        decompress(block)


def test_the_length_is_checked_first() -> None:
    with pytest.raises(ValueError, match="of 11 bytes; 10 are allowed"):
        decompress(compress(b"a" * 11), 10)
    assert decompress(compress(b"a" * 10), 10) == b"a" * 10


def test_a_bomb_is_not_unpacked() -> None:
    ten_mib = b"\x80\x80\x80\x05"
    began = time.process_time()
    for _ in range(10_000):
        with pytest.raises(ValueError, match="a snappy block of 14 bytes cannot hold 10485760"):
            decompress(ten_mib + b"0123456789")
    assert time.process_time() - began < 2


def test_the_best_compression_is_possible() -> None:
    # copies of 64 bytes, 3 bytes each
    zeros = bytes(10 * 1024 * 1024)
    assert decompress(compress(zeros)) == zeros
