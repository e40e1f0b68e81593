"""What waits to be sent to one peer. A peer that reads slowly loses messages; nobody else does, nor is memory lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator
from math import inf

from .frames import pack
from .options import GossipOptions
from .rpc import encode_graft, encode_ihave, encode_iwant, encode_prune, encode_subscription

GRAFT = -1
"""In `control`: graft; another number: prune, for so many seconds (0: unsaid)."""

_CONTROL_FRAME = 256 * 1024


class Waiting:
    """The bytes of the messages that wait in all of a host's outboxes."""

    __slots__ = ("size",)

    def __init__(self) -> None:
        self.size = 0


class Outbox:
    """Subscriptions, grafts and prunes are kept as states, one a topic: the newest holds, and their number is ours.

    Messages are dropped once there are too many; of gossip only the newest advertisement of a topic waits.

    Args:
        options: See GossipOptions.
        waiting: Counts the host's, this outbox's included until it is cleared.
    """

    def __init__(self, options: GossipOptions, waiting: Waiting | None = None) -> None:
        self._options = options
        self._waiting = waiting or Waiting()
        self._subscriptions: dict[bytes, bool] = {}
        self._control: dict[bytes, int] = {}
        self._iwant: dict[bytes, None] = {}
        self._ihave: dict[bytes, list[bytes]] = {}
        self._messages: deque[tuple[float, bytes, bytes]] = deque()
        self._bytes = 0
        self._frames: deque[bytes] = deque()

    def __bool__(self) -> bool:
        return bool(
            self._messages or self._frames or self._subscriptions or self._control or self._iwant or self._ihave
        )

    @property
    def size(self) -> int:
        """The bytes of the messages that wait."""
        return self._bytes

    @property
    def since(self) -> float:
        """When the first of the messages that wait was put there; infinite if there is none."""
        return self._messages[0][0] if self._messages else inf

    def subscription(self, topic: bytes, *, subscribe: bool) -> None:
        """Announce a subscription, or its end."""
        self._subscriptions[topic] = subscribe

    def control(self, topic: bytes, what: int) -> None:
        """Graft or prune."""
        self._control[topic] = what

    def iwant(self, message_id: bytes) -> None:
        """Ask for a message."""
        if len(self._iwant) < self._options.max_ids:
            self._iwant[message_id] = None

    def ihave(self, topic: bytes, ids: list[bytes]) -> None:
        """Advertise messages: instead of the topic's earlier ones, if those still wait."""
        self._ihave[topic] = ids

    def message(self, message_id: bytes, frame: bytes, now: float) -> bool:
        """Send a message; False if it does not fit and is dropped. An empty outbox takes any."""
        options = self._options
        if self._messages and (
            self._bytes + len(frame) > options.max_outbox_bytes or len(self._messages) >= options.max_outbox_messages
        ):
            return False
        self._messages.append((now, message_id, frame))
        self._bytes += len(frame)
        self._waiting.size += len(frame)
        return True

    def expire(self, now: float) -> int:
        """Drops messages that waited too long; returns how many."""
        count = 0
        while self._messages and self._messages[0][0] + self._options.outbox_seconds <= now:
            self._drop()
            count += 1
        return count

    def halve(self) -> int:
        """Drops the older half of the messages, by their bytes; returns how many."""
        count, most = 0, self._bytes // 2
        while self._bytes > most:
            self._drop()
            count += 1
        return count

    def clear(self) -> None:
        """Drops all messages: the outbox is used no more."""
        self._waiting.size -= self._bytes
        self._bytes = 0
        self._messages.clear()

    def _drop(self) -> None:
        size = len(self._messages.popleft()[2])
        self._bytes -= size
        self._waiting.size -= size

    def take(self, limit: int, unwanted: Container[bytes]) -> bytes:
        """Returns the next frames: at least one if there is any, then as many as fit into `limit` bytes.

        Messages that the peer does not want any more are left out.
        """
        # at most one batch is encoded at a time: what comes meanwhile merges, and stays bounded
        if not self._frames:
            self._frames.extend(self._pack())
        taken: list[bytes] = []
        size = 0
        while self._frames and (not taken or size + len(self._frames[0]) <= limit):
            taken.append(self._frames.popleft())
            size += len(taken[-1])
        while not self._frames and self._messages:
            _, message_id, frame = self._messages[0]
            if message_id not in unwanted:
                if taken and size + len(frame) > limit:
                    break
                taken.append(frame)
                size += len(frame)
            self._drop()
        return b"".join(taken)

    def _pack(self) -> Iterator[bytes]:
        announced = [encode_subscription(topic, subscribe=value) for topic, value in self._subscriptions.items()]
        control = [
            encode_graft(topic) if what == GRAFT else encode_prune(topic, what) for topic, what in self._control.items()
        ]
        if self._iwant:
            control.append(encode_iwant(self._iwant))
        control += [encode_ihave(topic, ids) for topic, ids in self._ihave.items()]
        for waiting in (self._subscriptions, self._control, self._iwant, self._ihave):
            waiting.clear()
        return pack(announced, control, _CONTROL_FRAME)
