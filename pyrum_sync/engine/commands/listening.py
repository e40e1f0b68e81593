"""The side that answers: the requests of a protocol, read and handed on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pyrum_sync.engine.commands import reqresp
from pyrum_sync.engine.commands.base import Run
from pyrum_sync.engine.commands.incoming import Incoming
from pyrum_sync.engine.commands.protocols import Protocol
from pyrum_sync.engine.commands.reqresp import end
from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import NetworkError, Stream
from pyrum_sync.engine.session.context import Context
from pyrum_sync.spec.malformed import CompressionMissing, Malformed, TooLong, TooShort

_MOST_SPOILED = 1024  # peers that are remembered for a request of a wrong length


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
    listening = Context()
    spoiled: dict[str, None] = {}

    async def handle(stream: Stream) -> None:
        context = Context(listening, timeout)
        context.on_cancel(stream.close_write)
        try:
            deadline = deadlines.after(reqresp.PART_SECONDS)
            await handler(await deadlines.within(read(stream), deadline))
        except NetworkError as error:
            run.warn("the stream broke", error=str(error))
            stream.reset()
        finally:
            context.cancel()
            run.spawn(end(stream))

    async def read(stream: Stream) -> Incoming:
        if stream.peer in spoiled:
            return Incoming(stream, protocol, b"", None)
        try:
            return Incoming(stream, protocol, await _request(stream, protocol), None)
        except (TooShort, TooLong) as error:
            # After one request of a wrong length Rumor's listener takes all others for empty: it overwrites its own
            # bound (reqresp/handle_request.go). Here that concerns the peer that sent it, and nobody else.
            if protocol.spoils:
                spoiled[stream.peer] = None
                if len(spoiled) > _MOST_SPOILED:
                    del spoiled[next(iter(spoiled))]
            return Incoming(stream, protocol, b"", _wrong_length(error))
        except (Malformed, CompressionMissing) as error:
            return Incoming(stream, protocol, b"", str(error))

    def opened(stream: Stream) -> None:
        run.spawn(handle(stream))

    def stop() -> None:
        listening.cancel()
        host.unserve(protocol.id)

    host.serve(protocol.id, opened)
    return stop


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
