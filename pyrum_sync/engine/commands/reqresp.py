"""The side that asks: a request on a stream of its own, and the chunks of its answer, as they come.

The bytes are those of `spec.codec` on every network; errors are in Rumor's words (p2p/rpc/reqresp).
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pyrum_sync.engine.commands.base import Run
from pyrum_sync.engine.commands.protocols import Protocol
from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import Deadline, NetworkError, ProtocolNotSupported, Stream
from pyrum_sync.spec import codec
from pyrum_sync.spec.codec import INVALID_REQUEST, MAX_ERROR_SIZE, SERVER_ERROR, SUCCESS
from pyrum_sync.spec.malformed import CompressionMissing, Malformed, TooLong

PART_SECONDS = 10.0
"""How long each part of a request or an answer is waited for: a chunk, or the end. Rumor waits for ever."""
_MOST_LEFT = 1 << 20  # bytes of an answer that nobody reads, before its stream is reset


@dataclass(frozen=True)
class Chunk:
    """A chunk of an answer."""

    index: int
    code: int
    data: bytes
    context: bytes | None
    """The context bytes, where the protocol has some."""

    @property
    def text(self) -> str:
        """The text of an error."""
        return self.data.decode("utf-8", "replace")


def error_text(text: str) -> bytes:
    """Returns the text of an error chunk, cut to what one may hold."""
    data = text.encode(errors="replace")
    return data if len(data) <= MAX_ERROR_SIZE else data[: MAX_ERROR_SIZE - 3] + b"..."


@dataclass(frozen=True)
class Request:
    """A request to be made: to which peer, by which protocol, with what, and until when its stream must be open."""

    peer: str
    protocol: Protocol
    data: bytes
    deadline: Deadline = None


@contextlib.asynccontextmanager
async def ask(run: Run, request: Request) -> AsyncIterator[Stream]:
    """Sends a request; the block gets its stream, to be read with `chunks`. Afterwards the stream is ended.

    Raises:
        DeadlineExceeded: the stream was not open in time. As in Rumor, the request's time limit bounds no more.
        NetworkError: the peer cannot be reached, or does not serve the protocol.
    """
    stream = await run.host.open_stream(request.peer, request.protocol.id, request.deadline)
    try:
        stream.write(request.protocol.request(request.data))
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
        while left > 0:
            data = await deadlines.within(stream.read(), deadline)
            if not data:
                return  # over on both sides; a reset would take back what is still on its way
            left -= len(data)
    stream.reset()


async def chunks(stream: Stream, request: Request, most: int) -> AsyncIterator[Chunk]:
    """Yields the chunks of the answer, `most` at most, as they come; one with an error is the last.

    Raises:
        NetworkError: what came is no answer, or a chunk took longer than `PART_SECONDS`.
    """
    answer = _Answer(stream, request.protocol)
    for index in range(most):
        deadline = deadlines.after(PART_SECONDS)
        try:
            chunk = await deadlines.within(answer.next(), deadline)
        except Malformed as error:
            raise NetworkError(_wrong_chunk(index, error)) from None
        except CompressionMissing as error:
            raise NetworkError(f"failed to read chunk {index}: {error}") from None
        except ProtocolNotSupported:
            raise  # as if the stream had not been opened: the peer ceased to serve it a moment ago
        except NetworkError as error:
            raise type(error)(f"failed to read chunk {index}: {error}") from None
        if chunk is None:
            return
        yield Chunk(index, chunk.result, chunk.ssz, chunk.context)


class _Answer:
    """The chunks that have come and were not yet taken, and what reads further ones."""

    def __init__(self, stream: Stream, protocol: Protocol) -> None:
        self._stream = stream
        self._decoder = protocol.response_decoder()
        self._ready: deque[codec.Chunk] = deque()
        self._fault: Malformed | None = None

    async def next(self) -> codec.Chunk | None:
        """The next chunk; None after the last."""
        while not self._ready:
            if self._decoder.done:  # whatever comes after an error is of no account
                return None
            if self._fault is not None:
                raise self._fault
            data = await self._stream.read()
            if not data:
                self._decoder.finish()
                return None
            try:
                self._ready.extend(self._decoder.feed(data))
            except Malformed as error:
                self._ready.extend(error.chunks)
                self._fault = error
        return self._ready.popleft()


def _wrong_chunk(index: int, error: Malformed) -> str:
    if isinstance(error, TooLong) and error.size is not None:
        kind = "error size" if error.bound == MAX_ERROR_SIZE else "chunk"
        return f"chunk size {error.size} of chunk {index} exceeds {kind} limit {error.bound}"
    return f"failed to read chunk {index}: {error}"


async def fetch(run: Run, request: Request) -> tuple[int, str, bytes]:
    """Asks for one chunk: its code, the text of an error, the data of a success. No chunk counts as a server error.

    Raises:
        NetworkError: see `ask` and `chunks`.
    """
    async with ask(run, request) as stream:
        async for chunk in chunks(stream, request, 1):
            if chunk.code in (INVALID_REQUEST, SERVER_ERROR):
                return chunk.code, chunk.text, b""
            if chunk.code != SUCCESS:
                raise NetworkError("unexpected result code")
            return chunk.code, "", chunk.data
    return SERVER_ERROR, "", b""
