"""Requests and responses on a stream: ``<length><data>`` one way, ``<result><length><data>…`` the other.

Behaves as Rumor's p2p/rpc/reqresp. Compression is part of the protocol's name only: the bytes travel as they are.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pyrum_sync.engine.commands import eth2
from pyrum_sync.engine.commands.base import Run
from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import Deadline, DeadlineExceeded, NetworkError, Stream
from pyrum_sync.engine.session.context import Context

SUCCESS, INVALID_REQUEST, SERVER_ERROR = 0, 1, 2
MAX_ERROR_SIZE = 256
PART_SECONDS = 10.0
"""How long each part of an answer is waited for: a chunk, or the end. Rumor waits for ever."""
_MOST_LEFT = 1 << 20  # bytes of an answer that nobody reads, before its stream is reset
_BLOCK_LIMIT = 157_756  # mainnet's largest phase 0 block


@dataclass(frozen=True)
class Method:
    """One of Eth2's requests."""

    name: str
    protocol: str
    request_sizes: tuple[int, int]
    response_limit: int
    chunks: int
    decode_request: Callable[[bytes], Any]
    decode_response: Callable[[bytes], Any]

    def protocol_with(self, compression: str) -> str:
        """The protocol's name, with the compression."""
        return self.protocol if compression == "none" else f"{self.protocol}_{compression}"

    def chunk_limit(self, compression: str) -> int:
        """The largest chunk taken; with snappy, Rumor compares with its largest compressed size."""
        limit = self.response_limit
        return limit if compression == "none" else 32 + limit + limit // 6


_PROTOCOL = "/eth2/beacon_chain/req/{}/1/ssz"
_UINT64 = eth2.decode_uint64

METHODS = {
    method.name: method
    for method in (
        Method("goodbye", _PROTOCOL.format("goodbye"), (8, 8), 8, 0, _UINT64, _UINT64),
        Method("status", _PROTOCOL.format("status"), (84, 84), 84, 1, eth2.decode_status, eth2.decode_status),
        Method("ping", _PROTOCOL.format("ping"), (8, 8), 8, 1, _UINT64, _UINT64),
        Method("metadata", _PROTOCOL.format("metadata"), (0, 0), 16, 1, eth2.decode_nothing, eth2.decode_metadata),
        Method(
            name="blocks-by-range",
            protocol=_PROTOCOL.format("beacon_blocks_by_range"),
            request_sizes=(24, 24),
            response_limit=_BLOCK_LIMIT,
            chunks=20,
            decode_request=eth2.decode_range,
            decode_response=eth2.decode_block,
        ),
        Method(
            name="blocks-by-root",
            protocol=_PROTOCOL.format("beacon_blocks_by_root"),
            request_sizes=(0, 32 * 1024),
            response_limit=_BLOCK_LIMIT,
            chunks=20,
            decode_request=eth2.decode_roots,
            decode_response=eth2.decode_block,
        ),
    )
}


@dataclass(frozen=True)
class Chunk:
    """One piece of a response."""

    index: int
    code: int
    data: bytes


class _Reader:
    """Reads exact lengths from a stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = b""

    async def exactly(self, count: int) -> bytes:
        """That many bytes, fewer at the end."""
        while len(self._buffer) < count:
            more = await self._stream.read()
            if not more:
                break
            self._buffer += more
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    async def length(self) -> int:
        """A varint."""
        value, shift = 0, 0
        while True:
            byte = await self.exactly(1)
            if not byte:
                raise NetworkError("EOF")
            value |= (byte[0] & 0x7F) << shift
            if byte[0] < 0x80:
                return value
            shift += 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_chunk(code: int, data: bytes) -> bytes:
    """A chunk of a response."""
    return bytes([code]) + _varint(len(data)) + data


def error_text(text: str) -> bytes:
    """The text of an error chunk, cut to what one may hold."""
    data = text.encode()
    return data if len(data) <= MAX_ERROR_SIZE else data[: MAX_ERROR_SIZE - 3] + b"..."


# The side that asks.


@dataclass(frozen=True)
class Request:
    """A request to be made; its stream must be open by the deadline."""

    peer: str
    method: Method
    compression: str
    data: bytes
    deadline: Deadline = None


@contextlib.asynccontextmanager
async def ask(run: Run, request: Request) -> AsyncIterator[Stream]:
    """Sends a request and hands out its stream, to be read with `chunks`; afterwards sees to it that the stream ends.

    Raises:
        DeadlineExceeded: the stream was not open in time. As in Rumor, the request's time limit bounds no more.
        NetworkError: the peer cannot be reached, or does not know the method.
    """
    protocol = request.method.protocol_with(request.compression)
    stream = await run.host.open_stream(request.peer, protocol, request.deadline)
    try:
        stream.write(_varint(len(request.data)) + request.data)
        stream.close_write()
        yield stream
    except BaseException:
        stream.reset()
        raise
    run.spawn(end(stream))


async def end(stream: Stream) -> None:
    """Ends a stream: this side's writing at once, the other's when it ends within a part's time, else by a reset."""
    stream.close_write()
    left = _MOST_LEFT
    with contextlib.suppress(NetworkError):
        deadline = deadlines.after(PART_SECONDS)
        while left > 0 and (data := await deadlines.within(stream.read(), deadline)):
            left -= len(data)
    stream.reset()


async def chunks(stream: Stream, request: Request, most: int) -> AsyncIterator[Chunk]:
    """Yields the chunks of the answer, as they come.

    Raises:
        NetworkError: what came is no answer, or a chunk took longer than `PART_SECONDS`.
    """
    reader = _Reader(stream)
    for index in range(most):
        try:
            chunk = await deadlines.within(_chunk(reader, request, index), deadlines.after(PART_SECONDS))
        except DeadlineExceeded as error:
            raise NetworkError(f"failed to read chunk {index}: {error}") from None
        if chunk is None:
            return
        yield chunk


async def _chunk(reader: _Reader, request: Request, index: int) -> Chunk | None:
    try:
        code = await reader.exactly(1)
    except NetworkError as error:
        raise NetworkError(f"failed to read chunk {index} result byte: {error}") from None
    if not code:
        return None
    size = await reader.length()
    if code[0] in (INVALID_REQUEST, SERVER_ERROR):
        if size > MAX_ERROR_SIZE:
            raise NetworkError(f"chunk size {size} of chunk {index} exceeds error size limit {MAX_ERROR_SIZE}")
    elif size > request.method.chunk_limit(request.compression):
        limit = request.method.chunk_limit(request.compression)
        raise NetworkError(f"chunk size {size} of chunk {index} exceeds chunk limit {limit}")
    return Chunk(index, code[0], await reader.exactly(size))


async def fetch(run: Run, request: Request) -> tuple[int, str, bytes]:
    """Asks for one chunk: its code, the text of an error, the data of a success. No chunk counts as a server error.

    Raises:
        NetworkError: see `ask` and `chunks`.
    """
    async with ask(run, request) as stream:
        async for chunk in chunks(stream, request, 1):
            if chunk.code in (INVALID_REQUEST, SERVER_ERROR):
                return chunk.code, chunk.data.decode("utf-8", "replace"), b""
            if chunk.code != SUCCESS:
                raise NetworkError("unexpected result code")
            return chunk.code, "", chunk.data
    return SERVER_ERROR, "", b""


# The side that answers.


class Incoming:
    """A request that came in."""

    def __init__(self, stream: Stream, context: Context, reader: _Reader, length: int, wrong: str | None) -> None:
        self.stream = stream
        self.context = context
        self._reader = reader
        self._length = length
        self._wrong = wrong

    async def raw(self) -> bytes:
        """Its data; DecodeError when its length is wrong."""
        if self._wrong is not None:
            raise eth2.DecodeError(self._wrong)
        return await self._reader.exactly(self._length)

    def respond(self, code: int, data: bytes) -> None:
        """Writes a chunk; NetworkError when the stream is closed."""
        self.stream.write(encode_chunk(code, data))


Handler = Callable[[Incoming], Awaitable[None]]


def listen(run: Run, method: Method, compression: str, timeout: float | None, handler: Handler) -> Callable[[], None]:
    """Hands the requests of a method to `handler`, each in a task of its own; returns what ends that."""
    host = run.host
    protocol = method.protocol_with(compression)
    listening = Context()
    spoiled = False

    async def handle(stream: Stream) -> None:
        nonlocal spoiled
        context = Context(listening, timeout)
        context.on_cancel(stream.close_write)
        reader = _Reader(stream)
        try:
            # as in Rumor, one request of a wrong length leaves a listener that takes all others for empty
            length, wrong = (0, None) if spoiled else await _request_length(reader, method)
            spoiled = spoiled or wrong is not None
            await handler(Incoming(stream, context, reader, length, wrong))
        except NetworkError as error:
            run.warn("the stream broke", error=str(error))
        finally:
            context.cancel()
            run.spawn(end(stream))

    def opened(stream: Stream) -> None:
        run.spawn(handle(stream))

    def stop() -> None:
        listening.cancel()
        host.unserve(protocol)

    host.serve(protocol, opened)
    return stop


async def _request_length(reader: _Reader, method: Method) -> tuple[int, str | None]:
    least, most = method.request_sizes
    if most == 0:
        return 0, None
    try:
        length = await reader.length()
    except NetworkError as error:
        return 0, str(error)
    if length < least:
        return length, f"request length {length} is unexpectedly small, request size minimum is {least}"
    if length > most:
        return length, f"request length {length} exceeds request size limit {most}"
    return length, None
