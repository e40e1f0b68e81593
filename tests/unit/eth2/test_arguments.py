"""Checks of arguments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from remerkleable.basic import uint64
from remerkleable.byte_arrays import Bytes32

from pyrum_sync.eth2.arguments import Deadline, items, root, text, whole


class Index:
    """As numpy's integers."""

    def __index__(self) -> int:
        return 3


@pytest.mark.parametrize("value", [3, uint64(3), Index()])
def test_whole(value: Any) -> None:
    assert whole(value, "it") == 3


@pytest.mark.parametrize("value", [3.0, "3", None, True, b"3", [3]])
def test_not_whole(value: Any) -> None:
    with pytest.raises(TypeError, match="it must be an int, not"):
        whole(value, "it")


def test_out_of_range() -> None:
    with pytest.raises(ValueError, match="it must be 0 or more, not -1"):
        whole(-1, "it")
    with pytest.raises(ValueError, match="it must be at most 18446744073709551615"):
        whole(2**64, "it")
    with pytest.raises(ValueError, match="it must be at most 4, not 5"):
        whole(5, "it", 1, 4)


def test_roots() -> None:
    wanted = b"\1" * 32
    for value in (wanted, bytearray(wanted), Bytes32(wanted), wanted.hex(), "0x" + wanted.hex()):
        assert root(value, "it") == wanted
    for wrong in (b"", wanted + b"x", "01"):
        with pytest.raises(ValueError, match="it has 32 bytes"):
            root(wrong, "it")
    with pytest.raises(TypeError, match="it must be bytes or hex"):
        root(5, "it")


def test_text_and_items() -> None:
    assert text("x", "it") == "x"
    assert items(iter((1, 2)), "it") == [1, 2]
    with pytest.raises(TypeError, match="it must be a str, not bytes"):
        text(b"x", "it")
    for wrong in ("ab", b"ab", bytearray(b"ab"), 5, None):
        with pytest.raises(TypeError, match="it must be an iterable, not"):
            items(wrong, "it")


def test_deadlines() -> None:
    assert (Deadline(None).left(), Deadline(None).flag()) == (None, timedelta(0))
    left = Deadline(60).left()
    assert left is not None
    assert 50 < left <= 60
    # 0 would mean no limit to Rumor.
    assert (Deadline(0).left(), Deadline(0).flag()) == (0.0, timedelta(milliseconds=1))
    with pytest.raises(ValueError, match="timeout"):
        Deadline(-1)
    with pytest.raises(TypeError, match="timeout"):
        Deadline("1")  # type: ignore[arg-type]
