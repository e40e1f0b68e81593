"""Decoders fed with anything: what they make of it, how much work that is, and how much they hold."""

from __future__ import annotations

import sys
from typing import Any, SupportsIndex

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyrum_sync.spec import snappy
from pyrum_sync.spec.codec import (
    SSZ,
    SSZ_SNAPPY,
    Chunk,
    RequestDecoder,
    ResponseDecoder,
    encode_chunk,
    encode_error,
    encode_request,
)
from pyrum_sync.spec.malformed import Malformed, TooShort

from .feeding import BLOCK, BLOCKS, CONTEXT, chunks_of, pieces

ENCODINGS = [SSZ_SNAPPY, SSZ]

# -- fuzz

_anything = st.one_of(
    st.binary(max_size=60),
    st.builds(lambda ssz, cut: encode_chunk(ssz)[:cut], st.binary(max_size=60), st.integers(0, 90)),
    st.builds(lambda ssz: encode_chunk(ssz, context=CONTEXT), st.binary(max_size=60)),
    st.builds(lambda ssz: encode_chunk(ssz, encoding=SSZ), st.binary(max_size=60)),
    st.builds(encode_error, st.integers(1, 255), st.binary(max_size=300)),
    st.builds(encode_request, st.binary(max_size=60)),
)


def outcome_of_response(decoder: ResponseDecoder, parts: list[bytes]) -> tuple[list[Chunk], str]:
    chunks: list[Chunk] = []
    try:
        for part in parts:
            chunks += decoder.feed(part)
        decoder.finish()
    except Malformed as error:
        return chunks + error.chunks, f"{type(error).__name__}: {error}"
    return chunks, ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.lists(_anything, max_size=4).map(b"".join), st.integers(1, 20), st.booleans(), st.sampled_from(ENCODINGS))
@pytest.mark.usefixtures("cramjam")
def test_any_bytes_are_a_response_or_malformed_alike_however_they_come(
    data: bytes, step: int, context: bool, encoding: str
) -> None:
    def decoder() -> ResponseDecoder:
        return ResponseDecoder(0, 1000, context=context, max_chunks=3, encoding=encoding)

    assert outcome_of_response(decoder(), [data]) == outcome_of_response(decoder(), pieces(data, step))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(_anything, st.integers(1, 20), st.sampled_from(ENCODINGS))
@pytest.mark.usefixtures("cramjam")
def test_any_bytes_are_a_request_or_malformed_alike_however_they_come(data: bytes, step: int, encoding: str) -> None:
    def outcome(parts: list[bytes]) -> bytes | str:
        decoder = RequestDecoder(0, 100, encoding=encoding)
        try:
            for part in parts:
                decoder.feed(part)
            return decoder.finish()
        except Malformed as error:
            return f"{type(error).__name__}: {error}"

    assert outcome([data]) == outcome(pieces(data, step))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.binary(max_size=300), max_size=5),
    st.sampled_from(ENCODINGS),
    st.one_of(st.none(), st.binary(min_size=4, max_size=4)),
)
@pytest.mark.usefixtures("library")
def test_any_chunks_are_read_as_they_were_written(objects: list[bytes], encoding: str, context: bytes | None) -> None:
    wire = b"".join(encode_chunk(ssz, context=context, encoding=encoding) for ssz in objects)
    decoder = ResponseDecoder(context=context is not None, encoding=encoding)
    assert chunks_of(decoder, wire) == [Chunk(0, ssz, context) for ssz in objects]


# -- work


class Counted(bytearray):
    """A buffer that counts the bytes copied out of it, and those that removing others moves."""

    copied = 0

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        got = super().__getitem__(key)
        if isinstance(got, bytearray):
            self.copied += len(got)
        return got

    def __bytes__(self) -> bytes:
        self.copied += len(self)
        return bytes(memoryview(self))

    def __delitem__(self, key: SupportsIndex | slice) -> None:
        assert isinstance(key, slice)
        assert key.start is None, "only from the front, which moves nothing"
        super().__delitem__(key)


def work(wire: bytes, step: int, encoding: str) -> tuple[int, int]:
    """How many calls are made, and how many bytes copied, for a response fed `step` bytes at a time."""
    decoder = ResponseDecoder(max_chunks=None, encoding=encoding)
    decoder._buffer = buffer = Counted()
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    parts = pieces(wire, step)
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        for part in parts:
            decoder.feed(part)
    finally:
        sys.setprofile(before)
    decoder.finish()
    return calls, buffer.copied


@pytest.mark.usefixtures("pure")
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("step", [1, 1000, 0])
@pytest.mark.parametrize("many", [False, True], ids=["one chunk", "many chunks"])
def test_the_work_is_linear_in_what_is_fed(
    encoding: str, step: int, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snappy, "masked", lambda _: bytes(4))  # known to be linear, and slow
    small, large = (
        (encode_chunk(bytes(500), encoding=encoding) * count)
        if many
        else encode_chunk(bytes(500 * count), encoding=encoding)
        for count in (10, 100)
    )
    few_calls, few_bytes = work(small, step, encoding)
    calls, copied = work(large, step, encoding)
    factor = len(large) / len(small)
    assert calls < 1.2 * factor * few_calls + 200
    assert copied < 1.2 * factor * few_bytes + 200
    # Whatever is tried again for each byte is of a fixed size.
    assert copied < 30 * len(large)


def test_what_a_refused_response_held_is_freed() -> None:
    decoder = ResponseDecoder.of(BLOCKS)
    with pytest.raises(TooShort):
        decoder.feed(b"\0" + CONTEXT + b"\x01" + bytes(100_000))
    assert not decoder._buffer


def test_one_frame_is_held_at_most() -> None:
    wire = encode_chunk(BLOCK * 4000, context=CONTEXT)
    decoder = ResponseDecoder.of(BLOCKS)
    held = 0
    for piece in pieces(wire, 1000):
        decoder.feed(piece)
        held = max(held, len(decoder._buffer))
    assert held <= snappy.max_compressed(snappy.MAX_FRAME) + 1008
