"""The responder of libp2p's ping."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from pyrum_sync.engine.network.api import NetworkError, Stream

from .ping import PROTOCOL, PingResponse


class PingHost(Protocol):
    """What the responder needs of its host."""

    def handle(self, protocol: str, handler: Callable[[Stream], None]) -> None: ...
    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...


class PingService:
    """Answers pings of a host's peers, on each stream as fast as the peer reads the answers."""

    def __init__(self, host: PingHost) -> None:
        self._host = host
        host.handle(PROTOCOL, self._serve)

    def _serve(self, stream: Stream) -> None:
        self._host.spawn(self._answer(stream))

    async def _answer(self, stream: Stream) -> None:
        response = PingResponse()
        try:
            while data := await stream.read():
                if answer := response.receive_data(data):
                    stream.write(answer)
                    await stream.drain()
            stream.close_write()
        except NetworkError:
            stream.reset()
        except BaseException:
            stream.reset()
            raise
