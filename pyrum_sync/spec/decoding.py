"""The decoders of eth2's requests and responses: fed what comes, in pieces of any size.

The wire is described in `encoding`. They work on bytes; what those mean is the containers' part. The work is linear in
what is fed, and no more is held than a frame and the payload that is being read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrum_sync.spec import varint
from pyrum_sync.spec.encoding import CONTEXT_SIZE, MAX_ERROR_SIZE, MAX_PAYLOAD_SIZE, SSZ_SNAPPY, Chunk, is_compressed
from pyrum_sync.spec.malformed import BadHeader, EarlyEnd, LeftOver, Malformed, OverLimit, TooLong, TooShort
from pyrum_sync.spec.snappy import STREAM_IDENTIFIER, FrameDecoder, max_compressed

if TYPE_CHECKING:
    from pyrum_sync.spec.methods import Method


class _Payload:
    """Reads one length prefix, and the payload that follows."""

    def __init__(self, smallest: int, largest: int, encoding: str) -> None:
        self._smallest = smallest
        self._largest = min(largest, MAX_PAYLOAD_SIZE)
        self._compressed = is_compressed(encoding)
        self._frames: FrameDecoder | None = None
        self._size = -1  # not known yet
        self._data = bytearray()

    def read(self, buffer: bytearray) -> bytes | None:
        """Take what `buffer` has of it; the whole payload when its last byte was there."""
        if self._size < 0 and not self._read_size(buffer):
            return None
        while len(self._data) < self._size:
            room = self._size - len(self._data)
            if self._frames is not None:
                piece = self._frames.read(buffer, room)
            else:
                piece = bytes(buffer[:room]) or None
                del buffer[:room]
            if piece is None:
                return None
            self._data += piece
        return bytes(self._data)

    def _read_size(self, buffer: bytearray) -> bool:
        try:
            head = varint.decode(buffer)
        except ValueError as error:
            raise BadHeader(f"the length prefix is not a varint: {error}") from error
        if head is None:
            return False
        size, end = head
        if size < self._smallest:
            text = f"a payload of {size} bytes, where {self._smallest} are the least"
            raise TooShort(text, size=size, bound=self._smallest)
        if size > self._largest:
            text = f"a payload of {size} bytes, where {self._largest} are the most"
            raise TooLong(text, size=size, bound=self._largest)
        del buffer[:end]
        self._size = size
        self._frames = FrameDecoder(max_compressed(size)) if self._compressed else None
        return True


class _Decoder:
    """What the decoders share: a buffer, and an end that is final."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._buffer = bytearray()
        self._failed: Malformed | None = None
        self._after_empty = False

    def _fail(self, error: Malformed) -> None:
        """Free what is held; any later use fails in the same way."""
        self._failed = error
        self._buffer.clear()

    def _raise_if_failed(self) -> None:
        if self._failed is not None:
            raise type(self._failed)(str(self._failed))

    def _ended(self, payload: bytes) -> None:
        """A payload has come whole. Of no data some encoders write a stream identifier all the same, others nothing."""
        self._after_empty = not payload and is_compressed(self._encoding)

    def _pass_identifier(self) -> bool:
        """Take a stream identifier that follows an empty payload; False while it cannot be known whether one does."""
        if self._after_empty and self._buffer:
            beginning = bytes(self._buffer[: len(STREAM_IDENTIFIER)])
            if beginning == STREAM_IDENTIFIER:
                del self._buffer[: len(STREAM_IDENTIFIER)]
            elif STREAM_IDENTIFIER.startswith(beginning):
                return False
            self._after_empty = False
        return True


class RequestDecoder(_Decoder):
    """Reads one request.

    Args:
        smallest: bytes of SSZ that it has at least.
        largest: bytes of SSZ that it has at most; 0 for a method without a request. For one of those nothing may come,
            or a length of 0, as Rumor sends it.
        encoding: `ssz_snappy` or `ssz`.
    """

    def __init__(self, smallest: int = 0, largest: int = MAX_PAYLOAD_SIZE, *, encoding: str = SSZ_SNAPPY) -> None:
        super().__init__(encoding)
        self._payload = _Payload(smallest, largest, encoding)
        self._optional = not largest
        self._request: bytes | None = None

    @classmethod
    def of(cls, method: Method, *, encoding: str = SSZ_SNAPPY) -> RequestDecoder:
        """Returns a decoder with the bounds of `method`."""
        return cls(*method.request_sizes, encoding=encoding)

    def feed(self, data: bytes | bytearray | memoryview) -> bytes | None:
        """Reads what has come. Returns the SSZ of the request once: when its last byte has come; else None.

        Raises:
            Malformed: what has come is not the beginning of a valid request. Any later use fails in the same way.
        """
        self._raise_if_failed()
        self._buffer += data
        whole = None
        try:
            if self._request is None:
                whole = self._request = self._payload.read(self._buffer)
                if whole is not None:
                    self._ended(whole)
            if self._request is not None and self._pass_identifier() and self._buffer:
                raise LeftOver("bytes after the end of the request")
        except Malformed as error:
            self._fail(error)
            raise
        return whole

    def finish(self) -> bytes:
        """Returns the SSZ of the request: the other side has ended its half of the stream.

        Raises:
            EarlyEnd: that is too early.
            Malformed: what came before was not a valid request.
        """
        self._raise_if_failed()
        if self._request is not None and not self._buffer:
            return self._request
        if self._optional and self._request is None and not self._buffer:
            return b""
        error = EarlyEnd("the stream ended before the end of the request")
        self._fail(error)
        raise error


class ResponseDecoder(_Decoder):
    """Reads the chunks of one response.

    Args:
        smallest: bytes of SSZ that a chunk of success has at least.
        largest: bytes of SSZ that it has at most.
        context: whether chunks of success have context bytes.
        max_chunks: how many chunks of success may come; None for any number.
        encoding: `ssz_snappy` or `ssz`.
    """

    def __init__(
        self,
        smallest: int = 0,
        largest: int = MAX_PAYLOAD_SIZE,
        *,
        context: bool = False,
        max_chunks: int | None = None,
        encoding: str = SSZ_SNAPPY,
    ) -> None:
        super().__init__(encoding)
        is_compressed(encoding)
        self._bounds = smallest, largest
        self._context_size = CONTEXT_SIZE if context else 0
        self._max_chunks = max_chunks
        self._count = 0
        self._result = -1  # none is being read
        self._context: bytes | None = None
        self._payload: _Payload | None = None
        self._over = False

    @classmethod
    def of(cls, method: Method, *, max_chunks: int | None = None, encoding: str = SSZ_SNAPPY) -> ResponseDecoder:
        """Returns a decoder with the bounds of `method`, and for at most `max_chunks` (None: as many as it allows)."""
        most = method.max_chunks if max_chunks is None else min(max_chunks, method.max_chunks)
        return cls(*method.response_sizes, context=method.context, max_chunks=most, encoding=encoding)

    @property
    def done(self) -> bool:
        """Whether the response is over, even before the stream ends: no further chunk may come."""
        return self._over or self._count == self._max_chunks

    def feed(self, data: bytes | bytearray | memoryview) -> list[Chunk]:
        """Reads what has come, and returns the chunks that are whole by it.

        Raises:
            Malformed: what has come is not the beginning of a valid response. Its `chunks` are the whole ones among
                this data, before the fault. Any later use fails in the same way.
        """
        self._raise_if_failed()
        self._buffer += data
        chunks: list[Chunk] = []
        try:
            while (chunk := self._next()) is not None:
                chunks.append(chunk)
        except Malformed as error:
            error.chunks = chunks
            self._fail(error)
            raise
        return chunks

    def finish(self) -> None:
        """The other side has ended its half of the stream.

        Raises:
            EarlyEnd: that was in the middle of a chunk.
            Malformed: what came before was not a valid response.
        """
        self._raise_if_failed()
        if self._result >= 0 or self._buffer:
            error = EarlyEnd(f"the stream ended in the middle of chunk {self._count}")
            self._fail(error)
            raise error

    def _next(self) -> Chunk | None:
        buffer = self._buffer
        if self._result < 0:
            if not self._pass_identifier() or not buffer:
                return None
            self._begin(buffer[0])
            del buffer[:1]
        if self._payload is None:
            if not self._read_context():
                return None
            smallest, largest = (0, MAX_ERROR_SIZE) if self._result else self._bounds
            self._payload = _Payload(smallest, largest, self._encoding)
        ssz = self._payload.read(buffer)
        if ssz is None:
            return None
        chunk = Chunk(self._result, ssz, self._context)
        self._ended(ssz)
        self._over = bool(self._result)
        self._count += not self._over
        self._result, self._context, self._payload = -1, None, None
        return chunk

    def _begin(self, result: int) -> None:
        if self._over:
            raise LeftOver("bytes after a chunk with an error, which is the last one")
        if self._count == self._max_chunks and not result:
            raise OverLimit(f"more than {self._max_chunks} chunks")
        self._result = result

    def _read_context(self) -> bool:
        size = 0 if self._result else self._context_size
        if not size:
            return True
        if len(self._buffer) < size:
            return False
        self._context = bytes(self._buffer[:size])
        del self._buffer[:size]
        return True
