"""A topic that a host joined: the port's `Topic` on a router."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pyrum_sync.engine.network.api import Message, NetworkError, Subscription
from pyrum_sync.engine.network.observers import Observation, Observers


class Gossip(Protocol):
    """What a topic needs of the gossip that it belongs to; `GossipService` has it."""

    def publish(self, topic: str, data: bytes) -> None: ...
    def hear(self, topic: str, *, wanted: bool) -> None: ...
    def topic_peers(self, topic: str) -> list[str]: ...
    def leave(self, topic: str) -> None: ...


class GossipTopic:
    """See the port's `Topic`."""

    def __init__(self, service: Gossip, name: str) -> None:
        self.messages: Observers[Message] = Observers()
        self.events: Observers[tuple[str, bool]] = Observers()
        self._service = service
        self._name = name
        self._observed = False

    def publish(self, data: bytes) -> None:
        """Sends a message to the topic's peers."""
        self._service.publish(self._name, data)

    def subscribe(self, on_message: Callable[[Message], None]) -> Subscription:
        """Calls back for each of the topic's messages."""
        observation = self.messages.add(on_message)
        self._service.hear(self._name, wanted=True)
        return _Subscription(observation, self._stopped_hearing)

    def _stopped_hearing(self) -> None:
        if not self.messages:
            self._service.hear(self._name, wanted=False)

    def observe(self, on_event: Callable[[str, bool], None]) -> Subscription:
        """Calls back for peers that come and go, and first for those already there."""
        self._observed = True
        for peer in self.peers():
            on_event(peer, True)
        return self.events.add(lambda event: on_event(*event))

    def peers(self) -> list[str]:
        """Returns the connected peers that hear this topic."""
        return self._service.topic_peers(self._name)

    def close(self) -> None:
        """Leaves the topic."""
        # Rumor never frees its event handlers (gossip/events.go), so one observer keeps the topic open for good
        if self.messages or self._observed:
            raise NetworkError("cannot close topic: outstanding event handlers or subscriptions")
        self._service.leave(self._name)


class _Subscription:
    """A subscription, whose end may be the topic's last."""

    def __init__(self, observation: Observation[Message], stopped: Callable[[], None]) -> None:
        self._observation = observation
        self._stopped = stopped

    def end(self) -> None:
        """Ends it; again does nothing."""
        if not self._observation.ended:
            self._observation.end()
            self._stopped()
