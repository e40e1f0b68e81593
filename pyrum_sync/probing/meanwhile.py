"""What a peer does while it is probed: its requests are answered, its Goodbye and its hanging up are noticed.

One thread does that for all probes of a Rumor, as long as there are any.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from functools import partial
from time import monotonic

from pyrum_sync.client.inbox import Inbox
from pyrum_sync.client.waiter import Waiter
from pyrum_sync.errors import CallEnded, CallTimeout, ConnectionLost, RumorError
from pyrum_sync.probing.ours import answer, decode_status
from pyrum_sync.spec.methods import Method, versions
from pyrum_sync.transports.locks import SafeLock

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Final

    from pyrum_sync.client.call import Call
    from pyrum_sync.client.commands import Actor
    from pyrum_sync.client.rumor import Rumor
    from pyrum_sync.eth2.kinds import AnyStatus
    from pyrum_sync.protocol.entries import Entry

    Work = Callable[[], None]

_log = logging.getLogger("pyrum_sync")

_SERVED: Final = ("status", "metadata", "ping")
_MOST_ANSWERS: Final = 64  # to one peer: a probe is short
_MOST_REASON: Final = 200  # characters
_EVENT_TIME: Final = 1.0  # seconds in which the event of a connection that was made comes
_SLICE: Final = 1.0  # seconds of one wait: Python notices a signal that came just before a wait only after it
_LEAVE_TIME: Final = 2.0  # seconds in which the thread ends after the last probe


class Meanwhile:
    """What one peer does meanwhile, seen from the actor that probes it.

    Args:
        actor: the one that probes, whose host is started.
        status: ours, with which the peer's request for it is answered. It may be replaced at any time.
    """

    def __init__(self, actor: Actor, status: AnyStatus) -> None:
        self.status = status
        self.goodbye: int | None = None
        """The reason of the last Goodbye that came."""
        self.heard: AnyStatus | None = None
        """The Status that came with the peer's request for ours."""
        self.answers = 0
        """How many of the peer's requests were answered."""
        self._actor = actor
        self._opened = self._closed = 0
        self._parted = False
        self._lock = SafeLock()  # on the five above
        self._waiters: list[Waiter] = []

    def listen(self, attendant: Attendant, *, engine: bool) -> list[Call]:
        """Listen, from now until the actor is killed. Returns the calls, whose set-up is to be waited for.

        Args:
            attendant: the thread that does what there is to do.
            engine: whether this is the engine, which speaks every version.
        """
        commands = self._actor.nowait
        events = commands.host.notify("connection_open", "connection_close")
        calls: list[Call] = [events, commands.rpc.goodbye.listen(raw=True)]
        attendant.attend(calls[0], lambda: self._notice_connections(calls[0]))
        attendant.attend(calls[1], lambda: self._notice_goodbye(calls[1]))
        for name in _SERVED:
            rows = versions(name)
            for row in rows if engine else rows[-1:]:
                # Only the engine has the flag, and it only where there are several versions.
                version = {} if row.version == 1 else {"version": row.version}
                call = commands.rpc[name].listen(raw=True, **version)
                attendant.attend(call, _Listener(self, call, row).work)
                calls.append(call)
        return calls

    @property
    def opened(self) -> int:
        """How many connections there were, also those that Rumor made by itself in order to ask."""
        return self._opened

    def connecting(self) -> None:
        """A new connection is about to be made: what was said on the last one is over."""

        def begin() -> None:
            self._closed, self._parted = self._opened, False

        self._lock.run(begin)

    def connected(self) -> None:
        """The connection was made; Rumor says so here, too, but maybe a little later."""
        closed = self._closed
        self._wait_for(lambda: self._opened > closed, _EVENT_TIME)

        def count() -> None:
            self._opened = max(self._opened, closed + 1)

        self._lock.run(count)

    @property
    def parted(self) -> bool:
        """Whether the peer said goodbye on this connection."""
        return self._parted

    @property
    def gone(self) -> bool:
        """Whether the connection is over."""
        return self._closed >= self._opened

    def wait_for_parting(self, seconds: float) -> bool:
        """Wait until the peer says goodbye, or the connection is over. Returns whether that is so."""
        return self._wait_for(lambda: self._parted or self.gone, seconds)

    def wait_until_gone(self, seconds: float) -> bool:
        """Wait until the connection is over. Returns whether it is."""
        return self._wait_for(lambda: self.gone, seconds)

    def _wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        # No Condition: a signal can leave its lock held.
        end = monotonic() + seconds
        while True:
            waiter = Waiter()
            self._waiters.append(waiter)  # before looking, so that nothing is missed
            if condition():
                return True
            left = end - monotonic()
            if left <= 0:
                return False
            waiter.sleep(min(left, _SLICE))

    # -- what happens, in the attendant's thread

    def _notice_connections(self, call: Call) -> None:
        for entry in call.entries(timeout=0):
            with self._lock:
                if entry.get("event") == "connection_open":
                    self._opened += 1
                else:
                    self._closed += 1
            self._wake()

    def _notice_goodbye(self, call: Call) -> None:
        for entry in call.entries(timeout=0):
            data = entry.get("data")
            if isinstance(data, str) and len(data) == 16:
                with self._lock:
                    self.goodbye, self._parted = int.from_bytes(bytes.fromhex(data), "little"), True
                self._wake()

    def _wake(self) -> None:
        while self._waiters:
            self._waiters.pop().wake()

    def respond(self, row: Method, request: Entry) -> None:
        """Answer a request of the peer's; nobody waits for that."""
        self.answers += 1
        if self.answers > _MOST_ANSWERS:
            return
        respond, number = self._actor.nowait.rpc[row.name].resp, request.get("req_id")
        if "input_err" in request:
            respond.invalid_request(number, str(request["input_err"])[:_MOST_REASON])
            return
        if row.name == "status":
            self.heard = decode_status(bytes.fromhex(request.get("data") or "")) or self.heard
        respond.chunk.raw(number, answer(row.name, row.version, self.status), done=True)


class _Listener:
    """One protocol that is served. A `next` is sent for each request that has come, and not before."""

    def __init__(self, peer: Meanwhile, call: Call, row: Method) -> None:
        self._peer = peer
        self._call = call
        self._row = row
        self._come = 0
        self._taken = 0

    def work(self) -> None:
        try:
            for entry in self._call.entries(timeout=0):
                self._come += str(entry.get("msg", "")).startswith("Received a request")
        except CallTimeout:
            pass
        while self._taken < self._come:
            request = self._call.next(0)
            self._taken += 1
            self._peer.respond(self._row, request)


class Attendant:
    """The thread that attends to the listeners of all probes of a Rumor. It runs while it has users."""

    def __init__(self) -> None:
        self._inbox: Inbox[Work] = Inbox()
        self._lock = SafeLock()
        self._users: set[object] = set()
        self._thread: threading.Thread | None = None
        self._over: list[None] = []  # gets an item when that is to end

    def attend(self, call: Call, work: Work) -> None:
        """Do `work` at each news of a call, until it is over or the connection is lost."""
        inbox, lost = self._inbox, False

        def news() -> None:
            nonlocal lost
            if lost:
                return
            if not call.done:
                inbox.watch(call, news)  # before looking, so that nothing is missed
            try:
                work()
            except (CallTimeout, CallEnded):
                pass
            except ConnectionLost:  # the probes hear of it themselves
                lost = True

        inbox.watch(call, news)

    def join(self, user: object) -> None:
        """Attend until this user leaves."""

        def start() -> None:
            self._users.add(user)
            if self._thread is None:
                self._over = []
                run = partial(self._run, self._over)
                self._thread = threading.Thread(target=run, name="pyrum_sync answering peers", daemon=True)
                self._thread.start()  # last: if a signal comes meanwhile, leaving ends it

        self._lock.run(start)

    def leave(self, user: object) -> None:
        """End with the last user. A second time is harmless."""
        ending: threading.Thread | None = None

        def stop() -> None:
            nonlocal ending
            self._users.discard(user)
            if not self._users and self._thread is not None:
                self._inbox.put(partial(self._over.append, None))
                ending, self._thread = self._thread, None

        self._lock.run(stop)
        if ending is not None and ending.ident is not None:
            ending.join(_LEAVE_TIME)

    def _run(self, over: list[None]) -> None:
        while not over:
            work = self._inbox.get()
            assert work is not None
            try:
                work()
            except RumorError as error:
                _log.debug("a request of a probed peer was not answered: %s", error)
            except Exception:
                _log.warning("a request of a probed peer was not answered", exc_info=True)


_attendants: weakref.WeakKeyDictionary[Rumor, Attendant] = weakref.WeakKeyDictionary()
_lock = SafeLock()


def attendant_of(rumor: Rumor) -> Attendant:
    """Returns the attendant of a Rumor, to be joined."""
    return _lock.run(lambda: _attendants.setdefault(rumor, Attendant()))
