"""What a peer is blamed for. Blame fades by half every 10 s; too much of it, and the peer is disconnected.

Far simpler than gossipsub 1.1's scores, which weigh good behaviour, too. A peer with some blame (`GRAYLIST`) is kept
out of meshes, and sent no messages of ours nor what it asks for; at `DISCONNECT` the connection is to be closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

GRAYLIST: Final = 20.0
DISCONNECT: Final = 100.0
_HALF_LIFE: Final = 10.0
# Blame beyond it would only lengthen the time until the peer may come back
_MOST: Final = 2 * DISCONNECT


class Offence(Enum):
    """What peers do wrong: how much each counts, and in words."""

    NOT_GOSSIP = (DISCONNECT, "sent bytes that are no gossip RPC")
    UNFINISHED = (DISCONNECT, "sent a frame that it did not finish")
    UNDECODABLE = (10.0, "sent messages that do not decompress")
    TOO_LONG = (10.0, "sent messages over the topic's limit")
    SIGNED = (2.0, "sent messages with an author or a signature where there must be none")
    BAD_SIGNATURE = (10.0, "sent messages whose signature is wrong")
    NOT_SUBSCRIBED = (0.5, "sent messages of topics that were not subscribed to")
    REPEATED = (0.5, "sent the same message again")
    LATE = (0.02, "sent messages that had long been seen")
    SUBSCRIPTIONS = (1.0, "sent too many subscriptions")
    IHAVE_FLOOD = (5.0, "advertised too often")
    MANY_IDS = (1.0, "named too many messages")
    ASKED_AGAIN = (0.1, "asked for the same message again and again")
    BROKEN_PROMISE = (10.0, "advertised messages and did not send them")
    EARLY_GRAFT = (10.0, "grafted while it was told not to")
    GRAFTS = (1.0, "sent too many grafts or prunes")

    def __init__(self, weight: float, words: str) -> None:
        self.weight = weight
        self.words = words


@dataclass(slots=True)
class Standing:
    """One peer's blame, and what it did since the last heartbeat."""

    blame: float = 0.0
    subscription_changes: int = 0
    ihave_rpcs: int = 0
    asked_of_it: int = 0
    ids: int = 0
    dont_want: int = 0
    grafts: int = 0

    @property
    def graylisted(self) -> bool:
        """Whether the peer is to be kept at a distance."""
        return self.blame >= GRAYLIST

    def add(self, offence: Offence, times: float = 1.0) -> bool:
        """Adds blame; True if the peer is to be disconnected."""
        self.blame = min(_MOST, self.blame + offence.weight * times)
        return self.blame >= DISCONNECT

    def heartbeat(self, seconds: float) -> None:
        """Lets blame fade, and counts anew."""
        self.blame = faded(self.blame, seconds)
        self.subscription_changes = self.ihave_rpcs = self.asked_of_it = self.ids = self.dont_want = self.grafts = 0


def faded(blame: float, seconds: float) -> float:
    """What is left of some blame after a time."""
    left = blame * 0.5 ** (max(0.0, seconds) / _HALF_LIFE)
    return left if left > 0.01 else 0.0
