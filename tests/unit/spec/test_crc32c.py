"""The checksum of snappy frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec.crc32c import crc32c, masked


@pytest.mark.parametrize(
    ("data", "checksum"),
    [  # RFC 3720, B.4, and the check value of the catalogue of CRCs
        (b"123456789", 0xE3069283),
        (b"", 0),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_a_published_checksum(data: bytes, checksum: int) -> None:
    assert crc32c(data) == checksum


@given(st.binary(max_size=200))
def test_the_masked_form_is_that_of_the_library(data: bytes) -> None:
    library = pytest.importorskip("cramjam").snappy
    frame = bytes(library.compress(data or b"\0"))
    assert frame[14:18] == masked(data or b"\0")
