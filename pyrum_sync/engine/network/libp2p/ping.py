"""libp2p's ping (`/ipfs/ping/1.0.0`): 32 bytes there and back, as often as the dialler likes on one stream."""

from __future__ import annotations

from pyrum_sync.engine.network.errors import ProtocolError

PROTOCOL = "/ipfs/ping/1.0.0"
SIZE = 32
"""Bytes of a ping."""


class PingRequest:
    """The side that asks: one ping at a time; the caller measures the time between `ping` and its answer."""

    def __init__(self) -> None:
        self._awaited = b""
        self._came = b""

    def ping(self, payload: bytes) -> bytes:
        """Returns what to send for a ping.

        Args:
            payload: 32 bytes that nobody can guess.

        Raises:
            ValueError: It has another length, or the answer to the last one is still to come.
        """
        if len(payload) != SIZE:
            raise ValueError(f"a ping has {SIZE} bytes, not {len(payload)}")
        if self._awaited:
            raise ValueError("the answer to the last ping has not come yet")
        self._awaited = payload
        return payload

    def receive_data(self, data: bytes) -> bool:
        """Takes what came; returns whether the answer is complete. ProtocolError if it is not what was sent."""
        self._came += data[: SIZE + 1]
        if not self._awaited.startswith(self._came):
            raise ProtocolError("ping: the answer is not what was sent")
        if len(self._came) < len(self._awaited) or not self._awaited:
            return False
        self._awaited = self._came = b""
        return True


class PingResponse:
    """The side that answers."""

    def __init__(self) -> None:
        self._came = b""

    def receive_data(self, data: bytes) -> bytes:
        """Takes what came; returns what to send: each ping once it is complete."""
        came = self._came + data if self._came else data
        whole = len(came) // SIZE * SIZE
        self._came = came[whole:]
        return came[:whole]

    @property
    def complete(self) -> bool:
        """Whether the dialler may end here: no ping is half received."""
        return not self._came
