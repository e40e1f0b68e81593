"""Fork digests."""

from __future__ import annotations

from typing import Any

import pytest
from remerkleable.byte_arrays import Bytes4, Bytes32
from remerkleable.complex import Container

from pyrum_sync.spec.forks import BlobParameters, as_bytes, fork_data_root, fork_digest

MAINNET = "4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95"


def test_the_root_is_that_of_the_container() -> None:
    annotations = {"current_version": Bytes4, "genesis_validators_root": Bytes32}
    ForkData: Any = type("ForkData", (Container,), {"__annotations__": annotations})
    data = ForkData(current_version="0x06000000", genesis_validators_root=MAINNET)
    assert fork_data_root("06000000", MAINNET) == bytes(data.hash_tree_root())


def test_the_blob_parameters_belong_to_the_digest_since_fulu() -> None:
    assert fork_digest("06000000", MAINNET).hex() == "82fae541"
    assert fork_digest("06000000", MAINNET, (419072, 21)).hex() == "8c9f62fe"
    assert fork_digest(b"\x06\0\0\0", bytes.fromhex(MAINNET), BlobParameters(412672, 15)).hex() == "cb0d1acc"
    assert fork_digest("06000000", bytes(32), (9, 9)) != fork_digest("06000000", bytes(32), (9, 10))


@pytest.mark.parametrize(
    "value", ["0x01020304", "01020304", b"\1\2\3\4", bytearray(b"\1\2\3\4"), memoryview(b"\1\2\3\4")]
)
def test_bytes_or_hex(value: bytes | str) -> None:
    assert as_bytes(value, 4, "a digest") == b"\1\2\3\4"


@pytest.mark.parametrize(
    ("version", "root", "text"),
    [
        ("0600000", MAINNET, "a fork version is not hex: '0600000'"),
        ("06000000é", MAINNET, "a fork version is not hex"),
        ("060000", MAINNET, "a fork version has 4 bytes, not 3"),
        ("06000000", MAINNET[:-2], "a genesis validators root has 32 bytes, not 31"),
    ],
)
def test_what_is_none_is_named(version: str, root: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        fork_digest(version, root)


def test_a_number_is_no_version() -> None:
    with pytest.raises(TypeError, match="a fork version must be bytes or hex, not int"):
        fork_digest(6, MAINNET)  # type: ignore[arg-type]
