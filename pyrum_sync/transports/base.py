"""What every built-in connection shares: its life, its deadlines, and writes that never tear a line."""

from __future__ import annotations

import select
import threading
from abc import abstractmethod
from time import monotonic, sleep
from types import TracebackType

from pyrum_sync.errors import HandshakeError, RumorError
from pyrum_sync.protocol.framing import LineBuffer
from pyrum_sync.transports import lifecycle, link
from pyrum_sync.transports.link import Link, SendTimeout, User, say_exit
from pyrum_sync.transports.locks import SafeLock

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Protocol

    from typing_extensions import Self
else:
    Protocol = object

SHORT = 0.05  # seconds between two tries
MAX_LINE = 1 << 28  # bytes
_LOOK = 0.25  # seconds between looks at whether the connection was closed meanwhile
_Job = tuple[bytes, list[int]]
_NO_JOB: _Job = (b"", [])


class Connection(Link):
    """A built-in connection. Subclasses move the bytes; lines, deadlines and the order of closing are here."""

    def __init__(self, connect_timeout: float) -> None:
        if not connect_timeout > 0:
            raise ValueError(f"connect_timeout must be more than 0 seconds, got {connect_timeout!r}")
        self.connect_timeout = connect_timeout
        self._life = SafeLock()  # opening and closing
        self._opened = self._closed = self._released = False
        self._gone = False  # hung up: readers and writers give up
        self._born = lifecycle.generation
        # Reentrant only to know which thread holds it: a signal handler must not wait for the thread that it runs in.
        self._wire = SafeLock()
        # The line being written and how much of it each write took. Signals (Ctrl-C) may stop the main thread anywhere,
        # so the count is kept by the write itself, and never stands in two places.
        self._job = _NO_JOB
        self._user: User | None = None  # the session, while there is one
        self._max_line = MAX_LINE
        self._ended = False  # the stream was read to its end
        self._reading = False  # a thread is in recv_line
        self._incoming = LineBuffer(MAX_LINE)  # for recv_line only
        self._lines: list[bytes] = []

    # -- what a subclass provides

    @abstractmethod
    def _connect(self, deadline: float) -> None:
        """Reach the other side before `deadline`: OSError, HandshakeError or RumorNotFound if that fails."""

    def _give_up(self) -> None:
        """Let go of what was reached, if anything was: opening failed, or a signal stopped it."""

    @abstractmethod
    def _receive(self) -> bytes:
        """As `read`."""

    @abstractmethod
    def _discard(self) -> bytes:
        """Read and forget what is there (BlockingIOError if nothing is), b"" at the end of the stream."""

    @abstractmethod
    def _push(self, data: bytes | memoryview, sent: list[int]) -> None:
        """Write what the other side takes at once, and add how much that was; BlockingIOError if nothing."""

    @abstractmethod
    def _fds(self) -> tuple[int, int]:
        """The descriptors to read from and to write to."""

    def _frame(self, line: str) -> bytes:
        return line.encode() + b"\n"

    @abstractmethod
    def _sever(self, deadline: float) -> None:
        """Make reads and writes end, as in `hang_up`; the descriptors stay."""

    @abstractmethod
    def _release(self) -> None:
        """Let go of every descriptor; no thread reads or writes any more."""

    @abstractmethod
    def _where(self) -> str:
        """The other side, in words, for errors."""

    # -- life

    def open(self, user: User | None = None) -> None:
        """Connect within `connect_timeout` seconds. A second call does nothing.

        Raises: HandshakeError if the other side cannot be reached or refuses, RumorNotFound if there is no such
            program, RumorError after `close`.
        """
        lifecycle.check(self._born)
        if user is not None:
            self._user, self._max_line = user, user.max_line
        self._life.run(self._open)

    def _open(self) -> None:
        if self._closed:
            raise RumorError(f"{self!r} was closed and cannot be opened again: make a new one")
        if self._opened:
            return
        try:
            self._reach()
            self._opened = True
        except BaseException as error:  # also Ctrl-C, which may come when Rumor is reached already
            self._opened = False
            self._give_up()
            if not isinstance(error, OSError) or isinstance(error, RumorError):
                raise
            raise HandshakeError(f"cannot reach Rumor at {self._where()}: {error}") from error
        lifecycle.register(self, lifecycle.CONNECTION)

    def _reach(self) -> None:
        self.answer_by = monotonic() + self.connect_timeout
        self._connect(self.answer_by)

    def close(self) -> None:
        """Send `exit` to Rumor, wait for it at most 5 seconds, and let go of everything. A second call does nothing."""
        if self._born != lifecycle.generation:
            return
        if self._user is not None and self._user.close_first():
            return  # the session knows what else there is to say, and came back here
        self._life.run(self._close)

    def _close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if not self._opened:
            self._give_up()  # again, as a signal may have stopped the first one
            return
        try:
            deadline = 0.0
            if not self._gone:
                deadline = say_exit(self)
                self._drain(deadline)
            self.hang_up(deadline)
        finally:
            self._released = True  # the descriptors may become another's
            self._release()
            self._user = None
            lifecycle.unregister(self, lifecycle.CONNECTION)

    def hang_up(self, deadline: float = 0.0) -> None:
        self._gone = True
        self._sever(deadline)

    def _drain(self, deadline: float) -> None:
        # Closing with unread data makes TCP discard what the other side has not read yet: the `exit`.
        farewell = link.Farewell()
        while not self._ended and (left := deadline - monotonic()) > 0:
            if self._reading:
                sleep(min(left, SHORT))
            elif poll(self._fds()[0], select.POLLIN, left):
                try:
                    data = self._discard()
                    self._ended = not data
                    if data and farewell.too_long(data):
                        return
                except BlockingIOError:
                    continue
                except OSError:
                    return  # gone the hard way

    def forked(self) -> None:
        """This is the copy in a forked child."""
        self._life = SafeLock()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- reading

    def read(self) -> bytes:
        if self._released:
            return b""
        try:
            data = self._receive()
        except OSError:
            if not self._gone:
                raise
            data = b""  # hung up by ourselves, which TLS takes for an accident
        if data and not self._released:
            return data
        self._ended = True
        return b""

    def recv_line(self) -> bytes | None:
        """The next line without its newline; None at the end of the stream. For one thread at a time."""
        self._check_open()
        while not self._lines:
            self._reading = True
            try:
                data = self.read()
            finally:
                self._reading = False
            if not data:
                rest, self._incoming = self._incoming.rest, LineBuffer(MAX_LINE)
                return rest or None
            if self.pending:
                try:  # noqa: SIM105 - contextlib is slow to import
                    self.flush(monotonic() + link.BUSY_TIME)
                except SendTimeout:
                    pass
            if b"\n" in data:
                self._lines = self._incoming.feed(data).split(b"\n")[::-1]
            else:
                self._incoming.feed(data)
        return self._lines.pop()

    # -- writing

    def send_line(self, line: str) -> None:
        """Write one line. From any thread; OSError if the other side is gone."""
        self.send(line, None)

    def send(self, line: str, deadline: float | None, sent: list[int] | None = None) -> None:
        if not self._opened:
            self._check_open()
        job: _Job = (self._frame(line), [] if sent is None else sent)
        held: list[bool] = []
        if self._wire.held_here:
            raise SendTimeout(begun=False)  # a signal handler; as long as it runs, the wire does not become free
        try:
            try:
                # Acquired and noted at once, and no error is raised before the release: see `locks`.
                held.extend(map(self._wire.acquire, (True,), (-1.0 if deadline is None else _remaining(deadline),)))
                if not held[0]:
                    raise SendTimeout(begun=False)
                if self._gone or self._born != lifecycle.generation:
                    self._check_open()
                if self._job is not _NO_JOB:
                    self._write(deadline)  # what another sender left over
                self._job = job
                self._write(deadline)
                return
            except BaseException as error:  # also Ctrl-C, or what a signal handler raises
                if self._job is job and not job[1]:
                    self._job = _NO_JOB
                failure = error
        finally:
            if held and held[0]:
                self._wire.release()
            if self._job is not _NO_JOB:
                self.pending = True
        try:
            if isinstance(failure, SendTimeout):
                raise SendTimeout(begun=bool(job[1]))
            raise failure
        finally:
            del failure

    def writing_here(self) -> bool:
        held: bool = self._wire.held_here
        return held

    def flush(self, deadline: float | None) -> None:
        held: list[bool] = []
        try:
            try:  # as in `send`
                held.extend(map(self._wire.acquire, (True,), (_remaining(deadline),)))
                if not held[0]:
                    raise SendTimeout(begun=False)
                self._write(deadline)
                self.pending = False
                self._write_more(deadline)
                return
            except BaseException as error:
                failure = error
        finally:
            if held and held[0]:
                self._wire.release()
        try:
            raise failure
        finally:
            del failure

    def _flush_soon(self) -> None:
        """Something is pending while the thread that reads goes on waiting."""
        self.pending = True
        if self._user is not None:
            self._user.flush_later()
            return
        try:  # noqa: SIM105 - contextlib is slow to import
            self.flush(monotonic())
        except (SendTimeout, OSError):
            pass

    def _write_more(self, deadline: float | None) -> None:
        """Write what only this kind of connection has to write; the wire is held."""

    def _put(self, data: bytes, deadline: float | None) -> None:
        self._job = (data, [])
        self._write(deadline)

    def _write(self, deadline: float | None) -> None:
        data, sent = self._job
        done = sum(sent)
        while done < len(data):
            try:
                self._push(memoryview(data)[done:] if done else data, sent)
            except BlockingIOError:
                if not self._writable(deadline):
                    raise SendTimeout(begun=bool(done)) from None
            done = sum(sent)
        self._job = _NO_JOB

    def _writable(self, deadline: float | None) -> bool:
        while not self._gone:
            left = _remaining(deadline)
            if poll(self._fds()[1], select.POLLOUT, min(left, _LOOK) if left >= 0 else _LOOK):
                return True
            if left == 0 or (self._user is not None and self._user.lost):
                return False
        raise BrokenPipeError("the connection was closed while a line was being written")

    def _check_open(self) -> None:
        lifecycle.check(self._born)
        if not self._opened:
            raise RumorError(f"{self!r} is not open")
        if self._gone:
            raise BrokenPipeError(f"{self!r} is closed")


def _remaining(deadline: float | None) -> float:
    """Seconds left for a lock's `acquire`: -1 for ever."""
    if deadline is None:
        return -1.0
    return min(max(0.0, deadline - monotonic()), threading.TIMEOUT_MAX)


def poll(fd: int, event: int, seconds: float) -> bool:
    """Whether `fd` became ready (or broken) in that time."""
    poller = select.poll()
    poller.register(fd, event)
    return bool(poller.poll(seconds * 1000))
