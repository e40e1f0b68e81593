"""A connection, as those see it that know no sockets: its streams, and what serves them."""

from __future__ import annotations

from typing import Protocol

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.spec.multiaddr import Multiaddr


class Introduced(Protocol):
    """The streams of a connection, for what learns who the peer is."""

    def agent_is(self, agent: str) -> None: ...


class Carrier(Protocol):
    """A connection, as its streams and what serves them know it."""

    observed: Multiaddr | None

    @property
    def closed(self) -> bool: ...
    @property
    def peer(self) -> str: ...
    @property
    def public_key(self) -> bytes: ...
    @property
    def address(self) -> Multiaddr | None: ...
    @property
    def local(self) -> Multiaddr | None: ...
    @property
    def muxed(self) -> Introduced: ...
    def broke(self, error: ProtocolError) -> None: ...
    def wake(self) -> None: ...
    def flush(self) -> None: ...
