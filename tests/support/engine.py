"""An engine within the test's own event loop: lines in, entries out; and a network that takes its time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from pyrum_sync.engine.commands.faulty_host import FaultyHost
from pyrum_sync.engine.commands.registry import CommandRegistry
from pyrum_sync.engine.faults import NO_EFFECTS, Faults
from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import Deadline, Host, HostOptions, Network, Stream
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from pyrum_sync.engine.network.peerstore import Peerstore
from pyrum_sync.engine.session.entries import Log
from pyrum_sync.engine.session.processor import Processor
from pyrum_sync.engine.session.session import Session
from pyrum_sync.engine.shell.parser import parse
from pyrum_sync.spec import peer_id, secp256k1
from pyrum_sync.spec.multiaddr import Multiaddr

Entry = dict[str, Any]


def peer(number: int) -> str:
    """Returns the peer id of the host that `Engine.host` makes with that number."""
    return peer_id.from_secp256k1(secp256k1.public_key(number))


class Engine:
    """One session of an engine; every call is at trace level."""

    def __init__(self, network: Network, faults: Faults) -> None:
        self.entries: list[Entry] = []
        self._changed = asyncio.Event()
        self.registry = CommandRegistry(network, faults, _dies)
        self.processor = Processor(self.registry, lambda *_: None)
        self.session = Session(Log(self._take), self.processor)
        self._calls = 0

    def _take(self, data: bytes) -> None:
        self.entries.append(json.loads(data))
        self._changed.set()

    async def run(self, words: str, actor: str = "alice") -> tuple[list[Entry], str | None]:
        """Runs a command: the entries of its own part but for the marks, and its error."""
        self._calls += 1
        since = len(self.entries)
        await self.session.run(parse(f"_c{self._calls} {actor}: lvl_trace {words}"))
        new = self.entries[since:]
        errors = [e["__error"] for e in new if "__error" in e]
        data = [e for e in new if "call_id" in e and not any(name.startswith("__") for name in e)]
        return data, errors[0] if errors else None

    async def ok(self, words: str, actor: str = "alice") -> list[Entry]:
        """Runs a command that succeeds."""
        data, error = await self.run(words, actor)
        assert error is None, error
        return data

    async def fails(self, words: str, actor: str = "alice") -> str:
        """Runs a command that fails; returns its error."""
        _, error = await self.run(words, actor)
        assert error is not None
        return error

    async def line(self, text: str) -> None:
        """Runs shell text as it is."""
        await self.session.run(parse(text))

    async def saw(self, **fields: object) -> Entry:
        """Returns the first entry with those fields; waits for it."""
        while True:
            for entry in self.entries:
                if all(entry.get(name) == value for name, value in fields.items()):
                    return entry
            self._changed.clear()
            await self._changed.wait()

    async def host(self, actor: str, number: int, flags: str = "") -> Multiaddr:
        """Starts an actor's host, which listens; returns its address."""
        await self.ok(f"host start --nat=false --priv={number:064x} {flags}", actor)
        await self.ok(f"host listen --ip=127.0.0.1 --tcp={9000 + number}", actor)
        return Multiaddr.tcp("127.0.0.1", 9000 + number, peer(number))


def _dies(status: int) -> NoReturn:
    raise AssertionError(f"the engine died with status {status}")


@asynccontextmanager
async def engine(network: Network | None = None, faults: Faults | None = None) -> AsyncIterator[Engine]:
    """An engine, on a memory network unless told otherwise, which is closed afterwards."""
    running = Engine(network or MemoryNetwork(), faults or Faults())
    try:
        yield running
    finally:
        await running.processor.close()


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()


class StuckHost(FaultyHost):
    """A host for which nothing comes to pass: what waits for a peer waits for ever, or until its deadline."""

    def __init__(self, host: Host, stuck: set[str]) -> None:
        super().__init__(host, NO_EFFECTS)
        self._stuck = stuck

    async def _wait(self, what: str, deadline: Deadline = None) -> None:
        if what in self._stuck:
            await deadlines.within(_for_ever(), deadline)

    async def connect(self, address: Multiaddr, deadline: Deadline = None) -> None:
        await self._wait("connect", deadline)
        await super().connect(address, deadline)

    async def identify(self, peer: str, deadline: Deadline = None) -> None:
        await self._wait("identify", deadline)
        await super().identify(peer, deadline)

    async def trim(self) -> None:
        await self._wait("trim")
        await super().trim()

    async def open_stream(self, peer: str, protocol: str, deadline: Deadline = None) -> Stream:
        await self._wait("open_stream", deadline)
        return await super().open_stream(peer, protocol, deadline)


class StuckNetwork:
    """A memory network on which some things never come to pass: the names of the hosts' methods in `stuck`."""

    name = "memory"

    def __init__(self, *stuck: str) -> None:
        self.stuck = set(stuck)
        self._network = MemoryNetwork()

    async def new_host(self, options: HostOptions, peerstore: Peerstore) -> Host:
        """Makes a host that gets stuck."""
        return StuckHost(await self._network.new_host(options, peerstore), self.stuck)

    async def close(self) -> None:
        """Closes all hosts."""
        await self._network.close()
