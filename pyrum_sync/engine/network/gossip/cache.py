"""Which messages were seen, and the newest ones themselves; both bounded in time and in number."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field


class SeenCache:
    """Ids of messages, each remembered for a fixed time after it was first seen; the oldest go first if too many."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._ids: set[bytes] = set()
        self._order: deque[tuple[float, bytes]] = deque()

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, message_id: bytes, now: float) -> bool:
        """Remembers an id; False if it was already there (whose time then goes on)."""
        self.expire(now)
        if message_id in self._ids:
            return False
        if len(self._ids) >= self._most:
            self._ids.discard(self._order.popleft()[1])
        self._ids.add(message_id)
        self._order.append((now + self._seconds, message_id))
        return True

    def has(self, message_id: bytes, now: float) -> bool:
        """Whether an id is remembered."""
        self.expire(now)
        return message_id in self._ids

    def expire(self, now: float) -> None:
        """Forgets what is over time."""
        order = self._order
        while order and order[0][0] <= now:
            self._ids.discard(order.popleft()[1])


@dataclass(slots=True)
class CachedMessage:
    """A message that can still be asked for."""

    message_id: bytes
    topic: bytes
    frame: bytes
    senders: set[bytes] = field(default_factory=set)
    """The peers that sent it: they need no copy, and should send no second one."""
    asked: dict[bytes, int] = field(default_factory=dict)
    """How often each peer asked for it."""


class MessageCache:
    """The messages of the last heartbeats, newest window first."""

    def __init__(self, history: int, gossip: int, *, most: int, most_bytes: int) -> None:
        self._gossip = gossip
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._messages: OrderedDict[bytes, CachedMessage] = OrderedDict()
        self._windows: deque[dict[bytes, list[bytes]]] = deque(({} for _ in range(history)), maxlen=history)

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def size(self) -> int:
        """The bytes of all frames held."""
        return self._bytes

    def get(self, message_id: bytes) -> CachedMessage | None:
        """The message of that id, if it is still here."""
        return self._messages.get(message_id)

    def put(self, message: CachedMessage) -> None:
        """Keeps a message; the oldest go if there are too many, or too many bytes."""
        if message.message_id in self._messages:
            return
        self._messages[message.message_id] = message
        self._bytes += len(message.frame)
        self._windows[0].setdefault(message.topic, []).append(message.message_id)
        while len(self._messages) > self._most or (self._bytes > self._most_bytes and len(self._messages) > 1):
            self._bytes -= len(self._messages.popitem(last=False)[1].frame)

    def gossip_ids(self, topic: bytes) -> list[bytes]:
        """The topic's messages of the newest windows, to be advertised."""
        return [
            message_id
            for window in list(self._windows)[: self._gossip]
            for message_id in window.get(topic, ())
            if message_id in self._messages
        ]

    def shift(self) -> None:
        """Begins a new window, and forgets the oldest."""
        for ids in self._windows[-1].values():
            for message_id in ids:
                message = self._messages.pop(message_id, None)
                if message is not None:
                    self._bytes -= len(message.frame)
        self._windows.appendleft({})
