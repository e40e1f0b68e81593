"""What handlers may return."""

from __future__ import annotations

from typing import Any

import pytest

from pyrum_sync import eth2
from pyrum_sync.eth2.answers import answer, error_text
from pyrum_sync.eth2.exchange import Chunk
from pyrum_sync.spec.methods import method

PLAIN, CONTEXT = method("ping", 1), method("blocks-by-range", 2)
PING = eth2.Ping(seq_number=1)
DATA = PING.encode_bytes()
DIGEST = b"\1\2\3\4"
PAIR = Chunk(DATA, DIGEST)


@pytest.mark.parametrize(
    ("returned", "chunks"),
    [
        (None, []),
        ([], []),
        ((), []),
        (PING, [Chunk(DATA, b"")]),
        (bytearray(DATA), [Chunk(DATA, b"")]),
        ([PING, DATA], [Chunk(DATA, b"")] * 2),
        ((PING, DATA), [Chunk(DATA, b"")] * 2),
        ((DIGEST, DATA), [Chunk(DIGEST, b""), Chunk(DATA, b"")]),
    ],
)
def test_without_context(returned: Any, chunks: list[Chunk]) -> None:
    assert answer(lambda _: returned, None, PLAIN) == chunks


@pytest.mark.parametrize(
    ("returned", "chunks"),
    [
        (None, []),
        ([], []),
        ((DIGEST, PING), [PAIR]),
        ((DIGEST.hex(), DATA), [PAIR]),
        (("0x" + DIGEST.hex(), DATA), [PAIR]),
        ([(DIGEST, PING), (DIGEST, DATA)], [PAIR] * 2),
        (((DIGEST, PING), (DIGEST, DATA)), [PAIR] * 2),
        (((DIGEST, PING),), [PAIR]),
    ],
)
def test_with_context(returned: Any, chunks: list[Chunk]) -> None:
    assert answer(lambda _: returned, None, CONTEXT) == chunks


@pytest.mark.parametrize(
    ("returned", "error", "text"),
    [
        (PING, TypeError, "context, object"),
        ([DATA], TypeError, "context, object"),
        ((DATA, DATA), TypeError, "context, object"),
        ((DIGEST, 5), TypeError, "a handler returns"),
        (("0102", DATA), ValueError, "the context has 4 bytes"),
        ((DIGEST, DATA, DATA), TypeError, "context, object"),
    ],
)
def test_what_cannot_be_with_context(returned: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        answer(lambda _: returned, None, CONTEXT)


def test_the_request_is_handed_over() -> None:
    assert answer(lambda asked: asked, PING, PLAIN) == [Chunk(DATA, b"")]


def test_error_texts() -> None:
    assert error_text("a\0b") == "ab"
    assert error_text("\ud800") == "?"
    assert error_text("é" * 200) == "é" * 128
    assert len(error_text("x" + "é" * 200).encode()) == 255
