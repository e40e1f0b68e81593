"""Gossip of one host: the port's `Gossip`, a router on the host's streams and the running loop's clock."""

from __future__ import annotations

import asyncio
import time
from random import Random

from pyrum_sync.engine.network.api import Connected, Direction, Disconnected, Event, Message, NetworkError, Stream
from pyrum_sync.engine.network.peerstore import Peerstore
from pyrum_sync.spec import peer_id as peer_ids

from .events import Deliver, Disconnect, GossipMessage, GossipStats, Output, PeerJoined, PeerLeft
from .link import GossipHost, Link
from .messages import Verify
from .options import PROTOCOLS, RUMOR, GossipOptions
from .router import GossipRouter
from .topic import GossipTopic

FIRST_HEARTBEAT = 0.1
"""Seconds from the start to the first heartbeat, as in go-libp2p-pubsub."""


class GossipService:
    """Takes part in gossip with the peers that connect from now on, and with those that open a stream for it.

    Its host hands it what happens (`happened`) and closes it. The router's rules, with one exception: Rumor puts an
    author and a number on messages of eth2's topics as well, which the specification forbids. From peers whose agent
    begins with "Rumor" they are accepted, and passed on without.

    Args:
        host: The host.
        peerstore: Where the host keeps what peers say of themselves.
        options: See GossipOptions; by default Rumor's.
        verify: Checks the signature of a message that has one; without it such messages are refused.
        rng: Where chance comes from.
    """

    def __init__(
        self,
        host: GossipHost,
        peerstore: Peerstore,
        options: GossipOptions | None = None,
        *,
        verify: Verify | None = None,
        rng: Random | None = None,
    ) -> None:
        self._host = host
        self._peerstore = peerstore
        self._loop = asyncio.get_running_loop()
        self._own_id = peer_ids.to_bytes(host.peer_id)
        self._router = GossipRouter(
            self._own_id,
            options or RUMOR,
            rng,
            verify=verify,
            tolerates=self._is_rumor,
            first_seqno=time.time_ns(),
        )
        self._names: dict[bytes, str] = {self._own_id: host.peer_id}
        self._links: dict[str, Link] = {}
        self._topics: dict[str, GossipTopic] = {}
        self._blacklist: set[str] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._pumping = False
        self._closed = False
        self._timer = self._loop.call_later(FIRST_HEARTBEAT, self._heartbeat)
        for protocol in PROTOCOLS:
            host.handle(protocol, self._accept)

    # the port's side

    def join(self, topic: str) -> GossipTopic:
        """Joins a topic that the host has not joined."""
        try:
            self._router.join(topic)
        except ValueError as error:
            raise NetworkError(str(error)) from None
        joined = self._topics[topic] = GossipTopic(self, topic)
        self._pump()
        return joined

    def blacklist(self, peer: str) -> None:
        """Takes no more messages from a peer, nor any that it is the author of."""
        self._blacklist.add(peer)
        self._router.blacklist(peer_ids.to_bytes(peer))
        self._pump()
        self._unlink(peer)

    # the topics' side

    def publish(self, topic: str, data: bytes) -> None:
        """Sends a message."""
        self._router.publish(topic, data, self._loop.time())
        self._pump()

    def hear(self, topic: str, *, wanted: bool) -> None:
        """Subscribes, or ends that; again does nothing."""
        if wanted:
            self._router.subscribe(topic, self._loop.time())
        else:
            self._router.unsubscribe(topic, self._loop.time())
        self._pump()

    def topic_peers(self, topic: str) -> list[str]:
        """The connected peers that hear a topic."""
        return [self._names[peer] for peer in self._router.topic_peers(topic) if peer in self._names]

    def leave(self, topic: str) -> None:
        """Leaves a topic."""
        self._topics.pop(topic, None)
        self._router.leave(topic)

    # the host's side

    @property
    def stats(self) -> GossipStats:
        """What was counted so far."""
        return self._router.stats

    def mesh(self) -> set[str]:
        """The peers in a mesh: trimming spares them, as in go-libp2p-pubsub's tag_tracer.go."""
        return {self._names[peer] for peer in self._router.mesh() if peer in self._names}

    def happened(self, event: Event) -> None:
        """Something happened to the host."""
        if type(event) is Connected:
            link = self._link(event.peer, event.direction)
            if link is not None:
                link.talk()
        elif type(event) is Disconnected:
            self._forget(event.peer)

    async def close(self) -> None:
        """Ends all streams and tasks; again does nothing."""
        self._closed = True
        self._timer.cancel()
        for peer in list(self._links):
            self._unlink(peer)
        if self._ending:
            await asyncio.wait(self._ending)

    # inside

    def _is_rumor(self, peer: bytes) -> bool:
        return self._peerstore.find(self._name(peer)).agent.startswith("Rumor")

    def _name(self, peer: bytes) -> str:
        # what happened to a peer may be heard of when it is gone
        return self._names.get(peer) or peer_ids.from_bytes(peer)

    def _wake(self, peer: bytes) -> None:
        link = self._links.get(self._names.get(peer, ""))
        if link is not None:
            link.wake()

    def _link(self, peer: str, direction: Direction) -> Link | None:
        """The link with a peer; None if nothing is to be had to do with it."""
        if peer in self._blacklist or self._closed:
            return None
        link = self._links.get(peer)
        if link is None:
            peer_id = peer_ids.to_bytes(peer)
            self._names[peer_id] = peer
            link = self._links[peer] = Link(self._host, self._router, peer, peer_id, direction, self._pump)
        return link

    def _accept(self, stream: Stream) -> None:
        link = self._link(stream.peer, "inbound")
        if link is None:
            stream.reset()
            return
        link.listen(stream)
        # a peer that began with gossip after it was connected
        link.talk()

    def _unlink(self, peer: str) -> None:
        link = self._links.pop(peer, None)
        if link is not None:
            del self._names[link.peer_id]
            for task in link.close():
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)

    def _forget(self, peer: str) -> None:
        link = self._links.get(peer)
        if link is not None:
            self._router.peer_disconnected(link.peer_id, self._loop.time())
            self._pump()
            self._unlink(peer)

    def _heartbeat(self) -> None:
        self._timer = self._loop.call_later(self._router.options.heartbeat_seconds, self._heartbeat)
        self._router.heartbeat(self._loop.time())
        self._pump()

    def _pump(self) -> None:
        """Does what the router says, until it says no more: what is called back may use it meanwhile."""
        if self._pumping:
            return
        self._pumping = True
        try:
            while events := self._router.take():
                for event in events:
                    if type(event) is Deliver:
                        self._deliver(event.message)
                    elif type(event) is Output:
                        self._wake(event.peer)
                    elif type(event) is PeerJoined:
                        self._came_or_went(event.topic, event.peer, came=True)
                    elif type(event) is PeerLeft:
                        self._came_or_went(event.topic, event.peer, came=False)
                    elif type(event) is Disconnect:
                        self._disconnect(event.peer)
        finally:
            self._pumping = False

    def _deliver(self, message: GossipMessage) -> None:
        topic = self._topics.get(message.topic)
        if topic is not None:
            topic.messages.notify(
                Message(
                    message.topic,
                    message.data,
                    message.content,
                    self._name(message.received_from),
                    message.seqno or b"",
                    message.signature or b"",
                )
            )

    def _came_or_went(self, name: str, peer: bytes, *, came: bool) -> None:
        topic = self._topics.get(name)
        if topic is not None:
            topic.events.notify((self._name(peer), came))

    def _disconnect(self, peer: bytes) -> None:
        task = self._loop.create_task(self._host.disconnect(self._name(peer)))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
