"""A Rumor as a child process: ``rumor bare``, over its standard input and output."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from pyrum_sync.errors import RumorNotFound
from pyrum_sync.protocol.redaction import hide
from pyrum_sync.transports.base import Connection
from pyrum_sync.transports.link import End

if TYPE_CHECKING:
    import subprocess

_TERM_TIME = 2.0  # seconds between asking a process to end and killing it
_NEWS_TIME = 0.2  # seconds to wait for the exit status of a child that closed its output
_STDERR_TIME = 1.0  # seconds for the rest of stderr, which only a process outside the child's session keeps open longer
_SHORT = 0.01
_READ_SIZE = 1 << 16
_STDERR_LINES = 200
_STDERR_LINE = 4096  # bytes that are kept of each
_NOT_FOUND = 127  # what a shell says of a program that is not there

GET_RUMOR = (
    "install Rumor (https://github.com/protolambda/rumor, built with Go) and put `rumor` on PATH, "
    "use a Rumor that is already served (TCPConn, UnixConn, WebsocketConn), or the engine that "
    "comes with the library: EmbeddedConn, or SimulatorConn, the simulator"
)


class SubprocessConn(Connection):
    """A Rumor of its own, started when the connection is opened and ended when it is closed.

    `cmd` as a str goes through the shell, as a list it is executed directly. `connect_timeout` (seconds) is also how
    long Rumor may take to answer first: ample, for a ``go run`` that has to compile.
    """

    shared = False
    _inherited: tuple[int, ...] = ()  # descriptors that the child gets besides its pipes

    def __init__(self, cmd: str | Sequence[str] = "rumor bare --level=trace", *, connect_timeout: float = 120) -> None:
        super().__init__(connect_timeout)
        self._cmd = cmd if isinstance(cmd, str) else list(cmd)
        if not self._cmd:
            raise ValueError("cmd is empty: name the program to start, such as 'rumor bare --level=trace'")
        self._tail: deque[str] = deque(maxlen=_STDERR_LINES)
        self._started: list[Any] = []  # the child, or none yet
        self._child: subprocess.Popen[bytes]

    def __repr__(self) -> str:
        return f"SubprocessConn({self._where()})"

    def _where(self) -> str:
        return hide(repr(self._cmd))

    @property
    def pid(self) -> int:
        """The process id of the child (of the shell, for a `cmd` that is a str)."""
        return self._child.pid

    def _connect(self, deadline: float) -> None:  # noqa: ARG002 - starting a process waits for nothing
        import subprocess  # 10 ms that scripts on other transports need not pay

        # A session of its own: Ctrl-C in the terminal is for the script (it would be sudden death to Rumor), and what
        # Rumor starts can be ended with it.
        start = partial(
            subprocess.Popen[bytes],
            shell=isinstance(self._cmd, str),
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=self._inherited,
        )
        try:
            self._started.extend(map(start, (self._cmd,)))  # started and noted at once: a signal cannot come between
        except FileNotFoundError as error:
            raise RumorNotFound(f"there is no program {self._cmd[0]!r}: {GET_RUMOR}") from error
        self._child = child = self._started[0]
        self._in, self._out = child.stdin.fileno(), child.stdout.fileno()
        os.set_blocking(self._in, False)
        self._write_now = partial(os.write, self._in)
        self._listener = threading.Thread(
            target=_collect, args=(child.stderr, self._tail), name="pyrum_sync stderr", daemon=True
        )
        self._listener.start()

    def _give_up(self) -> None:
        for child in self._started:
            self._child = child
            if child.returncode is None:  # else its number may be another's
                self._end_group(signal.SIGKILL)
                child.wait()
            for pipe in (child.stdin, child.stdout, child.stderr):
                pipe.close()

    def _receive(self) -> bytes:
        return os.read(self._out, _READ_SIZE)

    _discard = _receive

    def _push(self, data: bytes | memoryview, sent: list[int]) -> None:
        sent.extend(map(self._write_now, (data,)))

    def _fds(self) -> tuple[int, int]:
        return self._out, self._in

    # -- the end

    def post_mortem(self) -> End:
        status = self._wait(_NEWS_TIME)
        if status is not None:  # one that lives on may write more at any time
            self._listener.join(_NEWS_TIME)
        lines = list(self._tail)
        stderr = _most_useful(lines)
        if status is None:
            text = "it closed its output"
        elif status < 0:
            text = f"the process was ended by signal {-status} ({_signal_name(-status)})"
        else:
            text = f"the process ended with exit status {status}"
        not_found = None
        if isinstance(self._cmd, str) and status == _NOT_FOUND:
            said = " ".join(lines).strip()
            not_found = RumorNotFound(f"the shell found no program for {self._where()} ({said}): {GET_RUMOR}")
        return End(text + (f"; its last lines on stderr:\n{stderr}" if stderr else ""), status, stderr, not_found)

    def _sever(self, deadline: float) -> None:
        # Its exit is the one sign of the end that a pipe's reader cannot miss.
        self._wait(deadline - monotonic())
        for number, patience in ((signal.SIGTERM, _TERM_TIME), (signal.SIGKILL, _TERM_TIME)):
            if not self._end_group(number):
                break
            end = monotonic() + patience
            while self._group_lives() and monotonic() < end:
                sleep(_SHORT)

    def _group_lives(self) -> bool:
        self._child.poll()
        return self._end_group(0)

    def _end_group(self, number: int) -> bool:
        """Signal the child and all it started; False if no process is left."""
        try:
            os.killpg(self._child.pid, number)
        except ProcessLookupError:
            return False
        except PermissionError:  # all that is left are zombies, on some systems
            return self._child.poll() is None
        return True

    def _wait(self, seconds: float) -> int | None:
        """The exit status, once there is one."""
        end = monotonic() + seconds
        while (status := self._child.poll()) is None and (left := end - monotonic()) > 0:
            sleep(min(left, _SHORT))
        return status

    def _release(self) -> None:
        self._listener.join(_STDERR_TIME)
        child: Any = self._child
        for pipe in (child.stdin, child.stdout, child.stderr):
            with suppress(OSError):
                pipe.close()


def _collect(stream: Any, tail: deque[str]) -> None:
    """Keep the last lines that the child writes on stderr; ends when every process that could write there is gone."""
    rest = b""
    with suppress(OSError, ValueError):
        while data := stream.read(_READ_SIZE):
            *lines, rest = (rest + data).split(b"\n")
            tail.extend(line[:_STDERR_LINE].decode(errors="replace") for line in lines)
            rest = rest[:_STDERR_LINE]
    if rest:
        tail.append(rest.decode(errors="replace"))


def _most_useful(lines: list[str]) -> str:
    """The lines that explain most: a Go panic's reason stands above its long trace."""
    for index, line in enumerate(lines):
        if line.startswith(("panic:", "fatal error:")):
            return "\n".join(lines[index : index + 10])
    return "\n".join(lines[-10:])


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
