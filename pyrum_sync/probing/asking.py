"""How one peer is asked: the stages of a probe, and what happens if the peer hangs up."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pyrum_sync.client.signals import Cleanup
from pyrum_sync.errors import CallError, CallTimeout, ConnectionLost, RumorError
from pyrum_sync.eth2.arguments import Deadline
from pyrum_sync.eth2.errors import RequestError, not_supported
from pyrum_sync.eth2.single import goodbye, metadata, ping, status
from pyrum_sync.probing.meanwhile import Meanwhile, attendant_of
from pyrum_sync.probing.ours import first_status, like_theirs, same_chain
from pyrum_sync.probing.report import DONE, PeerReport
from pyrum_sync.probing.text import reason_of
from pyrum_sync.spec.containers import Status, StatusV2
from pyrum_sync.spec.goodbye import goodbye_reason
from pyrum_sync.spec.methods import versions

if TYPE_CHECKING:
    from pyrum_sync.client.rumor import Rumor
    from pyrum_sync.eth2.kinds import AnyMetaData, AnyStatus
    from pyrum_sync.probing.pace import Ticket, Unpaced
    from pyrum_sync.spec.network import Network

T = TypeVar("T")

_RESERVE: Final = 0.5  # seconds, or a tenth of the limit if that is less, that are kept for taking leave
_PATIENCE: Final = 2.0  # seconds for taking leave, however much is left
_IDENTIFY: Final = 5.0  # seconds that identification may take if there is no limit; else a third of it
_CONNECTIONS: Final = 2  # to a peer, at most
_SHUTTING_DOWN: Final = 1  # why we say goodbye
_OTHER_CHAIN: Final = (None, 2, 128)  # the reasons of a peer that hangs up over our Status; None: it just does
_VERDICT: Final = (0.1, 1.0)  # seconds, at least and at most, that a peer of another digest is given to hang up
_CLOSING: Final = 0.5  # seconds in which a connection is seen to be over after one of its streams was reset
_PAUSE: Final = 1.05  # seconds until a peer that limits the rate of requests takes the next one
_RATE_LIMITED: Final = 139  # the result code of Lighthouse; Prysm has an InvalidRequest with the words
_ANSWERS: Final = frozenset(("status", "metadata", "ping"))  # the stages that are one request each
# The keys of all hosts of the consensus layer; asked for what it knows of a peer with any other, a Go Rumor crashes.
_SECP256K1_ID: Final = "16Uiu2"


class Probe:
    """One probe, which fills in its report. Made for one run."""

    def __init__(
        self,
        rumor: Rumor,
        multiaddr: str,
        report: PeerReport,
        timeout: float | None,
        ours: AnyStatus | None,
        network: Network | None,
    ) -> None:
        if ours is not None and not isinstance(ours, (Status, StatusV2)):
            raise TypeError(f"status must be a Status or StatusV2, not {type(ours).__name__}")
        self._rumor = rumor
        self._multiaddr = multiaddr
        self._report = report
        self._peer_id = str(report.peer_id)
        self._timeout = timeout
        self._ticket: Ticket | Unpaced
        self._begin()
        self._chosen = ours is not None
        first = ours if ours is not None else first_status(report.enr, network)
        self._actor = rumor.actor(f"probe-{os.urandom(6).hex()}")
        self._peer = Meanwhile(self._actor, first)
        self._connected = False
        self._settled = False  # whether the end of the connection was waited for

    def _begin(self) -> None:
        """The time limit begins."""
        timeout = self._timeout
        self._whole = Deadline(timeout)
        self._asking = Deadline(None if timeout is None else timeout - min(_RESERVE, timeout / 10))

    def run(self, ticket: Ticket | Unpaced) -> None:
        """Ask, once `ticket` lets it, and fill in the report.

        Raises:
            ConnectionLost: Rumor is lost.
        """
        report = self._report
        self._ticket = ticket
        attendant = attendant_of(self._rumor)
        leaving = Cleanup(partial(attendant.leave, self))
        with ticket, leaving, leaving:
            attendant.join(self)
            self._begin()
            try:
                self._stage("start", lambda: self._start(attendant))
                self._ask()
                report.stage = DONE
            except ConnectionLost:
                raise
            except CallTimeout:
                report.error = f"no answer within {self._timeout:g} s"
            except (RumorError, ValueError) as error:
                report.error = self._why(error)
            finally:
                self._leave()
                report.goodbye = self._peer.goodbye

    # -- the stages

    def _start(self, attendant: Any) -> None:
        actor = self._bounded()
        actor.host.start(nat=False, identify_first=False)
        for call in self._peer.listen(attendant, engine=self._rumor.engine is not None):
            call.wait(self._asking.left())

    def _ask(self) -> None:
        self._stage("connect", self._connect)
        self._identify()
        try:
            self._questions()
        except (RumorError, ValueError) as error:
            if not self._hung_up_over_status(error):
                raise
            self._ask_again(error)

    def _questions(self) -> None:
        """Ask what is still missing; our Status has to come first on every connection."""
        report, actor, peer_id = self._report, self._actor, self._peer_id

        def ask_status(version: int | None) -> AnyStatus:
            return status(actor, peer_id, self._peer.status, version=version, timeout=self._left())

        def ask_metadata(version: int | None) -> AnyMetaData:
            return metadata(actor, peer_id, version=version, timeout=self._left())

        report.status = self._question("status", lambda: self._in_newest("status", ask_status))
        if report.asked_at is None:
            report.asked_at = time.time()
        self._await_verdict(report.status)
        if report.metadata is None:
            report.metadata = self._question("metadata", lambda: self._in_newest("metadata", ask_metadata))
        if "ping" not in report.rtt:
            self._question("ping", lambda: ping(actor, peer_id, timeout=self._left()))

    def _in_newest(self, name: str, ask: Callable[[int | None], T]) -> T:
        """Ask in the newest version that the peer announced; what that was may be out of date."""
        for row in versions(name) if self._rumor.engine is not None else ():
            if row.protocol() in self._report.protocols:
                try:
                    return ask(row.version)
                except RequestError as error:
                    if not not_supported(error):
                        raise
                break
        return ask(None)  # finds out by asking

    def _connect(self) -> None:
        self._peer.connecting()
        self._settled = False
        self._bounded().peer.connect(self._multiaddr, timeout=self._asking.flag())
        self._peer.connected()
        self._connected = True

    def _identify(self) -> None:
        """Learn who the peer is; one that does not say so is asked all the same."""
        report = self._report
        report.stage = "identify"
        limit = Deadline(self._share(3, _IDENTIFY))
        began = time.monotonic()
        with suppress(CallError, CallTimeout):
            call = self._actor.within(limit.left()).peer.identify(self._peer_id, timeout=limit.flag())
            took = time.monotonic() - began
            if call.data.get("msg") != "completed identification" or not self._peer_id.startswith(_SECP256K1_ID):
                return
            known = self._bounded().peer.info(self._peer_id).data
            report.agent = known.get("user_agent") or None
            report.protocols = sorted(known.get("protocols") or [])
            if report.agent is not None or report.protocols:
                report.rtt["identify"] = took

    def _stage(self, name: str, work: Callable[[], T]) -> T:
        self._report.stage = name
        began = time.monotonic()
        result = work()
        took = time.monotonic() - began
        if name != "start":
            self._report.rtt[name] = took
        self._ticket.answered(took if name in _ANSWERS else None)
        return result

    def _question(self, name: str, ask: Callable[[], T]) -> T:
        """A stage that is one request.

        Never to a peer that is gone, or that said goodbye and so is about to be: Rumor would connect to it again by
        itself, in order to ask.
        """
        self._report.stage = name
        if self._peer.gone or self._peer.parted:
            raise _HungUp("it hung up")
        try:
            return self._stage(name, ask)
        except RequestError as error:
            if not _rate_limited(error) or self._peer.wait_for_parting(self._share(1, _PAUSE)):
                raise
        return self._stage(name, ask)

    # -- a peer that hangs up

    @property
    def _may_ask_again(self) -> bool:
        """Whether there can be another connection, with another Status."""
        theirs = self._report.status or self._peer.heard
        return (
            not self._chosen
            and self._peer.opened < _CONNECTIONS
            and theirs is not None
            and not same_chain(self._peer.status, theirs)
        )

    def _await_verdict(self, theirs: AnyStatus) -> None:
        """Give a peer on another digest the time to hang up over ours, before it is asked for more."""
        if self._chosen or bytes(theirs.fork_digest) == bytes(self._peer.status.fork_digest):
            return
        least, most = _VERDICT
        moment = min(max(3 * self._report.rtt["status"], least), most)
        self._peer.wait_for_parting(self._share(4, moment))

    def _settle(self, error: Exception) -> None:
        """Wait until the connection is over, if a request failed as it does then; once for each connection."""
        if _may_be_hanging_up(error) and not self._settled:
            self._settled = True
            self._peer.wait_for_parting(self._share(4, _CLOSING))

    def _hung_up_over_status(self, error: Exception) -> bool:
        """Whether the peer ended the connection over our Status, and would keep one that says the same as it does."""
        if not self._may_ask_again or not _may_be_hanging_up(error):
            return False
        self._settle(error)
        reason = self._peer.goodbye if self._peer.parted else None
        return (self._peer.gone or self._peer.parted) and reason in _OTHER_CHAIN

    def _ask_again(self, first: Exception) -> None:
        """Connect once more, with the peer's own Status."""
        theirs = self._report.status or self._peer.heard
        assert theirs is not None
        why = self._why(first)
        self._peer.status = like_theirs(theirs)
        # The peer is about to close all of our connections: a new one before that would be closed with the old.
        if not self._peer.wait_until_gone(self._share(4, _CLOSING)):
            with suppress(CallError):
                self._bounded().peer.disconnect(self._peer_id)
            self._peer.wait_until_gone(self._share(4, _CLOSING))
        try:
            self._connect()
        except CallError as error:
            self._connected = False
            raise _Refused(f"{why}; it cannot be connected to again: {reason_of(error.message)}") from error
        self._questions()

    def _why(self, error: Exception) -> str:
        """Why a stage failed, on one line; with the Goodbye, if that is why."""
        text = reason_of(error.message if isinstance(error, CallError) else str(error))
        if self._report.stage == "connect":
            engine = self._rumor.engine
            if engine is not None and engine.network == "memory":
                text += " (this engine's network is in memory, without any peer but its own: use EmbeddedConn)"
            return text
        if isinstance(error, _Refused):
            return text
        if _may_be_hanging_up(error) and self._connected:
            self._settle(error)
            reason = self._peer.goodbye if self._peer.parted else None
            if reason is not None:
                return f"the peer said goodbye, {reason}: {goodbye_reason(reason)}"
            if self._peer.gone:
                return "the peer hung up without a goodbye" + ("" if isinstance(error, _HungUp) else f" ({text})")
        return text

    def _leave(self) -> None:
        """Say goodbye if we are connected, and leave nothing over."""
        with suppress(RumorError):
            if self._connected and not self._peer.gone:
                # An answer is waited for, because hanging up could overtake the goodbye.
                with suppress(CallError, CallTimeout, ValueError):
                    goodbye(self._actor, self._peer_id, _SHUTTING_DOWN, timeout=self._last(share=2))
            self._actor.kill(timeout=self._last())  # closes the host, and so the connection

    # -- time

    def _left(self) -> float | None:
        return self._asking.left()

    def _share(self, part: int, most: float) -> float:
        """That part of the time that is left, at most `most` seconds."""
        left = self._left()
        return most if left is None else min(most, left / part)

    def _last(self, share: int = 1) -> float:
        """What is left for taking leave, or that part of it."""
        left = self._whole.left()
        return min(_PATIENCE if left is None else left, _PATIENCE) / share

    def _bounded(self) -> Any:
        return self._actor.within(self._left())


class _HungUp(RumorError):
    """The connection was over before the peer was asked."""


class _Refused(RumorError):
    """The peer hung up, and cannot be connected to again."""


def _may_be_hanging_up(error: Exception) -> bool:
    """Whether a request failed as it does when the other side ends the connection; else the peer is still there."""
    if isinstance(error, RequestError):
        return error.entry is None and not not_supported(error)
    return isinstance(error, _HungUp)


def _rate_limited(error: RequestError) -> bool:
    """Whether the peer refused a request because it had answered too many."""
    if error.entry is None:
        return False
    return error.entry.get("result_code") == _RATE_LIMITED or "rate limit" in error.message.lower()
