"""What can go wrong, as one tree; each is also the builtin exception that fits.

::

    RumorError(Exception)
    ├── ConnectionLost(RumorError, ConnectionError)
    │   ├── HandshakeError          refused, wrong key, not a Rumor, not at trace level
    │   └── RumorClosed             closed by this side
    ├── RumorNotFound(RumorError, FileNotFoundError)
    ├── CallTimeout(RumorError, TimeoutError)
    ├── CallError(RumorError)
    │   ├── UnknownCommand(CallError, AttributeError)
    │   └── ShellError(CallError)
    ├── CallEnded(RumorError, LookupError)
    └── DataLost(RumorError, BufferError)
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pyrum_sync.client.call import Call
    from pyrum_sync.protocol.script import ShellResult


class RumorError(Exception):
    """The base of all exceptions that this library raises itself.

    In its text, control characters are escaped (newlines and tabs stay): what a peer or a child process says can be
    printed. Each error pickles and copies; the copy is without the live call (its `call` is None).
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(_harmless(each) if isinstance(each, str) else each for each in args))

    def __reduce__(self) -> tuple[Callable[..., RumorError], tuple[Any, ...]]:
        facts = {name: None if name == "call" else value for name, value in self.__dict__.items()}
        return _restored, (type(self), self.args, facts)


def _harmless(text: str) -> str:
    """Returns `text` with escapes in place of what a terminal might obey, or could not show."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def _restored(kind: type[RumorError], args: tuple[Any, ...], facts: dict[str, Any]) -> RumorError:
    error = kind.__new__(kind)  # not through `__init__`, which would put the text together once more
    error.args = args
    error.__dict__.update(facts)
    return error


class ConnectionLost(RumorError, ConnectionError):
    """The other side is gone, or its stream cannot be followed any further; the cause is chained.

    `exit_status` is the child process's (negative for a signal) and `stderr` its last lines, where there is a child.
    """

    def __init__(self, message: str, *, exit_status: int | None = None, stderr: str = "") -> None:
        super().__init__(message)
        self.exit_status = exit_status
        self.stderr = _harmless(stderr)


class HandshakeError(ConnectionLost):
    """No usable Rumor was reached: refused, a wrong key, not a Rumor, or one below trace level."""


class RumorClosed(ConnectionLost):
    """The connection was closed by this side."""


class RumorNotFound(RumorError, FileNotFoundError):
    """The program to start is not there."""


class CallTimeout(RumorError, TimeoutError):
    """A deadline of the caller ran out; the connection and the call go on. `call` is the call, where there is one."""

    def __init__(self, message: str, *, call: Call | None = None) -> None:
        super().__init__(message)
        self.call = call


class CallError(RumorError):
    """A call or a step of it failed.

    `message` is the reason alone, `entry` the log entry (dict) that says so, as it came, `call` the call.
    """

    def __init__(self, message: str, *, call: Call | None = None, entry: dict[str, Any] | None = None) -> None:
        super().__init__(f"{call!r}: {message}" if call is not None else message)
        self.message = _harmless(message)
        self.call = call
        self.entry = entry


class UnknownCommand(CallError, AttributeError):
    """Not a command of Rumor; nothing was sent."""


class ShellError(CallError):
    """A shell script ended with a status other than 0; `result` is its ShellResult."""

    def __init__(self, message: str, *, result: ShellResult) -> None:
        super().__init__(message)
        self.result = result


class CallEnded(RumorError, LookupError):
    """The call is over: no more steps or values will come."""


class DataLost(RumorError, BufferError):
    """`count` unread entries or values were dropped to bound memory; the next read goes on after the gap."""

    def __init__(self, count: int, what: str) -> None:
        super().__init__(
            f"{count} {what} dropped before being read: read faster, or raise max_unread or max_unread_bytes"
        )
        self.count = count
