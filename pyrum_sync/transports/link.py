"""What a session asks of a connection."""

from __future__ import annotations

from abc import ABC, abstractmethod
from time import monotonic

from pyrum_sync.errors import RumorNotFound
from pyrum_sync.protocol.lines import EXIT_LINE
from pyrum_sync.transports.lifecycle import Live

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Final, Protocol
else:
    Protocol = object

EXIT_TIME = 5.0  # seconds for Rumor to end by itself
BUSY_TIME = 1.0  # seconds to wait for a free wire before `exit` is left out
_FLOOD = 1 << 24  # bytes after `exit` from which on the other side is not waited for any more
_DRIP_TIME = 1.0  # seconds for a line that began to end; likewise


class Farewell:
    """What comes after `exit`: no Rumor goes on for ever, or stops in the middle of a line."""

    def __init__(self) -> None:
        self._size = 0
        self._torn: float | None = None  # since when a line is not whole, on the monotonic clock

    def too_long(self, data: bytes) -> bool:
        """Take what was read. Returns whether to wait for the end no longer."""
        now = monotonic()
        self._size += len(data)
        if b"\n" in data:
            self._torn = None
        if self._torn is None and not data.endswith(b"\n"):
            self._torn = now
        return self._size > _FLOOD or (self._torn is not None and now - self._torn >= _DRIP_TIME)


class SendTimeout(Exception):
    """A line could not be written in time; `begun` says whether its first bytes went out (then the rest follows)."""

    def __init__(self, begun: bool) -> None:
        super().__init__("the other side does not read")
        self.begun = begun


class End:
    """What is known of the end of a stream."""

    __slots__ = ("exit_status", "not_found", "stderr", "text")

    def __init__(
        self,
        text: str = "",
        exit_status: int | None = None,
        stderr: str = "",
        not_found: RumorNotFound | None = None,
    ) -> None:
        self.text = text
        self.exit_status = exit_status  # of a child process
        self.stderr = stderr  # its last lines
        self.not_found = not_found  # what to raise if there was no program to start


NO_END: Final = End()
"""Nothing is known of it."""


class User(Protocol):
    """What a session shows its link."""

    @property
    def max_line(self) -> int:
        """Bytes; a longer line ends the connection."""

    @property
    def lost(self) -> bool:
        """Nothing can arrive any more, so no write needs to wait for the other side to read."""

    def flush_later(self) -> object:
        """Have `flush` called. Waits for nothing."""

    def close_first(self) -> bool:
        """The connection is being closed by its owner: close the session, which closes the connection as well. False if
        the session has let go of the connection."""


class Link(Live, ABC):
    """The small surface that a session works with. Nothing in here is written from outside."""

    _INSTEAD = "open a new connection there"

    connect_timeout: float = 10.0  # seconds
    answer_by = 0.0  # when these are over, on the monotonic clock, as of the last try to reach the other side
    shared = True  # whether Rumor, and so what we leave running, outlives the connection
    pending = False  # something waits to be written by `flush`

    @abstractmethod
    def open(self, user: User | None = None) -> None:
        """Connect, for a session; a second call does nothing more."""

    @abstractmethod
    def read(self) -> bytes:
        """The next piece of the stream, however much there is; b"" at its end. For one thread at a time."""

    @abstractmethod
    def send(self, line: str, deadline: float | None, sent: list[int] | None = None) -> None:
        """Write one line, whole or not at all. From any thread.

        Args:
            deadline: until when to wait for the wire, on the monotonic clock; None: for ever.
            sent: empty until the first bytes go out. If an exception ends the call before that, the line is as if it
                had never been; if one ends it later (Ctrl-C), the rest follows.
        Raises: SendTimeout, and OSError if the other side is gone.
        """

    @abstractmethod
    def flush(self, deadline: float | None) -> None:
        """Write the rest of a line whose sender gave up, and whatever else is pending. Raises as `send`."""

    @abstractmethod
    def hang_up(self, deadline: float = 0.0) -> None:
        """Make every read and write end, now. From any thread. A child process may take until `deadline` (on the
        monotonic clock) to end by itself."""

    @abstractmethod
    def close(self) -> None:
        """Say exit and hang up, unless that was done, and let go of everything. A second call does nothing."""

    def post_mortem(self) -> End:
        """After the end of the stream: what is known of it."""
        return End("the other side closed it")

    def writing_here(self) -> bool:
        """Whether this very thread is in the middle of a write: then this is a signal handler."""
        return False


def say_exit(link: Link) -> float:
    """Tell Rumor to end the session, unless the wire is not free.

    Returns: until when Rumor may take to end by itself, on the monotonic clock.
    """
    deadline = monotonic() + EXIT_TIME
    try:
        link.send(EXIT_LINE, monotonic() + BUSY_TIME)
    except SendTimeout:
        return monotonic()  # not said, so nothing to wait for: hanging up is all that is left
    except OSError:
        pass  # the other side is gone
    return deadline
