"""Our engine's side of a meeting: a host of the port between commands and network, in a loop of its own thread."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, TypeVar

from pyrum_sync.engine.network.api import Connected, Disconnected, Event, HostOptions, Network, NetworkError, Stream
from pyrum_sync.engine.network.api import Host as PortHost
from pyrum_sync.engine.network.peerstore import MemoryPeerstore
from pyrum_sync.spec.multiaddr import Multiaddr

from .data import Digest, generated
from .hosts import Identity

T = TypeVar("T")

SECONDS = 30.0  # for most of what a host does
LONG = 180.0  # for large data
_DRAIN_EVERY = 128 << 10
_PING = "/ipfs/ping/1.0.0"


def tcp_network() -> Network | None:
    """The engine's network of real sockets; None where it, or what it needs, is not there."""
    try:
        module = importlib.import_module("pyrum_sync.engine.network.libp2p.network")
    except ImportError:
        return None
    network: Network = module.LibP2PNetwork()
    return network


def needed_network() -> Network:
    """The same, where it is known to be there."""
    network = tcp_network()
    assert network is not None
    return network


class EngineHost:
    """A `hosts.Host` on the engine. A context manager."""

    refused: tuple[type[Exception], ...] = (NetworkError,)

    def __init__(self, network: Callable[[], Network], **options: Any) -> None:
        self._store = MemoryPeerstore()
        self._read: SimpleQueue[Digest] = SimpleQueue()
        self._disconnected: set[str] = set()
        self._news = threading.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine host", daemon=True)
        self._thread.start()
        try:
            self._network, self._host = self._run(self._start(network, options))
        except BaseException:
            self._end_loop()
            raise
        self.peer_id = self._host.peer_id
        self.addr = f"{self._listening}/p2p/{self.peer_id}"

    async def _start(self, network: Callable[[], Network], options: dict[str, Any]) -> tuple[Network, PortHost]:
        net = network()
        key = options.pop("private_key", None) or os.urandom(32)
        host = await net.new_host(
            HostOptions(**{"private_key": key, "ping": True, "agent": "interop-engine", "hi_peers": 100, **options}),
            self._store,
        )
        host.observe(self._notice)
        for protocol, handler in (
            ("/test/echo/1", self._serve_echo),
            ("/test/hash/1", self._serve_hash),
            ("/test/early/1", self._serve_early),
        ):
            host.serve(protocol, self._handed(handler))
        self._listening = await host.listen(Multiaddr.tcp("127.0.0.1", 0))
        return net, host

    def _run(self, work: Coroutine[Any, Any, T], seconds: float = SECONDS) -> T:
        """Do something in the loop, within a time limit."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(_within(work, seconds), self._loop)
        return future.result(seconds + 5)

    # -- what it serves

    def _handed(self, handler: Callable[[Stream], Coroutine[Any, Any, None]]) -> Callable[[Stream], None]:
        def handle(stream: Stream) -> None:
            task = self._loop.create_task(_guarded(handler(stream), stream))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        return handle

    def serve(self, protocol: str, handler: Callable[[Stream], Coroutine[Any, Any, None]]) -> None:
        """Serve one more protocol."""
        self._run(_soon(lambda: self._host.serve(protocol, self._handed(handler))))

    def unserve(self, protocol: str) -> None:
        """Serve it no more."""
        self._run(_soon(lambda: self._host.unserve(protocol)))

    def listen(self) -> str:
        """Listen at one more port of the loopback; returns its address."""
        return str(self._run(self._host.listen(Multiaddr.tcp("127.0.0.1", 0))))

    async def _serve_echo(self, stream: Stream) -> None:
        while data := await stream.read():
            stream.write(data)
            await stream.drain()
        stream.close_write()

    async def _serve_hash(self, stream: Stream) -> None:
        found = await _digest(stream)
        await _write(stream, [json.dumps({"sha256": found.sha256, "size": found.size}).encode() + b"\n"])

    async def _serve_early(self, stream: Stream) -> None:
        await _write(stream, [b"early"])
        self._read.put(await _digest(stream))

    def _notice(self, event: Event) -> None:
        with self._news:
            if isinstance(event, Disconnected):
                self._disconnected.add(event.peer)
            elif isinstance(event, Connected):
                self._disconnected.discard(event.peer)
            self._news.notify_all()

    # -- what it asks

    def dial(self, addr: str) -> str:
        """Connect; the port connects to nobody but the peer of the address."""
        address = Multiaddr.parse(addr)
        self._run(self._host.connect(address))
        assert address.peer is not None
        return address.peer

    async def _open(self, peer: str, protocol: str) -> Stream:
        return await self._host.open_stream(peer, protocol, asyncio.get_running_loop().time() + SECONDS)

    def request(self, peer: str, protocol: str, data: bytes) -> bytes:
        async def exchange() -> bytes:
            stream = await self._open(peer, protocol)
            return b"".join([part async for part in _exchange(stream, [data])])

        return self._run(exchange())

    async def _digest_of(self, peer: str, protocol: str, size: int, seed: int = 0) -> Digest:
        hashed, came = hashlib.sha256(), 0
        async for data in _exchange(await self._open(peer, protocol), generated(size, seed)):
            hashed.update(data)
            came += len(data)
        return Digest(hashed.hexdigest(), came)

    def digest(self, peer: str, protocol: str, size: int) -> Digest:
        return self._run(self._digest_of(peer, protocol, size), LONG)

    def many(self, peer: str, count: int, size: int) -> list[str]:
        async def one(seed: int) -> str | None:
            try:
                found = await self._digest_of(peer, "/test/echo/1", size, seed)
            except NetworkError as error:
                return f"{seed}: {error!r}"
            return None if found == Digest.of_generated(size, seed) else f"{seed}: {found.size} bytes, not the same"

        async def all_of_them() -> list[str]:
            return [error for error in await asyncio.gather(*map(one, range(count))) if error]

        return self._run(all_of_them(), 60)

    def read_all(self) -> Digest:
        try:
            return self._read.get(timeout=SECONDS)
        except Empty:
            raise AssertionError("no stream of /test/early/1 came to its end") from None

    def identify(self, peer: str) -> Identity:
        self._run(self._host.identify(peer))
        record = self._store.find(peer)
        return Identity(record.agent, frozenset(record.protocols), frozenset(map(str, record.addresses)), None)

    def ping(self, peer: str) -> float:
        async def ping() -> float:
            stream = await self._open(peer, _PING)
            sent, back, began = os.urandom(32), b"", monotonic()
            stream.write(sent)
            while len(back) < len(sent) and (data := await stream.read()):
                back += data
            took = monotonic() - began
            assert back == sent
            stream.reset()  # rust-libp2p over mplex sends the end of its side late
            return took

        return self._run(ping())

    def peers(self) -> set[str]:
        async def peers() -> set[str]:
            return set(self._host.peers())

        return self._run(peers())

    def gone(self, peer: str) -> None:
        with self._news:
            assert self._news.wait_for(lambda: peer in self._disconnected, SECONDS), f"{peer} is still connected"

    def disconnect(self, peer: str) -> None:
        self._run(self._host.disconnect(peer))

    # -- its end

    def close(self) -> None:
        """End the network; again does nothing."""
        if self._thread.is_alive():
            try:
                self._run(self._close())
                left = asyncio.run_coroutine_threadsafe(_other_tasks(), self._loop).result(SECONDS)
                assert not left, f"tasks left behind: {left}"
            finally:
                self._end_loop()

    async def _close(self) -> None:
        await self._network.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SECONDS)
        self._loop.close()

    def __enter__(self) -> EngineHost:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


async def _soon(what: Callable[[], T]) -> T:
    return what()


async def _other_tasks() -> list[str]:
    return [repr(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def _within(work: Coroutine[Any, Any, T], seconds: float) -> T:
    return await asyncio.wait_for(work, seconds)


async def _guarded(work: Coroutine[Any, Any, None], stream: Stream) -> None:
    try:
        await work
    except NetworkError:
        stream.reset()


async def _write(stream: Stream, pieces: Iterable[bytes]) -> None:
    queued = 0
    for piece in pieces:
        stream.write(piece)
        queued += len(piece)
        if queued >= _DRAIN_EVERY:
            await stream.drain()
            queued = 0
    stream.close_write()


async def _digest(stream: Stream) -> Digest:
    hashed, size = hashlib.sha256(), 0
    while data := await stream.read():
        hashed.update(data)
        size += len(data)
    return Digest(hashed.hexdigest(), size)


async def _exchange(stream: Stream, pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Write all, close the writing side; meanwhile what comes, to the end. A failure of either is raised."""
    writing = asyncio.create_task(_write(stream, pieces))
    try:
        while data := await stream.read():
            yield data
        await writing
    except BaseException:
        stream.reset()
        raise
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
