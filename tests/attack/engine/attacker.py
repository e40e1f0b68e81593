"""Peers that mean harm: what they send is the test's, down to the byte."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from pyrum_sync.engine.network.libp2p.identity import Identity
from pyrum_sync.engine.network.libp2p.multistream import HEADER, encode
from pyrum_sync.engine.network.libp2p.noise import NoiseKey
from pyrum_sync.engine.network.libp2p.upgrade import Upgrade
from pyrum_sync.spec import varint
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.support.hosts import HANG

SOON = 10.0  # less than the 15 seconds that a handshake may take
YAMUX, MPLEX = "/yamux/1.0.0", "/mplex/6.7.0"
DATA, WINDOW, PING, GO_AWAY = range(4)
SYN, ACK, FIN, RST = 1, 2, 4, 8

_frame = struct.Struct(">BBHII")


def frame(kind: int, flags: int, stream: int, length: int = 0, data: bytes = b"") -> bytes:
    """A frame of yamux; `length` is that of the data unless given."""
    return _frame.pack(0, kind, flags, stream, length or len(data)) + data


def mplex(stream: int, flag: int, data: bytes = b"") -> bytes:
    """A frame of mplex."""
    return varint.encode(stream << 3 | flag) + varint.encode(len(data)) + data


def proposal(protocol: str) -> bytes:
    """What begins a stream."""
    return HEADER + encode(protocol)


class Wire:
    """A TCP connection to a host."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        """Sends bytes, if the host still takes them."""
        self.writer.write(data)

    async def drain(self) -> None:
        """Waits until they are on their way; a connection that was closed is fine."""
        with suppress(ConnectionError):
            await self.writer.drain()

    async def closed(self) -> None:
        """Waits until the host closes the connection, for another reason than the usual time limit of a handshake."""

        async def read() -> None:
            while await self.reader.read(1 << 16):
                pass

        with suppress(ConnectionError):
            await asyncio.wait_for(read(), SOON)

    @property
    def is_closed(self) -> bool:
        """Whether the host closed the connection, as far as this side has heard."""
        return self.reader.at_eof() or self.reader.exception() is not None

    def close(self) -> None:
        """Hangs up."""
        self.writer.transport.abort()


class SecuredWire(Wire):
    """A connection whose handshakes are over: what is sent goes to the host's muxer."""

    upgrade: Upgrade

    async def shake_hands(self, *, muxer: str, identity: Identity | None = None) -> None:
        """Does the handshakes as they should be."""
        key = NoiseKey(identity or Identity.generate())
        self.peer_id = key.identity.peer_id
        self.upgrade = Upgrade(initiator=True, key=key, muxers=(muxer,))
        while self.upgrade.connection is None:
            self.send(self.upgrade.data_to_send())
            data = await asyncio.wait_for(self.reader.read(1 << 16), HANG)
            if not data:
                raise ConnectionResetError("closed during the handshake")
            self.upgrade.receive_data(data)
        self.send(self.upgrade.data_to_send())
        self._channel = self.upgrade.connection._channel

    def say(self, text: bytes) -> None:
        """Sends bytes to the muxer."""
        self.send(self._channel.encrypt(text))

    async def hear(self) -> bytes:
        """Returns what the muxer sent; empty if the connection is closed."""
        text = b""
        while not text:
            try:
                data = await asyncio.wait_for(self.reader.read(1 << 16), HANG)
            except ConnectionError:
                return b""
            if not data:
                return b""
            text = self._channel.receive_data(data)
        return text

    async def hear_frames(self) -> AsyncIterator[tuple[int, int, int, int, bytes]]:
        """The frames of yamux that come: type, flags, stream, length, data."""
        buffer = bytearray()
        while text := await self.hear():
            buffer += text
            while len(buffer) >= _frame.size:
                _, kind, flags, stream, length = _frame.unpack_from(buffer)
                end = _frame.size + (length if kind == DATA else 0)
                if len(buffer) < end:
                    break
                yield kind, flags, stream, length, bytes(buffer[_frame.size : end])
                del buffer[:end]


@asynccontextmanager
async def wire(address: Multiaddr, *, source: str = "127.0.0.1") -> AsyncIterator[Wire]:
    """Connects to a host, and does nothing more."""
    reader, writer = await asyncio.open_connection(address.ip, address.port, local_addr=(source, 0))
    each = Wire(reader, writer)
    try:
        yield each
    finally:
        await _hang_up(each)


@asynccontextmanager
async def secured(
    address: Multiaddr, *, muxer: str = YAMUX, identity: Identity | None = None
) -> AsyncIterator[SecuredWire]:
    """Connects to a host, and is a proven peer of it."""
    reader, writer = await asyncio.open_connection(address.ip, address.port)
    each = SecuredWire(reader, writer)
    try:
        await asyncio.wait_for(each.shake_hands(muxer=muxer, identity=identity), HANG)
        yield each
    finally:
        await _hang_up(each)


async def _hang_up(each: Wire) -> None:
    each.close()
    with suppress(ConnectionError):
        await each.writer.wait_closed()
