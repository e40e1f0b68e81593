"""An actor: its host, stores and states, and the commands it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from pyrum_sync.engine.commands.arguments import Values
from pyrum_sync.engine.commands.base import Run
from pyrum_sync.engine.commands.eth2 import MetaData, Status
from pyrum_sync.engine.commands.peerstores import ExtendedPeerstore, Peerstores
from pyrum_sync.engine.commands.responder import Responder
from pyrum_sync.engine.faults import Faults
from pyrum_sync.engine.network.api import Gossip, Host, Network, Topic
from pyrum_sync.engine.network.peerstore import CurrentPeerstore
from pyrum_sync.engine.session.call import Call
from pyrum_sync.engine.session.context import Context
from pyrum_sync.engine.session.processor import CommandError
from pyrum_sync.engine.shell.streams import Sink


class World:
    """What all actors share."""

    def __init__(self, network: Network, faults: Faults, die: Callable[[int], None]) -> None:
        self.network = network
        self.faults = faults
        self.die = die
        self.peerstores = Peerstores()
        self.context = Context()
        self.tasks: set[asyncio.Task[None]] = set()


class SimulatedActor:
    """Runs commands; what it opens is gone when its context is cancelled."""

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.world = world
        self.context = Context(world.context)
        self.host: Host | None = None
        self.private_key: bytes | None = None
        self.peerstore: ExtendedPeerstore | None = None
        self._known_peers: CurrentPeerstore | None = None
        self.gossip: Gossip | None = None
        self.topics: dict[str, Topic] = {}
        self.status = Status()
        self.follows_status = False
        self.metadata = MetaData()
        self.follows_metadata = False
        self.responders: dict[str, Responder] = {}

    async def close(self) -> None:
        """End it: its host, and its calls."""
        try:
            if self.host is not None:
                await self.host.close()
        finally:
            self.context.cancel()

    def host_or_error(self) -> Host:
        """The host; CommandError while there is none."""
        if self.host is None:
            raise CommandError("Must first initialize Libp2p host. Try 'host start'")
        return self.host

    def store(self) -> ExtendedPeerstore:
        """The current peerstore; CommandError while there is none."""
        if self.peerstore is None:
            raise CommandError("Not available. Create a peerstore first.")
        return self.peerstore

    def switch(self, store: ExtendedPeerstore) -> None:
        """Make a peerstore the current one, for a host that is running, too."""
        self.peerstore = store
        if self._known_peers is not None:
            self._known_peers.current = store.network

    def known_peers(self) -> CurrentPeerstore:
        """The current peerstore, for a host: it follows `switch`."""
        if self._known_peers is None:
            self._known_peers = CurrentPeerstore(self.store().network)
        return self._known_peers

    def responder(self, method: str) -> Responder:
        """The open requests of a method."""
        return self.responders.setdefault(method, Responder())

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let work go on by itself."""
        task = asyncio.get_running_loop().create_task(work)
        self.world.tasks.add(task)
        task.add_done_callback(self.world.tasks.discard)
        return task

    async def execute(self, call: Call, words: list[str], context: Context, out: Sink) -> str | None:
        """Run a command; returns the text if it was a request for help."""
        del out
        from pyrum_sync.engine.commands.tree import TREE

        trouble = self.world.faults.trouble(self.name, words)
        if trouble.die is not None:
            self.world.die(trouble.die)
        call.cut = trouble.drop
        if trouble.delay:
            await context.sleep(trouble.delay)
        return await TREE.execute(Run(self, call, context, Values({}, ()), trouble), words)

    def report(self) -> dict[str, Any]:
        """What ``GET /report`` tells of it."""
        if self.host is None:
            return {}
        told: dict[str, Any] = {"peer_id": self.host.peer_id}
        if addresses := [str(a) for a in self.host.addresses()]:
            told["listen_addrs"] = addresses
        if peers := self.host.peers():
            told["peers"] = peers
        return told
