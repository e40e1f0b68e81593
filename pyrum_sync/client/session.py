"""What is in flight on one connection: the thread that reads, the one that writes when nobody waits, and who waits."""

from __future__ import annotations

import itertools
import os
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic, sleep

from pyrum_sync.client.call_state import ANYTHING, RUNNING, STARTING, STEPPED, TAKEN_BACK, Record, Waiter
from pyrum_sync.client.demux import InFlight, Listener
from pyrum_sync.client.demux import waiter as new_waiter
from pyrum_sync.errors import ConnectionLost, HandshakeError, RumorClosed, RumorError
from pyrum_sync.protocol import framing
from pyrum_sync.protocol.entries import Entry
from pyrum_sync.protocol.framing import LineBuffer, LineTooLong, beginning
from pyrum_sync.protocol.lines import CLEAR_LINE, EXIT_LINE, KEEP_ALIVE_LINE, cancel_line, hello_line
from pyrum_sync.protocol.redaction import Mask, printable
from pyrum_sync.transports import lifecycle as lifetime
from pyrum_sync.transports.base import Link, SendTimeout

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any, Final, Protocol, TypeVar

    from pyrum_sync.protocol.engine_info import EngineInfo

    T = TypeVar("T")
else:
    Protocol = object

KEEP_ALIVE: Final = 600.0  # seconds of silence after which a served Rumor is told that we are still there
_GOODBYE_TIME = 2.0  # seconds for our running calls to be cancelled before `exit`
_STRANGER_TIME = 1.0  # seconds for something that may be no Rumor to end after `exit`
_SLICE = 1.0  # seconds of one wait: Python notices a signal that came just before a wait only behind it
_LOOK = 0.25  # seconds between looks of the keeper at whether it should stop writing
_LOST_TIME = 0.5  # seconds for the reader to say why a write failed
_SOON = 0.05  # seconds for the wire to become free before a line that a wait needs is left to the keeper
_MOMENT = 0.001  # seconds between two looks at whether a line was written
_SHOWN = 500  # characters of a line that is no entry
_CLOSE_TIME = 20.0  # the sum of all that closing waits for, with room


class Pending:
    """Given by a `look` that has nothing to give yet; `line`, if any, is to be sent before waiting, and `sent` tells
    then how much of it was."""

    __slots__ = ("line", "sent")

    def __init__(self, line: str = "", sent: list[int] | None = None) -> None:
        self.line = line
        self.sent = [] if sent is None else sent


NOTHING_YET: Final = Pending()


class TimeUp(Exception):
    """The deadline of a wait passed."""


class Session:
    """One connection, its calls in flight and its two threads."""

    def __init__(
        self,
        link: Link,
        *,
        mask: Mask,
        log: Callable[[str, str], None] | None,
        max_unread: int,
        max_unread_bytes: int,
        max_line: int,
        keep_calls: bool,
        clear_log_data_every: int | None,
    ) -> None:
        self._link = link
        self.mask = mask
        self._log = log  # takes a direction and a masked line; None costs nothing
        self._buffer = LineBuffer(max_line)
        link.max_line = max_line
        self._keep_calls = keep_calls
        self._keep_alive = KEEP_ALIVE
        self._born = lifetime.generation
        self.calls = InFlight(
            max_unread=max_unread,
            max_unread_bytes=max_unread_bytes,
            clear_every=clear_log_data_every,
            cancel=self._due,
            clear=self._clear,
        )
        self._numbers = itertools.count(1)
        # Numbers first: Rumor keeps the data of every id that begins with a running call's, so none may.
        self._token = os.urandom(4).hex()
        self._tasks: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._scripts: dict[Record, None] = {}  # shell scripts of ours that run, as far as is known
        self._clear_due = False  # as soon as the last of them has ended
        self._clearing = False  # Rumor is just being told to forget
        self._last_sent = monotonic()
        self._closing = False
        self._cause: BaseException | None = None  # why the stream ended
        self._epitaph: tuple[str, int | None, str] = ("", None, "")
        self._strange: list[str] = []  # the first lines that were no entries
        self._greeted = False
        self.engine: EngineInfo | None = None  # None: a Go Rumor
        # The gates of those who wait in `close`: plain locks, not an Event, as a signal handler may wait while the main
        # thread does. Each is opened once, by whoever takes it from here.
        self._closers: list[Any] = []
        self._over = False  # no more of them are opened
        self._reader = threading.Thread(target=self._read_all, name="pyrum_sync reader", daemon=True)
        self._keeper = threading.Thread(target=self._keep, name="pyrum_sync keeper", daemon=True)

    # -- opening

    def open(self) -> None:
        """Start the threads, and make sure that the other side is a Rumor that tells enough."""
        self._link.on_chores = self._flush_soon
        self._link.user = weakref.WeakMethod(self.close)
        try:
            self._link.open()
            lifetime.register(self, lifetime.SESSION)
            self._keeper.start()
            self.calls.listeners[self._hear_engine] = None  # its first entry may come before we have said anything
            self._reader.start()
            # From here on: a server that was still starting may have taken longer to be reached.
            self._greet(monotonic() + self._link.connect_timeout)
        except BaseException:
            self.close()
            raise
        finally:
            self.calls.listeners.pop(self._hear_engine, None)

    def _hear_engine(self, entry: Entry, size: int) -> None:  # noqa: ARG002
        if self.engine is None and "engine" in entry:
            from pyrum_sync.protocol.engine_info import engine_info

            self.engine = engine_info(entry)

    def _greet(self, deadline: float) -> None:
        call_id = self.new_id()
        record = Record(call_id, hello_line(call_id))
        record.foreign = True  # frees itself
        silent = False

        def echoed(entry: Entry, size: int) -> Record | None:  # noqa: ARG001
            nonlocal silent
            said = entry.get("stderr")
            if not isinstance(said, str) or said.strip() != call_id:
                return None
            silent = record.state == STARTING
            return record

        def look() -> bool | Pending:
            if record.state != STARTING or silent:
                return True
            if any(call_id in line for line in self._strange):
                raise HandshakeError(f"{self._link!r} is no Rumor: it says {self._strange[-1]!r}")
            return NOTHING_YET

        try:
            self.exchange(record, echoed, ANYTHING, look, deadline)
        except (TimeUp, SendTimeout):
            said = f"; it said {self._strange[0]!r}" if self._strange else ""
            raise HandshakeError(
                f"{self._link!r} gave no answer that a Rumor gives within {self._link.connect_timeout} s{said}"
            ) from None
        except HandshakeError:
            raise
        except ConnectionLost as error:
            not_found = self._link.not_found()
            if not_found is not None:
                raise not_found from None
            said = f"; it said {self._strange[0]!r}" if self._strange else ""
            raise HandshakeError(
                f"{self._link!r} ended before it answered: {self._epitaph[0]}{said}",
                exit_status=error.exit_status,
                stderr=error.stderr,
            ) from error
        if silent:
            raise HandshakeError(f"{self._link!r} is a Rumor below trace level: start it with --level=trace")
        self._greeted = True

    # -- what is in flight

    def new_id(self) -> str:
        """A call id that no other call on the server has."""
        return f"{next(self._numbers)}_{self._token}"

    def start(self, record: Record, deadline: float | None) -> None:
        """Register a call and send its line. SendTimeout if the wire is busy: then the call is as if it never was,
        unless its first bytes went out."""
        sent: list[int] = []
        try:
            self.calls.add(record)
            self.send(record.line, deadline, sent)
        except BaseException as error:  # also Ctrl-C, or what a signal handler raises
            if not sent or isinstance(error, ConnectionLost):
                self._take_back(record)
            raise

    def _take_back(self, record: Record) -> None:
        with self.calls.lock:
            if record.move(TAKEN_BACK):
                self.calls.remove(record)
                record.wake(ANYTHING)

    def forget(self, record: Record) -> None:
        """Expect no more news of something that is not a call of ours."""
        self._take_back(record)
        self.calls.remove(record)

    def give_up(self, record: Record) -> None:
        """Nobody waits for the start of a call any more: cancel it, if it was started."""
        if record.state == STARTING and record.id not in self.calls.records:
            self._take_back(record)  # a signal came before anything was done
        else:
            self.cancel(record)

    def send(self, line: str, deadline: float | None, sent: list[int] | None = None) -> None:
        """Write a line. ConnectionLost if the other side is gone, SendTimeout if it does not read; `sent` as Link's."""
        if self._closing or self._cause is not None or self._born != lifetime.generation:
            self.check()
        if self._log is not None:
            self._show(line)
        self._last_sent = monotonic()
        try:
            self._link.send(line, deadline, sent)
        except OSError as error:
            # What a signal handler raises (a TimeoutError, say) has no number, and says nothing of the connection.
            if isinstance(error, RumorError) or (error.errno is None and not isinstance(error, BrokenPipeError)):
                raise
            # The reader knows better why, once it has read what came before the end.
            self._reader.join(_LOST_TIME)
            if self._reader.is_alive():
                self._link.hang_up()
                self._reader.join(_LOST_TIME)
            raise self.lost(error) from (self._cause or error)
        except SendTimeout:
            if self._cause is None:
                raise
            raise self.lost(self._cause) from self._cause
        finally:
            if self._link.chores:
                self._flush_soon()

    def _show(self, line: str) -> None:
        if self._log is not None:
            self._log(">", self.mask(line))

    def cancel(self, record: Record) -> None:
        """Have a call cancelled as soon as that can work; waits for nothing."""
        # In one go, as far as signals and other threads are concerned. The keeper sees whether it is due.
        record.cancel_error = None
        record.cancel_wanted = True
        self._due(record)

    def _due(self, record: Record) -> None:
        """The cancel of a call is to be sent, or may have to be."""
        self._tasks.put(partial(self._send_cancel, record))

    def _clear(self) -> None:
        """Rumor is to forget the data of finished calls."""
        self._clear_due = True
        self._tasks.put(self._send_clear)

    # -- waiting

    def wait(self, record: Record, bits: int, look: Callable[[], T | Pending], deadline: float | None) -> T:
        """What `look` gives as soon as that is not Pending; it is called with the lock held.

        `bits` tell which news of the record make another look worth it. Raises TimeUp at the deadline, ConnectionLost
        once nothing can come any more, and whatever else `look` raises.
        """
        self.check_process()
        waiter: Waiter | None = None  # while it is registered
        try:
            try:
                while True:
                    failure = None
                    with self.calls.lock:
                        try:
                            found = look()
                            if not isinstance(found, Pending):
                                if waiter is not None and waiter in record.waiters:
                                    record.waiters.remove(waiter)
                                return found
                            self.check()
                            pending, registered = found, waiter or new_waiter(bits)
                            if waiter is None:
                                waiter = registered
                                record.waiters.append(waiter)
                        except BaseException as error:
                            failure = error
                    # Not raised in there: in Python 3.10 a signal that comes while it unwinds would keep the lock for
                    # ever.
                    if failure is not None:
                        try:
                            raise failure
                        finally:
                            del failure
                    if pending.line:
                        self._ask(pending, deadline)
                    if self._sleep(registered, deadline):
                        waiter = None
            except BaseException:
                self._wait_no_more(record, waiter)
                raise
        except BaseException:
            # Again, as a signal may have stopped the first one; one that stops this one comes too late to harm.
            self._wait_no_more(record, waiter)
            raise

    def _ask(self, pending: Pending, deadline: float | None) -> None:
        """Send the line that a wait needs. If the wire is not free soon, the keeper does: what the wait is for may come
        meanwhile."""
        soon = monotonic() + _SOON
        try:
            self.send(pending.line, soon if deadline is None else min(soon, deadline), pending.sent)
        except SendTimeout as late:
            if not late.begun:
                self._tasks.put(partial(self._send_unheard, pending.line))
                pending.sent.append(0)  # it will be, whoever waits for it

    def call(self, record: Record, bits: int, deadline: float | None) -> None:
        """Start a call and wait for the first news of these `bits`, or for a moment. Raises as `start` and `wait`."""
        waiter, woken = new_waiter(bits), False
        try:
            record.waiters.append(waiter)  # nobody else knows the record yet
            self.start(record, deadline)
            woken = self._sleep(waiter, deadline)
        finally:
            if not woken:
                self._wait_no_more(record, waiter)

    def exchange(
        self,
        record: Record,
        listener: Listener,
        bits: int,
        look: Callable[[], T | Pending],
        deadline: float | None,
        script: bool = False,
    ) -> T:
        """Send a line that starts no call of the user's, and wait, while `listener` is offered the entries that belong
        to no call. Raises as `start` and `wait`.

        `script`: it is a shell script, so no news of it is expected after that. While one runs, Rumor forgets nothing:
        the script can refer to the calls that it makes.
        """
        try:
            try:
                if script:
                    self._scripts[record] = None
                    self._await_clear(deadline)
                self.calls.listeners[listener] = None
                self.start(record, deadline)
                return self.wait(record, bits, look, deadline)
            finally:
                self._exchanged(record, listener, script)
        finally:
            self._exchanged(record, listener, script)  # again, as above

    def _exchanged(self, record: Record, listener: Listener, script: bool) -> None:
        self.calls.listeners.pop(listener, None)
        if script:
            self.forget(record)
            self._scripts.pop(record, None)
            if self._clear_due and not self._scripts:
                self._tasks.put(self._send_clear)

    def _await_clear(self, deadline: float | None) -> None:
        """What Rumor is just being told to forget must not overtake a script. TimeUp at the deadline."""
        while self._clearing:  # for as long as it takes to write a line
            if deadline is not None and deadline <= monotonic():
                raise TimeUp
            sleep(_MOMENT)

    def _sleep(self, waiter: Waiter, deadline: float | None) -> bool:
        """Whether the waiter is woken within a moment: after that it is time for another look, for Python notices a
        signal that came just before a wait only behind it. Raises TimeUp at the deadline."""
        wait = _SLICE if deadline is None else min(_SLICE, max(0.0, deadline - monotonic()))
        woken: bool = waiter[1].acquire(True, wait)
        if self._closing:  # whatever the goodbye brought meanwhile
            raise self.lost(self._cause)
        if woken:
            return True
        if deadline is not None and deadline <= monotonic():
            raise TimeUp
        return False

    def _wait_no_more(self, record: Record, waiter: Waiter | None) -> None:
        """This thread waits no longer."""
        if waiter is not None:
            with self.calls.lock:
                if waiter in record.waiters:
                    record.waiters.remove(waiter)
        # If it was to ask for a step, and did not come to it, somebody else must.
        steps = record.steps
        if steps is not None and steps.asked and not steps.sent and steps.asker == threading.get_ident():
            with self.calls.lock:
                steps.asked = False
                record.wake(STEPPED)

    def check_process(self) -> None:
        """RumorError in a forked child: all this is the parent's."""
        if self._born != lifetime.generation:
            lifetime.check(self._born)

    def check(self) -> None:
        """Raise if nothing can be sent or come any more."""
        if self._born != lifetime.generation:
            lifetime.check(self._born)
        if self._closing or self._cause is not None:
            raise self.lost(self._cause) from self._cause

    def lost(self, cause: BaseException | None) -> ConnectionLost:
        """An exception of its own for each who must be told."""
        if self._closing:
            return RumorClosed("this Rumor was closed")
        text, status, stderr = self._epitaph
        return ConnectionLost(f"the connection to Rumor was lost: {text or cause}", exit_status=status, stderr=stderr)

    # -- the reader thread

    def _read_all(self) -> None:
        cause: BaseException
        link, log, feed, parse, dispatch = self._link, self._log, self._buffer.feed, framing.parse, self.calls.dispatch
        try:
            while data := link.read():
                block = feed(data)
                if block:
                    if log is not None:
                        for line in block.decode(errors="backslashreplace").split("\n"):
                            log("<", self.mask(line))
                    entries, sizes, bad = parse(block)
                    if bad:
                        self._report(bad)
                    dispatch(entries, sizes)
                if link.chores:
                    self._flush_soon()
            if rest := self._buffer.rest:
                self._report([beginning(rest)])
            cause = EOFError("end of stream")
        except LineTooLong as error:
            entries, sizes, bad = parse(error.before)
            self._report(bad)
            dispatch(entries, sizes)
            cause = error
        except BaseException as error:
            cause = error
        self._end(cause)

    def _end(self, cause: BaseException) -> None:
        """The one way out of the reader: everybody who waits is told."""
        try:
            self._epitaph = ("", None, "") if self._closing else self._link.post_mortem()
            text, status, stderr = self._epitaph
            if not isinstance(cause, EOFError):
                text = f"{type(cause).__name__}: {cause}"
            self._epitaph = self.mask(text), status, self.mask(stderr)
        finally:
            with self.calls.lock:
                self._cause = cause
                self.calls.wake_all()
            self._link.patient = False  # ends the writes that still wait
            self._tasks.put(self._let_go)

    def _report(self, lines: list[str]) -> None:
        import logging  # only when there is something to say

        for line in lines:
            shown = printable(self.mask(line, _SHOWN))[:_SHOWN]  # the codes are longer
            if len(self._strange) < 10:
                self._strange.append(shown[:200])
            with suppress(Exception):  # of some handler's: this thread must go on
                logging.getLogger("pyrum_sync").warning("not an entry of Rumor, passed over: %s", shown)
        if not self._greeted:
            with self.calls.lock:
                self.calls.wake_all()

    # -- the keeper thread

    def _keep(self) -> None:
        """Send what must be sent when nobody waits, until told to say goodbye."""
        try:
            while True:
                task: Callable[[], object] | None
                silence = max(0.0, self._last_sent + self._keep_alive - monotonic())
                try:
                    task = self._tasks.get(timeout=silence if self._cause is None else None)
                except Empty:
                    task = partial(self._send_unheard, KEEP_ALIVE_LINE)
                if task is None:
                    return
                task()
                if self._link.chores:
                    self._flush()
        finally:
            try:
                self._say_goodbye()
            finally:
                self._over = True
                while self._closers:
                    self._closers.pop().release()

    def _flush_soon(self) -> None:
        # One task is enough, as the keeper looks for chores after each: else every read would add one, for as long as
        # the other side does not read.
        if self._tasks.empty():
            self._tasks.put(self._flush)

    def _flush(self) -> None:
        self._persist(self._link.flush)

    def _send_cancel(self, record: Record) -> None:
        with self.calls.lock:
            if not record.cancel_due:
                return
            record.cancel_sent = True
        if not self._send_unheard(cancel_line(record.id)):
            record.cancel_sent = False  # closing: saying goodbye sends it

    def _send_clear(self) -> None:
        self._clearing = True
        try:
            if self._clear_due and not self._scripts:
                self._clear_due = False
                self._send_unheard(CLEAR_LINE)
        finally:
            self._clearing = False

    def _send_unheard(self, line: str) -> bool:
        return self._persist(partial(self.send, line))

    def _persist(self, write: Callable[[float | None], None]) -> bool:
        """Go on trying while the other side does not read, but not longer than the session lives. False if nothing was
        written."""
        begun = False
        while not self._closing and self._cause is None:
            try:
                write(monotonic() + _LOOK)
                return True
            except SendTimeout as timeout:
                if timeout.begun:
                    write, begun = self._link.flush, True
            except (RumorError, OSError):
                break  # the reader tells everybody
        # Closing: only what is half written must still be finished, and saying goodbye does that.
        return begun

    def _let_go(self) -> None:
        """The stream has ended, or is to end: what is held for it is of no more use."""
        self._link.user = None
        self._link.close()

    def _say_goodbye(self) -> None:
        if self._reader.ident is not None:
            if self._cause is None and self._greeted and not self._keep_calls:
                self._cancel_all(monotonic() + _GOODBYE_TIME)
            if self._cause is None:
                self._show(EXIT_LINE)
                self._link.say_exit()
                if not self._greeted:
                    self._link.exit_deadline = monotonic() + _STRANGER_TIME
                self._reader.join(max(0.0, self._link.exit_deadline - monotonic()))
            self._link.hang_up()
            _join(self._reader)
        self._let_go()

    def _cancel_all(self, deadline: float) -> None:
        """On a server our calls would live on: cancel those that can be, and see them freed."""
        while self._cause is None:
            with self.calls.lock:
                mine = [record for record in list(self.calls.records.values()) if not record.foreign]
                if not mine:
                    return
                gate = self.calls.watch()
                due = []
                for record in mine:
                    record.cancel_wanted = True
                    if record.cancel_due:
                        record.cancel_sent = True
                        due.append(record)
                waited_for = (STARTING, RUNNING) if self._link.shared else (RUNNING,)
                if not any(record.state in waited_for for record in mine):
                    return
            try:
                for record in due:
                    self._show(line := cancel_line(record.id))
                    self._link.send(line, deadline)
            except (SendTimeout, OSError):
                return
            if not gate.acquire(timeout=max(0.0, deadline - monotonic())):
                return

    # -- closing

    @property
    def closed(self) -> bool:
        return self._closing

    def abandon(self) -> bool:
        """Close without waiting or locking, for `__del__`, which may run anywhere. False if nothing was open."""
        if self._closing or self._born != lifetime.generation:
            return False
        self._closing = True
        self._tasks.put(None)
        return True

    @property
    def inherited(self) -> bool:
        """Whether this is the copy in a forked child."""
        return self._born != lifetime.generation

    def forked(self) -> None:
        self.calls.lock = threading.RLock()

    def close(self) -> None:
        """Say goodbye and let go of everything; bounded in time, from any thread, any number of times.

        In a signal handler that interrupted this session's own work it does not wait.
        """
        if self._born != lifetime.generation:
            return
        self._closing = True
        # Each time: the first one may have been stopped by a signal before it came here.
        self._tasks.put(None)
        with self.calls.lock:
            self.calls.wake_all()
        if self._keeper.ident is None:
            self._let_go()
            return
        if threading.current_thread() in (self._keeper, self._reader):
            return
        if self.calls.lock._is_owned() or self._link.writing_here():
            return  # in a signal handler, amid something that must go on first; then the keeper closes
        gate = new_waiter(ANYTHING)[1]
        self._closers.append(gate)
        over = self._over or gate.acquire(timeout=_CLOSE_TIME)
        if over:
            _join(self._keeper)
            _join(self._reader)
        lifetime.unregister(self, lifetime.SESSION)


def _join(thread: threading.Thread) -> None:
    with suppress(RuntimeError):  # not started: Ctrl-C came first
        thread.join(1)


_taken: weakref.WeakValueDictionary[int, object] = weakref.WeakValueDictionary()
_kept: dict[int, object] = {}  # those that no weak reference can be made to
_taking = threading.Lock()


def claim(conn: object) -> None:
    """One Rumor for a connection, once: ValueError for a second one."""
    with _taking:
        if _taken.get(id(conn)) is conn or _kept.get(id(conn)) is conn:
            raise ValueError(f"{conn!r} has served a Rumor already: make a connection of its own for each")
        (_taken if type(conn).__weakrefoffset__ else _kept)[id(conn)] = conn
