"""The side that answers: the requests of a protocol, read and handed on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from pyrum_sync.engine.commands import reqresp
from pyrum_sync.engine.commands.base import Run
from pyrum_sync.engine.commands.incoming import Incoming
from pyrum_sync.engine.commands.protocols import Protocol
from pyrum_sync.engine.commands.reqresp import end
from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import NetworkError, Stream
from pyrum_sync.engine.session.context import Context
from pyrum_sync.spec.malformed import CompressionMissing, Malformed, TooLong, TooShort

_MOST_OPEN: Final = 1024  # requests of a listener that are read, or wait for their answer; further ones are reset
_MOST_BYTES: Final = 64 << 20  # of requests that are being read, and of those that wait for their answer
_MOST_SPOILED: Final = 1024  # peers that are remembered for a request of a wrong length

Handler = Callable[[Incoming], Awaitable[None]]


def listen(run: Run, protocol: Protocol, timeout: float | None, handler: Handler) -> Callable[[], None]:
    """Hands the requests of a protocol to `handler`, each in a task of its own.

    Args:
        run: the command that listens.
        protocol: what is served, in place of whatever served it before.
        timeout: seconds until this side of a request's stream is closed; None for no limit.
        handler: when it returns, so ends the answer.

    Returns:
        What ends the listening, and the answers that are still open.
    """
    host = run.host
    listener = _Listener(run, protocol, timeout, handler)

    def stop() -> None:
        listener.context.cancel()
        host.unserve(protocol.id)

    host.serve(protocol.id, listener.opened)
    return stop


class _Listener:
    """The requests of one listener, and what they may take up together."""

    def __init__(self, run: Run, protocol: Protocol, timeout: float | None, handler: Handler) -> None:
        self.context = Context()
        self._run = run
        self._protocol = protocol
        self._timeout = timeout
        self._handler = handler
        self._open: dict[asyncio.Task[None], Context] = {}
        self._held = 0
        largest = max(protocol.request_sizes[1], 1)
        self._reading = asyncio.Semaphore(max(1, min(_MOST_OPEN, _MOST_BYTES // largest)))
        self._spoiled: dict[str, None] = {}

    def opened(self, stream: Stream) -> None:
        """Takes a new stream, unless too many are open."""
        if len(self._open) >= _MOST_OPEN and not self._give_one_up():
            stream.reset()
            return
        context = Context(self.context, self._timeout)
        context.on_cancel(stream.close_write)
        task = self._run.spawn(self._handle(stream, context))
        self._open[task] = context
        task.add_done_callback(lambda done: self._open.pop(done, None))

    def _give_one_up(self) -> bool:
        """Forget a request whose time is over, and which nobody has answered; False if there is none."""
        for task, context in self._open.items():
            if context.cancelled:
                task.cancel()
                del self._open[task]
                return True
        return False

    async def _handle(self, stream: Stream, context: Context) -> None:
        size = 0
        try:
            incoming = await deadlines.within(self._read(stream), deadlines.after(reqresp.PART_SECONDS))
            if self._held + incoming.size > _MOST_BYTES:
                raise NetworkError("too many requests wait for their answer")
            size = incoming.size
            self._held += size
            await self._handler(incoming)
        except NetworkError as error:
            self._run.warn("the stream broke", error=str(error))
            stream.reset()
        finally:
            self._held -= size
            context.cancel()
            self._run.spawn(end(stream))

    async def _read(self, stream: Stream) -> Incoming:
        protocol = self._protocol
        if stream.peer in self._spoiled:
            return Incoming(stream, protocol, b"", None)
        try:
            async with self._reading:
                return Incoming(stream, protocol, await _request(stream, protocol), None)
        except (TooShort, TooLong) as error:
            if protocol.spoils:
                self._spoil(stream.peer)
            return Incoming(stream, protocol, b"", _wrong_length(error))
        except (Malformed, CompressionMissing) as error:
            return Incoming(stream, protocol, b"", str(error))

    def _spoil(self, peer: str) -> None:
        """After one request of a wrong length Rumor's listener takes all others for empty: it overwrites its own bound
        (reqresp/handle_request.go). Here that concerns the peer that sent it, and nobody else.
        """
        self._spoiled[peer] = None
        if len(self._spoiled) > _MOST_SPOILED:
            del self._spoiled[next(iter(self._spoiled))]


async def _request(stream: Stream, protocol: Protocol) -> bytes:
    """Read a request, and not beyond it: a peer may be slow to end its side, or do so after the answer only."""
    if not protocol.request_sizes[1]:
        return b""
    decoder = protocol.request_decoder()
    begun = False
    while True:
        data = await stream.read()
        if not data:
            if protocol.silent and not begun:
                return b""
            return decoder.finish()
        begun = True
        request = decoder.feed(data)
        if request is not None:
            return request


def _wrong_length(error: Malformed) -> str:
    if isinstance(error, TooShort) and error.size is not None:
        return f"request length {error.size} is unexpectedly small, request size minimum is {error.bound}"
    if isinstance(error, TooLong) and error.size is not None:
        return f"request length {error.size} exceeds request size limit {error.bound}"
    return str(error)
