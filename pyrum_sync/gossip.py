"""Gossip needs a moment to find its peers: what waits for them."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from pyrum_sync.client.deadline import checked_timeout
from pyrum_sync.errors import CallTimeout

if TYPE_CHECKING:
    from pyrum_sync.client.rumor import Actor, Rumor

# A host takes a peer into the mesh of a topic at its next heartbeat. Rumor has one a second, and shows no meshes.
_MESH_SECONDS: Final = 1.2
_FIRST_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 0.25


def wait_for_topic_peers(actor: Actor | Rumor, topic: str, count: int = 1, *, timeout: float | None = 10) -> list[str]:
    """Wait until `count` connected peers are subscribed to a gossip topic (asks ``gossip list-peers`` again and again).

    Call it before the first `publish`: a message that no peer is ready to receive is lost, without an error. If the
    actor is subscribed itself (``gossip log``), its messages go to the peers of its mesh, which a peer joins within a
    second. So this returns 1.2 s after it first saw enough peers, or when the time is over.

    >>> from pyrum_sync import wait_for_topic_peers
    >>> wait_for_topic_peers(alice, "/eth2/00000000/beacon_block/ssz_snappy", 2)  # doctest: +SKIP
    ['16Uiu2HAm…', '16Uiu2HAk…']

    Args:
        actor: one that has joined the topic (``gossip join``).
        topic: the topic's name.
        count: how many peers; 0 returns at once.
        timeout: seconds for all of it; None: for ever.

    Returns:
        The ids of all peers that are subscribed, as last seen.

    Raises:
        CallTimeout: fewer peers were subscribed in time.
        CallError: the actor has not joined the topic, or has not started gossip.
        ConnectionLost: the connection to Rumor ended.
    """
    _check(topic, count)
    limit = checked_timeout(timeout)
    end = None if limit is None else monotonic() + limit
    since: dict[str, float] = {}
    pause = _FIRST_PAUSE
    while True:
        left = None if end is None else end - monotonic()
        try:
            peers = _peers(actor, topic, None if left is None else max(0.0, left))
        except CallTimeout as error:
            if count and len(since) >= count:
                return list(since)
            raise _too_few(topic, len(since), count, limit, error) from None
        now = monotonic()
        since = {peer: since.get(peer, now) for peer in peers}
        if sum(now - first >= _MESH_SECONDS for first in since.values()) >= count:
            return peers
        if end is not None and now + pause >= end:
            sleep(max(0.0, end - now))
            if len(peers) >= count:
                return peers
            raise _too_few(topic, len(peers), count, limit)
        sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 1.5)


def _check(topic: Any, count: Any) -> None:
    if not isinstance(topic, str):
        raise TypeError(f"topic must be a str, not {type(topic).__name__}")
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"count must be an int, not {type(count).__name__}")
    if count < 0:
        raise ValueError(f"count must be 0 or more, not {count}")


def _peers(actor: Actor | Rumor, topic: str, timeout: float | None) -> list[str]:
    found = actor.within(timeout).gossip.list_peers(topic).data.get("peers")
    return found if isinstance(found, list) else []


def _too_few(topic: str, found: int, count: int, limit: float | None, cause: CallTimeout | None = None) -> CallTimeout:
    hear = "peer hears" if found == 1 else "peers hear"
    return CallTimeout(
        f"{found} {hear} {topic!r} after {limit:g} s, not {count}: are they connected, with gossip started on both"
        " sides before that, and do they log the topic?",
        call=None if cause is None else cause.call,
    )
