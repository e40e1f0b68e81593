"""What a peer says of itself: connect to it, ask, and hang up."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from time import monotonic
from types import SimpleNamespace

from pyrum_sync.client.call import checked_timeout, deadline_of
from pyrum_sync.client.rumor import Actor, Rumor
from pyrum_sync.errors import CallError, CallTimeout, ConnectionLost, RumorError

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Any, Final, TypeVar

    from pyrum_sync import eth2

    T = TypeVar("T")

STAGES: Final = ("start", "connect", "identify", "ping", "status", "metadata")
"""What a probe does, in order; a report's `stage` is where it stopped, or DONE."""
DONE: Final = "done"

_RESERVE = 0.5  # seconds, or a tenth of the limit if that is less, that are kept for taking leave
_PATIENCE = 2.0  # seconds for taking leave, however much is left
_SHUTTING_DOWN = 1  # why we say goodbye
_PEER_ID = r"/(?:p2p|ipfs)/([^/]+)/?\Z"
# The keys of all hosts of the consensus layer; asked for what it knows of a peer with any other, Rumor crashes.
_SECP256K1_ID = "16Uiu2"


class PeerReport(SimpleNamespace):
    """What was learnt of a peer."""

    addr: str
    """The address as it was given."""
    peer_id: str | None
    agent: str | None
    """The software that it says it is."""
    protocols: list[str]
    status: eth2.Status | eth2.StatusV2 | None
    metadata: eth2.MetaData | eth2.MetaDataV2 | eth2.MetaDataV3 | None
    rtt: dict[str, float]
    """How long each stage took that was passed, in seconds: "connect", "identify", "ping", "status", "metadata"."""
    stage: str
    """Where it stopped: one of STAGES, or "done"."""
    error: str | None
    """Why it stopped there; None if all went well."""

    def __init__(
        self,
        addr: str,
        peer_id: str | None = None,
        agent: str | None = None,
        protocols: Iterable[str] = (),
        status: eth2.Status | eth2.StatusV2 | None = None,
        metadata: eth2.MetaData | eth2.MetaDataV2 | eth2.MetaDataV3 | None = None,
        rtt: Mapping[str, float] | None = None,
        stage: str = STAGES[0],
        error: str | None = None,
    ) -> None:
        super().__init__(
            addr=addr, peer_id=peer_id, agent=agent, protocols=list(protocols), status=status, metadata=metadata,
            rtt=dict(rtt or {}), stage=stage, error=error,
        )  # fmt: skip

    @property
    def ok(self) -> bool:
        """Whether the peer answered everything."""
        return self.error is None

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values, for JSON; bytes as hex."""
        values = vars(self).copy()
        for name in ("status", "metadata"):
            if values[name] is not None:
                values[name] = _plain(values[name])
        return values


def probe(rumor: Rumor, addr: str, *, timeout: float | None = 10) -> PeerReport:
    """Ask a peer who it is, what it speaks, its status and its metadata, and measure how long each answer takes.

    `addr` is a multiaddr with a peer id, or an ENR. A peer that cannot be reached or does not answer still gets its
    report, with what was learnt till then. `timeout` (seconds, None: for ever) covers all of it. The peer sees a new
    host with a key of its own, that does not listen; it is gone when this returns.

    Raises ConnectionLost if Rumor itself is lost, and TypeError or ValueError for arguments that cannot be.
    """
    if not isinstance(addr, str):
        raise TypeError(f"an address is a str, not {type(addr).__name__}")
    return _Probe(rumor, addr, checked_timeout(timeout)).run()


class _Probe:
    def __init__(self, rumor: Rumor, addr: str, timeout: float | None) -> None:
        self._timeout = timeout
        self._end = deadline_of(timeout)
        self._deadline = None if self._end is None or timeout is None else self._end - min(_RESERVE, timeout / 10)
        self._actor = rumor.actor(f"probe-{os.urandom(6).hex()}").within(None)
        self._connected = False
        found = re.search(_PEER_ID, addr)
        self._report = PeerReport(addr, peer_id=found[1] if found else None)

    def run(self) -> PeerReport:
        report = self._report
        try:
            self._ask()
            report.stage = DONE
        except ConnectionLost:
            raise
        except CallTimeout:
            report.error = f"no answer within {self._timeout} s"
        except CallError as error:
            report.error = error.message
        except (RumorError, ValueError) as error:
            report.error = str(error)
        finally:
            self._leave()
        return report

    def _ask(self) -> None:
        # Importing the SSZ library takes longer than the rest of this package, so only those who need it pay.
        from pyrum_sync import eth2

        report = self._report
        self._stage("start", lambda: self._bounded().host.start(nat=False, identify_first=False))
        self._stage("connect", self._connect)
        self._stage("identify", self._identify)
        peer_id = str(report.peer_id)
        self._stage("ping", lambda: eth2.ping(self._actor, peer_id, timeout=self._left()))
        report.status = self._stage("status", lambda: eth2.status(self._actor, peer_id, timeout=self._left()))
        report.metadata = self._stage("metadata", lambda: eth2.metadata(self._actor, peer_id, timeout=self._left()))

    def _connect(self) -> None:
        self._report.peer_id = self._bounded().peer.connect(self._report.addr, timeout=self._flag()).data["peer_id"]
        self._connected = True

    def _identify(self) -> None:
        peer_id = str(self._report.peer_id)
        call = self._bounded().peer.identify(peer_id, timeout=self._flag())
        if call.data.get("msg") != "completed identification":
            raise CallTimeout("not identified", call=call)
        if peer_id.startswith(_SECP256K1_ID):
            known = self._bounded().peer.info(peer_id).data
            self._report.agent = known.get("user_agent")
            self._report.protocols = sorted(known.get("protocols") or [])

    def _stage(self, name: str, work: Callable[[], T]) -> T:
        self._report.stage = name
        began = monotonic()
        result = work()
        if name != STAGES[0]:
            self._report.rtt[name] = monotonic() - began
        return result

    def _leave(self) -> None:
        """Say goodbye if we have met, and leave nothing behind."""
        from pyrum_sync import eth2

        with suppress(RumorError):
            if self._connected:
                peer_id = str(self._report.peer_id)
                # An answer is waited for, because hanging up could overtake the goodbye.
                with suppress(CallError, CallTimeout, ValueError):
                    eth2.goodbye(self._actor, peer_id, _SHUTTING_DOWN, timeout=self._last(share=2))
                with suppress(CallError, CallTimeout):
                    self._actor.within(self._last()).peer.disconnect(peer_id)
            self._actor.kill(timeout=self._last())

    # -- time

    def _left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - monotonic())

    def _last(self, share: int = 1) -> float:
        """What is left for taking leave, or that part of it."""
        left = _PATIENCE if self._end is None else max(0.0, self._end - monotonic())
        return min(left, _PATIENCE) / share

    def _bounded(self) -> Actor:
        return self._actor.within(self._left())

    def _flag(self) -> timedelta:
        """The same limit for Rumor, where 0 means none."""
        from datetime import timedelta  # not at import, which is for all

        left = self._left()
        return timedelta(0) if left is None else timedelta(seconds=max(left, 0.001))


def _plain(view: Any) -> dict[str, Any]:
    """The fields of an SSZ container, with bytes as hex."""
    values = ((name, getattr(view, name)) for name in view.fields())
    return {name: int(value) if isinstance(value, int) else "0x" + value.encode_bytes().hex() for name, value in values}
