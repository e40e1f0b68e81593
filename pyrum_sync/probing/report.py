"""What a probe found out about a peer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pyrum_sync.spec.goodbye import goodbye_reason

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any, Final

    from pyrum_sync.spec.containers import MetaData, MetaDataV2, MetaDataV3, Status, StatusV2
    from pyrum_sync.spec.enr import Record
    from pyrum_sync.spec.network import Network

STAGES: Final = ("start", "connect", "identify", "status", "metadata", "ping")
"""What a probe does, in this order; a report's `stage` is the one where it stopped, or DONE."""
DONE: Final = "done"

_FIELDS: Final = (
    "addr", "peer_id", "agent", "protocols", "status", "metadata", "rtt", "stage", "error",
    "enr", "goodbye", "asked_at", "_network",
)  # fmt: skip
_SSZ: Final = ("status", "metadata")


class PeerReport:
    """What a probe found out about a peer, and where it stopped.

    Reports are equal if all that they say is equal. They pickle and copy.
    """

    addr: str
    """The address as it was passed: a multiaddr, an ENR or an enode address."""
    peer_id: str | None
    """libp2p's name for the peer, `16Uiu2…`: from the address or the record's key; a connection proves it. None if the
    address is not valid."""
    agent: str | None
    """The software and its version as the peer's identify message has them; None if it sent none."""
    protocols: list[str]
    """The ids of the protocols that the peer's identify message lists, sorted; empty if it sent none."""
    status: Status | StatusV2 | None
    """The answer to our Status: the peer's fork digest (4 bytes), head (root, slot) and finalized checkpoint (root,
    epoch); a StatusV2 has the slot from which on it has blocks, too. None if none came."""
    metadata: MetaData | MetaDataV2 | MetaDataV3 | None
    """The answer to our MetaData request: the subnets that the peer stays on, since Fulu the number of its custody
    groups, too. None if none came."""
    rtt: dict[str, float]
    """How long each stage took that succeeded, in seconds on our clock: "connect" (TCP, noise and the muxer: several
    round trips), "identify" (until the peer's message was there), "status", "metadata", "ping" (opening a stream, the
    request and the whole answer: two or three round trips). After a second connection: of that in which it succeeded
    last."""
    stage: str
    """Where it stopped: one of STAGES, or "done"."""
    error: str | None
    """Why it stopped there, on one line; None if all went well."""
    enr: Record | None
    """The record that `addr` is; None for any other address."""
    goodbye: int | None
    """The reason of the last Goodbye that the peer sent, also if a second connection went well after it; None if it
    sent none. `goodbye_text` has it in words."""
    asked_at: float | None
    """When the Status came, in seconds since 1970 on our clock; None if none came."""

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def __init__(
        self,
        addr: str,
        peer_id: str | None = None,
        agent: str | None = None,
        protocols: Iterable[str] = (),
        status: Status | StatusV2 | None = None,
        metadata: MetaData | MetaDataV2 | MetaDataV3 | None = None,
        rtt: Mapping[str, float] | None = None,
        stage: str = STAGES[0],
        error: str | None = None,
        *,
        enr: Record | None = None,
        goodbye: int | None = None,
        asked_at: float | None = None,
        network: Network | None = None,
    ) -> None:
        """The attributes have the same names; `network` is one whose digests are looked for before the public ones'."""
        self.addr = addr
        self.peer_id = peer_id
        self.agent = agent
        self.protocols = list(protocols)
        self.status = status
        self.metadata = metadata
        self.rtt = dict(rtt or {})
        self.stage = stage
        self.error = error
        self.enr = enr
        self.goodbye = goodbye
        self.asked_at = asked_at
        self._network = network

    @property
    def ok(self) -> bool:
        """Whether the peer answered everything."""
        return self.error is None

    @property
    def goodbye_text(self) -> str | None:
        """The Goodbye's reason in words; None if the peer sent none."""
        return None if self.goodbye is None else goodbye_reason(self.goodbye)

    @property
    def fork_digest(self) -> bytes | None:
        """The 4 bytes that the peer's Status has, else its record; None if both are missing."""
        if self.status is not None:
            return bytes(self.status.fork_digest)
        fork = self.enr.eth2 if self.enr is not None else None
        return fork.fork_digest if fork is not None else None

    @property
    def network(self) -> str | None:
        """The network that `fork_digest` belongs to; None if it is none of `eth2.NETWORKS`, nor the one passed."""
        network = self._known()[0]
        return network.name if network is not None else None

    @property
    def fork(self) -> str | None:
        """The fork that `fork_digest` belongs to: "electra", "fulu", "fulu+bpo1"; None as for `network`."""
        return self._known()[1]

    @property
    def head_age(self) -> int | None:
        """How many slots the peer's head was behind the network's clock when its Status came.

        0 or 1 for a peer in step; negative if its head is ahead of our clock. None without a Status, or if the network
        or its genesis time is not known.
        """
        network = self._known()[0]
        if self.status is None or self.asked_at is None or network is None or network.genesis_time is None:
            return None
        now = int((self.asked_at - network.genesis_time) // network.seconds_per_slot)
        return now - int(self.status.head_slot)

    @property
    def custody_groups(self) -> int | None:
        """How many custody groups the peer keeps: as its metadata says, else its record; None if both are silent."""
        count = getattr(self.metadata, "custody_group_count", None)
        if count is not None:
            return int(count)
        return self.enr.custody_group_count if self.enr is not None else None

    def _known(self) -> tuple[Network | None, str | None]:
        """The network and the fork of the digest."""
        digest = self.fork_digest
        if digest is None:
            return None, None
        from pyrum_sync.spec.networks import NETWORKS

        for network in (self._network, *NETWORKS.values()):
            fork = network.fork_of(digest) if network is not None else None
            if fork is not None:
                return network, fork
        return None, None

    def to_dict(self) -> dict[str, Any]:
        """Returns all of it as plain values, for JSON: bytes as hex with 0x, the record as text."""
        values = {name: getattr(self, name) for name in _FIELDS[:9]}
        for name in _SSZ:
            if values[name] is not None:
                values[name] = plain(values[name])
        values["protocols"], values["rtt"] = list(self.protocols), dict(self.rtt)
        values["enr"] = str(self.enr) if self.enr is not None else None
        digest = self.fork_digest
        values |= {
            "goodbye": self.goodbye,
            "goodbye_text": self.goodbye_text,
            "network": self.network,
            "fork": self.fork,
            "fork_digest": "0x" + digest.hex() if digest is not None else None,
            "head_age": self.head_age,
            "asked_at": self.asked_at,
        }
        return values

    def __repr__(self) -> str:
        shown = (
            f"{name}={getattr(self, name)!r}" for name in ("peer_id", "agent", "network", "fork", "stage", "error")
        )
        return f"<PeerReport of {self.addr!r}: {', '.join(shown)}>"

    def _repr_html_(self) -> str:
        """The report as a table, for notebooks."""
        from pyrum_sync.probing.html import as_html

        return as_html(self)

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in _FIELDS)

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, PeerReport) else NotImplemented

    def __reduce__(self) -> tuple[Callable[..., PeerReport], tuple[type[PeerReport], dict[str, Any]]]:
        state = vars(self).copy()
        for name in _SSZ:
            view = state[name]
            if view is not None:  # its SSZ is a tenth of what it would pickle to by itself
                state[name] = type(view), view.encode_bytes()
        return _restored, (type(self), state)

    def __copy__(self) -> PeerReport:
        copied = type(self).__new__(type(self))
        vars(copied).update(vars(self))
        return copied


def _restored(kind: type[PeerReport], state: dict[str, Any]) -> PeerReport:
    for name in _SSZ:
        if state[name] is not None:
            view, data = state[name]
            state[name] = view.decode_bytes(data)
    report = kind.__new__(kind)
    vars(report).update(state)
    return report


def plain(view: Any) -> dict[str, Any]:
    """Returns the fields of an SSZ container, with bytes and bits as hex."""
    values = ((name, getattr(view, name)) for name in view.fields())
    return {name: int(value) if isinstance(value, int) else "0x" + value.encode_bytes().hex() for name, value in values}
