"""Keccak-256."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec.keccak import keccak256, sponge


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_known_hashes(data: bytes, digest: str) -> None:
    assert keccak256(data).hex() == digest


@given(st.binary(max_size=500))
def test_the_same_sponge_as_sha_3(data: bytes) -> None:
    assert sponge(data, 0x06) == hashlib.sha3_256(data).digest()


@pytest.mark.parametrize("size", [134, 135, 136, 137, 271, 272, 273])
def test_around_the_end_of_a_block(size: int) -> None:
    data = bytes(range(256)) * 2
    assert sponge(data[:size], 0x06) == hashlib.sha3_256(data[:size]).digest()
