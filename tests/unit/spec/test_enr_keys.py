"""The values of a record's keys."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec import enr_keys
from pyrum_sync.spec.enr_keys import FAR_FUTURE_EPOCH, KEYS, NAMES, ForkId


def test_a_fork_id_as_a_client_writes_it() -> None:
    # a Prysm of today, two epochs before Fulu
    fork = ForkId.decode(bytes.fromhex("01eb3100200000950200000000000000"))
    assert fork == ForkId(bytes.fromhex("01eb3100"), bytes.fromhex("20000095"), 2)
    assert fork.encode().hex() == "01eb3100200000950200000000000000"


def test_no_next_fork() -> None:
    fork = ForkId.decode(bytes.fromhex("b5303f2a00000000ffffffffffffffff"))
    assert fork.next_fork_epoch == FAR_FUTURE_EPOCH


@given(st.binary(min_size=16, max_size=16))
def test_a_fork_id_there_and_back(data: bytes) -> None:
    assert ForkId.decode(data).encode() == data


def test_a_fork_id_is_a_value() -> None:
    zeros: Any = bytearray(4)
    fork = ForkId(b"abcd", zeros, 1)
    assert fork == ForkId(b"abcd", bytes(4), 1)
    assert len({fork, ForkId(b"abcd", bytes(4), 1)}) == 1
    assert pickle.loads(pickle.dumps(fork)) == copy.copy(fork) == fork
    with pytest.raises(AttributeError):
        fork.next_fork_epoch = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ((b"abc", b"abcd", 1), ValueError, "fork_digest has 4 bytes, not 3"),
        ((b"abcd", b"abcde", 1), ValueError, "next_fork_version has 4 bytes, not 5"),
        (("0x00000000", b"abcd", 1), TypeError, "fork_digest must be bytes, not str"),
        ((b"abcd", b"abcd", -1), ValueError, "next_fork_epoch must be 0 to 2"),
        ((b"abcd", b"abcd", 2**64), ValueError, "next_fork_epoch must be 0 to 2"),
        ((b"abcd", b"abcd", "1"), TypeError, "next_fork_epoch must be an int, not str"),
    ],
)
def test_what_is_no_fork_id(values: tuple[Any, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ForkId(*values)


def test_names() -> None:
    assert NAMES["custody_group_count"] == "cgc"
    assert NAMES["next_fork_digest"] == "nfd"
    assert len(NAMES) == len(KEYS) == 13
    assert all(key.name == name for name, key in KEYS.items())


@given(st.sampled_from(sorted(KEYS)), st.binary(max_size=20))
def test_any_value_is_read_or_refused(name: str, data: bytes) -> None:
    key = KEYS[name]
    try:
        value = key.decode(data)
    except ValueError:
        return
    assert key.decode(key.encode(value)) == value


@pytest.mark.parametrize(
    ("packed", "text"),
    [
        (bytes((1, 2, 3, 4)), "1.2.3.4"),
        (bytes(15) + b"\1", "::1"),
        (bytes(10) + b"\xff\xff\1\2\3\4", "::ffff:1.2.3.4"),
        (bytes.fromhex("20010db8000000000000000000000001"), "2001:db8::1"),
    ],
)
def test_ip_addresses_as_text(packed: bytes, text: str) -> None:
    assert enr_keys.ip_text(packed) == text
