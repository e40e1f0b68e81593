"""One connection: its state, what is written to it, and the threads that wait for what it brings.

The reader (`reader`) hands in what arrives, the keeper (`keeper`) writes what is pending when nobody waits, and closes.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from functools import partial
from time import monotonic

from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.clearing import Clearing
from pyrum_sync.client.deadline import Deadline, TimeUp
from pyrum_sync.client.demux import Demultiplexer, Listener
from pyrum_sync.client.looks import Pending
from pyrum_sync.client.phases import ANYTHING, STARTING, STEPPED, TAKEN_BACK
from pyrum_sync.client.signals import Cleanup, CleanupOnError
from pyrum_sync.client.turns import Turns
from pyrum_sync.client.waiter import Waiter
from pyrum_sync.errors import ConnectionLost, RumorClosed, RumorError
from pyrum_sync.protocol.lines import cancel_line
from pyrum_sync.protocol.redaction import Mask
from pyrum_sync.transports import lifecycle
from pyrum_sync.transports.link import NO_END, Link, SendTimeout

try:
    from _queue import Empty, SimpleQueue  # what `queue` has, which is slow to import
except ImportError:
    from queue import Empty, SimpleQueue

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import TypeVar

    from pyrum_sync.protocol.engine_info import EngineInfo

    T = TypeVar("T")

__all__ = ["Empty", "Session"]

_SLICE = 1.0  # seconds of one wait: Python notices a signal that came just before a wait only after it
_LOOK = 0.25  # seconds between looks at whether to stop writing
_LOST_TIME = 0.5  # seconds for the reader to say why a write failed
_SOON = 0.05  # seconds for the wire to become free before a line that a wait needs is left to the keeper


class Session:
    """The state of one connection, and the writing and waiting on it."""

    def __init__(
        self,
        link: Link,
        *,
        mask: Mask,
        log: Callable[[str, str], None] | None,
        max_unread: int,
        max_unread_bytes: int,
        max_line: int,
        clear_log_data_every: int | None,
    ) -> None:
        self.link = link
        self.mask = mask
        self.log = log  # takes a direction and a masked line; None costs nothing
        self.max_line = max_line
        self._born = lifecycle.generation
        self.demux = Demultiplexer(
            max_unread=max_unread,
            max_unread_bytes=max_unread_bytes,
            clear_every=clear_log_data_every,
            cancel=self._cancel_later,
            clear=self._clear_later,
        )
        self._numbers = itertools.count(1)
        # Numbers first: Rumor keeps the data of every id that begins with a running call's, so none may.
        self._token = os.urandom(4).hex()
        self.pending: SimpleQueue[Callable[[], object] | None] = SimpleQueue()  # writes for the keeper; None ends it
        self.clearing = Clearing(self.pending.put, self.write)
        self.turns = Turns()
        self.last_sent = monotonic()
        self.closing = False
        self.leaving = False  # `exit` was said
        self.greeted = False  # the other side is a Rumor
        self.engine: EngineInfo | None = None  # None: a Go Rumor
        self.strange: list[str] = []  # the first lines that were no entries
        self.cause: BaseException | None = None  # why the stream ended
        self.end = NO_END  # what is known of that
        self.released = False  # the link is closed, or about to be
        self.reader: threading.Thread  # set by Reader

    def _clear_later(self) -> None:
        self.clearing.want()

    # -- calls in flight

    def new_id(self) -> str:
        """A call id that no other call on the server has."""
        return f"{next(self._numbers)}_{self._token}"

    def is_own_id(self, call_id: str) -> bool:
        """Whether `new_id` made it."""
        return call_id.endswith(f"_{self._token}")

    def start(self, call: CallState, deadline: Deadline) -> None:
        """Register a call and send its line.

        Raises: SendTimeout if the wire is busy: then the call is as if it had never been, unless its first bytes went
            out. ConnectionLost.
        """
        sent: list[int] = []
        try:
            self.demux.add(call)
            self.send(call.line, deadline.at, sent)
        except BaseException as error:  # also Ctrl-C, or what a signal handler raises
            if not sent or isinstance(error, ConnectionLost):
                self._take_back(call)
            raise

    def _take_back(self, call: CallState) -> None:
        def take_back() -> None:
            if call.move(TAKEN_BACK):
                self.demux.remove(call)
                call.wake(ANYTHING)

        self.demux.lock.run(take_back)

    def forget(self, call: CallState) -> None:
        """Stop expecting news of something that is not a call of ours."""
        self._take_back(call)
        self.demux.remove(call)

    def give_up(self, call: CallState) -> None:
        """Nobody waits for the start of a call any more: cancel it, if it was started."""
        if call.phase is STARTING and call.id not in self.demux.calls:
            self._take_back(call)  # a signal came before anything was done
        else:
            self.cancel(call)

    def cancel(self, call: CallState) -> None:
        """Have a call cancelled as soon as that can work. Waits for nothing."""
        # In one go, as far as signals and other threads are concerned. The keeper sees whether it is due.
        call.cancel_error = None
        call.cancel_wanted = True
        self._cancel_later(call)

    def _cancel_later(self, call: CallState) -> None:
        """The cancel of a call is to be sent, or may have to be."""
        self.pending.put(partial(self._send_cancel, call))

    def _send_cancel(self, call: CallState) -> None:
        with self.demux.lock:
            if not call.cancel_due:
                return
            call.cancel_sent = True
        if not self.write(cancel_line(call.id)):
            call.cancel_sent = False  # closing: the goodbye sends it

    # -- writing

    def send(self, line: str, deadline: float | None, sent: list[int] | None = None) -> None:
        """Write a line.

        Args:
            deadline: until when to wait for the wire, on the monotonic clock.
            sent: gets how much of the line each write took, as in Link.
        Raises: ConnectionLost if the other side is gone, SendTimeout if it does not read.
        """
        if self.closing or self.cause is not None or self._born != lifecycle.generation:
            self.check()
        if self.log is not None:
            self.show(line)
        self.last_sent = monotonic()
        try:
            self.link.send(line, deadline, sent)
        except OSError as error:
            # What a signal handler raises (a TimeoutError, say) has no number, and says nothing of the connection.
            if isinstance(error, RumorError) or (error.errno is None and not isinstance(error, BrokenPipeError)):
                raise
            # The reader knows the reason better, once it has read what came before the end.
            self.reader.join(_LOST_TIME)
            if self.reader.is_alive():
                self.link.hang_up()
                self.reader.join(_LOST_TIME)
            raise self.lost(error) from (self.cause or error)
        except SendTimeout:
            if self.cause is None:
                raise
            raise self.lost(self.cause) from self.cause
        finally:
            if self.link.pending:
                self.flush_later()

    def show(self, line: str) -> None:
        """Log a line that is sent."""
        if self.log is not None:
            self.log(">", self.mask(line))

    def write(self, line: str) -> bool:
        """Write a line that nobody waits for, however long the wire is busy, while the session lives.

        Returns: False if nothing was written.
        """
        return self._persist(partial(self.send, line))

    def flush(self) -> None:
        """Write what the link has pending, likewise."""
        self._persist(self.link.flush)

    def flush_later(self) -> None:
        """Have the keeper do that."""
        # One task is enough, as the keeper looks at the link after each. Otherwise every read would add one, for as
        # long as the other side does not read.
        if self.pending.empty():
            self.pending.put(self.flush)

    def _persist(self, write: Callable[[float | None], None]) -> bool:
        begun = False
        while not self.closing and self.cause is None:
            try:
                write(monotonic() + _LOOK)
                return True
            except SendTimeout as timeout:
                if timeout.begun:
                    write, begun = self.link.flush, True
            except (RumorError, OSError):
                break  # the reader reports it to everybody
        # Closing: only what is half written must still be finished, and the goodbye does that.
        return begun

    # -- waiting

    def wait(self, call: CallState, bits: int, look: Callable[[], T | Pending], deadline: Deadline) -> T:
        """Wait until `look` returns something other than Pending; it is called with the lock held.

        Args:
            bits: which news of the call make another look worth it.
        Returns: what `look` returned.
        Raises: TimeUp at the deadline, ConnectionLost once nothing can arrive any more, and whatever `look` raises.
        """
        self.check_process()
        waiter: Waiter | None = None  # while it is registered

        def stop_waiting() -> None:
            self._stop_waiting(call, waiter)

        def look_or_register() -> T | Pending:
            nonlocal waiter
            found = look()
            if not isinstance(found, Pending):
                if waiter is not None and waiter in call.waiters:
                    call.waiters.remove(waiter)
                return found
            self.check()
            if waiter is None:
                waiter = Waiter(bits)
                call.waiters.append(waiter)
            return found

        run = self.demux.lock.run
        cleanup = CleanupOnError(stop_waiting)
        with cleanup, cleanup:
            while True:
                found = run(look_or_register)
                if not isinstance(found, Pending):
                    return found
                if found.line:
                    self._request(found, deadline)
                assert waiter is not None
                if self._sleep(call, waiter, deadline):
                    waiter = None

    def _request(self, pending: Pending, deadline: Deadline) -> None:
        """Send the line that a wait needs. If the wire is not free soon, the keeper does: what the wait is for may
        arrive meanwhile."""
        try:
            self.send(pending.line, monotonic() + deadline.left(_SOON), pending.sent)
        except SendTimeout as late:
            if not late.begun:
                self.pending.put(partial(self.write, pending.line))
                pending.sent.append(0)  # it will be, even if this thread stops waiting

    def call(self, call: CallState, bits: int, deadline: Deadline) -> None:
        """Start a call and wait for the first news of these `bits`, or for a moment. Raises as `start` and `wait`."""
        waiter, woken = Waiter(bits), False
        try:
            call.waiters.append(waiter)  # no other thread knows the call yet
            self.start(call, deadline)
            woken = self._sleep(call, waiter, deadline)
        finally:
            if not woken:
                self._stop_waiting(call, waiter)

    def exchange(
        self,
        call: CallState,
        listener: Listener,
        bits: int,
        look: Callable[[], T | Pending],
        deadline: Deadline,
    ) -> T:
        """Send a line that starts no call of the user's, and wait as `wait` does, while `listener` is offered the
        entries that belong to no call. Raises as `start` and `wait`.
        """
        cleanup = Cleanup(partial(self.demux.listeners.pop, listener, None))
        with cleanup, cleanup:
            self.demux.listeners[listener] = None
            self.start(call, deadline)
            return self.wait(call, bits, look, deadline)

    def _sleep(self, call: CallState, waiter: Waiter, deadline: Deadline) -> bool:
        """Sleep until the waiter is woken, for a moment at most: Python notices a signal that came just before a wait
        only after it. Returns False if another look is due. Raises TimeUp at the deadline.
        """
        woken = waiter.sleep(_SLICE if deadline.at is None else deadline.left(_SLICE))
        if self.closing and not call.ended:  # whatever the goodbye brought meanwhile
            raise self.lost(self.cause)
        if woken:
            return True
        if deadline.passed:
            raise TimeUp
        return False

    def _stop_waiting(self, call: CallState, waiter: Waiter | None) -> None:
        """This thread waits no longer."""
        if waiter is not None:

            def unregister() -> None:
                if waiter in call.waiters:
                    call.waiters.remove(waiter)

            self.demux.lock.run(unregister)
        # If it was to request a step, and did not come to it, another thread must.
        steps = call.steps
        if steps is not None and steps.requested and not steps.sent and steps.requester == threading.get_ident():

            def release_step() -> None:
                steps.requested = False
                call.wake(STEPPED)

            self.demux.lock.run(release_step)

    # -- its end

    @property
    def inherited(self) -> bool:
        """Whether this is the copy in a forked child."""
        return self._born != lifecycle.generation

    def check_process(self) -> None:
        """RumorError in a forked child: all this is the parent's."""
        if self._born != lifecycle.generation:
            lifecycle.check(self._born)

    def check(self) -> None:
        """Raise if nothing can be sent or arrive any more."""
        if self._born != lifecycle.generation:
            lifecycle.check(self._born)
        if self.closing or self.cause is not None:
            raise self.lost(self.cause) from self.cause

    def lost(self, cause: BaseException | None) -> ConnectionLost:
        """A new exception for one of the threads that must learn of the end."""
        if self.closing:
            return RumorClosed("this Rumor was closed")
        end = self.end
        why = f"the connection to Rumor was lost: {end.text or cause}"
        return ConnectionLost(why, exit_status=end.exit_status, stderr=end.stderr)

    def let_go(self) -> None:
        """The stream has ended, or is to end: release what is held for it."""
        self.released = True
        self.link.close()
