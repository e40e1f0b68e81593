"""An actor: its host, its stores and its states. It runs nothing itself; commands work on it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from pyrum_sync.engine.commands.eth2 import MetaData, Status
from pyrum_sync.engine.commands.local_record import LocalRecord
from pyrum_sync.engine.commands.peerstores import ExtendedPeerstore, Peerstores
from pyrum_sync.engine.commands.responder import Responder
from pyrum_sync.engine.network.api import Gossip, Host, Network, Topic
from pyrum_sync.engine.network.peerstore import CurrentPeerstore
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.context import Context


class World:
    """What all actors share: the network, the peerstores, and the work that goes on by itself."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.peerstores = Peerstores()
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Lets work go on by itself, until it is done or the engine ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class Actor:
    """What the commands of one name share; what they open is gone when it is closed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.context = Context()
        self.host: Host | None = None
        self.private_key: bytes | None = None
        self.record: LocalRecord | None = None
        self.peerstore: ExtendedPeerstore | None = None
        self.unnamed_store: ExtendedPeerstore | None = None
        """The peerstore that `host start` made, because there was none."""
        self._known_peers: CurrentPeerstore | None = None
        self.gossip: Gossip | None = None
        self.topics: dict[str, Topic] = {}
        self.status = Status()
        self.follows_status = False
        self.metadata = MetaData()
        self.follows_metadata = False
        self.responders: dict[str, Responder] = {}

    async def close(self) -> None:
        """Closes its host, and ends its calls."""
        try:
            if self.host is not None:
                await self.host.close()
        finally:
            self.context.cancel()

    def host_or_error(self) -> Host:
        """Returns the host; CommandError while there is none."""
        if self.host is None:
            raise CommandError("Must first initialize Libp2p host. Try 'host start'")
        return self.host

    def store(self) -> ExtendedPeerstore:
        """Returns the current peerstore; CommandError while there is none."""
        if self.peerstore is None:
            raise CommandError("Not available. Create a peerstore first.")
        return self.peerstore

    def switch(self, store: ExtendedPeerstore) -> None:
        """Makes a peerstore the current one, for a host that is running, too."""
        self.peerstore = store
        if self._known_peers is not None:
            self._known_peers.current = store.network

    def known_peers(self) -> CurrentPeerstore:
        """Returns the current peerstore for a host: it follows `switch`."""
        if self._known_peers is None:
            self._known_peers = CurrentPeerstore(self.store().network)
        return self._known_peers

    def responder(self, method: str) -> Responder:
        """Returns the open requests of a method."""
        return self.responders.setdefault(method, Responder())

    def report(self) -> dict[str, Any]:
        """Returns what ``GET /report`` shows of it."""
        if self.host is None:
            return {}
        shown: dict[str, Any] = {"peer_id": self.host.peer_id}
        if addresses := [str(a) for a in self.host.addresses()]:
            shown["listen_addrs"] = addresses
        if peers := self.host.peers():
            shown["peers"] = peers
        return shown
