"""The life of a session: opening, the thread that writes what is pending when nobody waits, and closing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from time import monotonic

from pyrum_sync.client.deadline import Deadline
from pyrum_sync.client.handshake import EngineListener, greet
from pyrum_sync.client.phases import RUNNING, STARTING
from pyrum_sync.client.reader import Reader
from pyrum_sync.client.session import Empty, Session
from pyrum_sync.client.waiter import Waiter
from pyrum_sync.protocol.lines import EXIT_LINE, KEEP_ALIVE_LINE, cancel_line
from pyrum_sync.transports import lifecycle
from pyrum_sync.transports.link import SendTimeout, say_exit
from pyrum_sync.transports.locks import SafeLock

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Final

KEEP_ALIVE: Final = 600.0  # seconds of silence after which a line is sent: a served session that is silent goes deaf
_GOODBYE_TIME = 2.0  # seconds for our running calls to be cancelled before `exit`
_STRANGER_TIME = 1.0  # seconds for something that may be no Rumor to end after `exit`
_CLOSE_TIME = 20.0  # the sum of all that closing waits for, with room


class Keeper:
    """Opens a session, keeps it alive, and closes it."""

    def __init__(self, session: Session, *, keep_calls: bool) -> None:
        self._session = session
        self._keep_calls = keep_calls
        self._keep_alive = KEEP_ALIVE
        self._closers: list[Waiter] = []  # the threads in `close`
        self._over = False  # no more of them are woken
        self._opened_by = 0.0  # until when opening may take, on the monotonic clock
        self._exit_deadline = 0.0  # once exit was said: until when Rumor may take to end by itself
        self._reader = Reader(session).thread
        self._thread = threading.Thread(target=self._run, name="pyrum_sync keeper", daemon=True)

    # -- opening

    def open(self) -> None:
        """Open the link, start the threads, and make sure that the other side is a Rumor that logs enough."""
        session = self._session
        engine = EngineListener(session)
        earlier = session.link.answer_by
        try:
            session.link.open(self)
            lifecycle.register(self, lifecycle.SESSION)
            self._thread.start()
            session.demux.listeners[engine] = None  # its first entry may come before anything was sent
            self._reader.start()
            deadline = Deadline(session.link.connect_timeout)
            if session.link.answer_by != earlier:  # else its owner opened it, or it is of the user's own kind
                deadline.at = session.link.answer_by
            self._opened_by = deadline.at or 0.0
            greet(session, deadline)
        except BaseException:
            self.close()
            raise
        finally:
            session.demux.listeners.pop(engine, None)

    # -- what the link asks

    @property
    def max_line(self) -> int:
        """Bytes; a longer line ends the connection."""
        return self._session.max_line

    @property
    def lost(self) -> bool:
        """Nothing can arrive any more."""
        return self._session.cause is not None

    def flush_later(self) -> None:
        """Have what is pending written."""
        self._session.flush_later()

    def close_first(self) -> bool:
        """The link is being closed by its owner. Returns False if the session has let go of it."""
        if self._session.released:
            return False
        self.close()
        return True

    # -- the thread

    def _run(self) -> None:
        """Write what is pending, until it is time to say goodbye."""
        session = self._session
        try:
            while True:
                task: Callable[[], object] | None
                silence = max(0.0, session.last_sent + self._keep_alive - monotonic())
                try:
                    task = session.pending.get(timeout=silence if session.cause is None else None)
                except Empty:
                    task = partial(session.write, KEEP_ALIVE_LINE)
                if task is None:
                    return
                task()
                if session.link.pending:
                    session.flush()
        finally:
            try:
                self._say_goodbye()
            finally:
                self._over = True
                while self._closers:
                    self._closers.pop().wake()

    def _say_goodbye(self) -> None:
        session = self._session
        link = session.link
        if self._reader.ident is not None:
            if session.cause is None and session.greeted and not self._keep_calls:
                self._cancel_all(monotonic() + _GOODBYE_TIME)
            if session.cause is None:
                session.show(EXIT_LINE)
                session.leaving = True
                self._exit_deadline = say_exit(link)
                if not session.greeted:
                    self._exit_deadline = min(self._exit_deadline, self._stranger_until())
                self._reader.join(max(0.0, self._exit_deadline - monotonic()))
            link.hang_up(self._exit_deadline)
            _join(self._reader)
        session.let_go()

    def _stranger_until(self) -> float:
        """Until when something that may be no Rumor may take to end after `exit`."""
        now = monotonic()
        if not self._session.link.shared:
            return now + _STRANGER_TIME  # a child, which would be terminated otherwise
        return max(now, min(self._opened_by, now + _STRANGER_TIME))

    def _cancel_all(self, deadline: float) -> None:
        """On a server our calls would live on: cancel those that can be, and see them freed."""
        session = self._session
        demux = session.demux
        while session.cause is None:
            with demux.lock:
                mine = [call for call in list(demux.calls.values()) if not call.foreign]
                if not mine:
                    return
                watcher = demux.watch()
                due = []
                for call in mine:
                    call.cut = call.cut or not call.cancel_wanted
                    call.cancel_wanted = True
                    if call.cancel_due:
                        call.cancel_sent = True
                        due.append(call)
                awaited = (STARTING, RUNNING) if session.link.shared else (RUNNING,)
                if not any(call.phase in awaited for call in mine):
                    return
            try:
                for call in due:
                    session.show(line := cancel_line(call.id))
                    session.link.send(line, deadline)
            except (SendTimeout, OSError):
                return
            if not watcher.sleep(max(0.0, deadline - monotonic())):
                return

    # -- closing

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._session.closing

    def abandon(self) -> bool:
        """Close without waiting or locking, for `__del__`, which may run anywhere. False if nothing was open."""
        session = self._session
        if session.closing or session.inherited:
            return False
        session.closing = True
        session.pending.put(None)
        return True

    def forked(self) -> None:
        """This is the copy in a forked child."""
        self._session.demux.lock = SafeLock()

    def close(self) -> None:
        """Say goodbye and let go of everything; bounded in time, from any thread, any number of times.

        In a signal handler that interrupted this session's own work it does not wait.
        """
        session = self._session
        if session.inherited:
            return
        session.closing = True
        # Each time: the first one may have been stopped by a signal before it came here.
        session.pending.put(None)
        session.demux.lock.run(session.demux.wake_all)
        if self._thread.ident is None:
            session.let_go()
            return
        if threading.current_thread() in (self._thread, self._reader):
            return
        if session.demux.lock.held_here or session.link.writing_here():
            return  # in a signal handler that interrupted a step which must finish first; then the keeper closes
        waiter = Waiter()
        self._closers.append(waiter)
        over = self._over or waiter.sleep(_CLOSE_TIME)
        if over:
            _join(self._thread)
            _join(self._reader)
        lifecycle.unregister(self, lifecycle.SESSION)


def _join(thread: threading.Thread) -> None:
    if thread.is_alive():  # else it is over, or not started: Ctrl-C came first
        thread.join(1)
