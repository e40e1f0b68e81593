"""Answering requests, in a thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pyrum_sync.client.deadline import checked_timeout
from pyrum_sync.client.rumor import Rumor
from pyrum_sync.errors import CallEnded, CallError, CallTimeout, ConnectionLost, DataLost, RumorClosed, RumorError
from pyrum_sync.eth2.answers import answer, error_text
from pyrum_sync.eth2.arguments import Deadline
from pyrum_sync.eth2.decode import decode
from pyrum_sync.eth2.exchange import Chunk, words_of
from pyrum_sync.eth2.versions import spoken

if TYPE_CHECKING:
    from typing_extensions import Self

    from pyrum_sync.client.call import Call
    from pyrum_sync.eth2.kinds import Asker
    from pyrum_sync.protocol.entries import Entry
    from pyrum_sync.spec.methods import Method

_log = logging.getLogger("pyrum_sync")

_LEAVE_TIME = 2.0  # seconds that leaving waits for the answer under way
# With each request that a listener takes, Rumor lets the next one be 7/6 as long, and from the first that is not valid
# on (after some hundred valid ones that is any) it reads none: so listeners are replaced before, and at once after.
_FRESH = 32
# What it says of requests that it could not read because of that.
_WORN_OUT = ("is too large to compress with snappy", "exceeds request size limit 0")
_GRACE = 10.0  # seconds in which requests may still come to a replaced listener


def serve(
    actor: Asker, method: str, handler: Callable[[Any], Any], *, version: int = 1, timeout: float | None = 10
) -> Server:
    """Answer the requests of a method while a `with` block lasts, in a thread (`rpc METHOD listen`).

    Args:
        method: as Rumor names it, `_` for `-` allowed.
        handler: called with each decoded request (None for one without content). It returns the answer: an SSZ object
            or bytes, a list of them for several chunks, None or an empty list for none. Where the protocol has context
            bytes it returns (context, object) pairs instead: the context is the fork digest of the object, 4 bytes or
            their hex. What it raises is logged, and becomes a server error with its text.
        version: of the protocol. To serve several, nest several.
        timeout: seconds in which each request is to be answered; None: no limit.

    Returns:
        A context manager. Leaving it lets the answer under way be finished (2 s at most), and stops all listeners of
        that protocol and actor, as Rumor does.

    A request that is not valid is refused, a requester that has gone is logged (logger ``pyrum_sync``), and serving
    goes on.

    Raises:
        UnknownCommand: a Go Rumor does not speak this.
        ValueError, TypeError: an argument is not valid.
        CallError, CallTimeout, ConnectionLost: on entering, if Rumor cannot listen.
    """
    if not callable(handler):
        raise TypeError(f"handler must be a callable, not {type(handler).__name__}")
    if version is None:
        raise TypeError("version must be an int, not None")
    (row,) = spoken(actor, method, version)
    return Server(actor, row, handler, timeout)


class Server:
    """Answers one method's requests while its block lasts. Made by `serve`."""

    def __init__(self, actor: Asker, row: Method, handler: Callable[[Any], Any], timeout: float | None) -> None:
        self.method = row.name
        self.version = row.version
        self.answered = 0
        """How many requests got what the handler returned."""
        self._row = row
        self._word, self._flags = words_of(row)
        self._actor = actor
        self._handler = handler
        self._timeout = checked_timeout(timeout)
        self._closing = False
        self._kills = _kills(actor)
        self._busy = threading.Lock()  # held while a request is answered, and while the listener is replaced
        self._calls: list[Call] = []  # the listener, the newest one last
        self._threads: list[threading.Thread] = []

    def __repr__(self) -> str:
        return f"<Server of {self.method}/{self.version} by {self._actor!r}>"

    def __enter__(self) -> Self:
        if self._calls:
            raise RuntimeError(f"{self!r} was used before: call serve again")
        self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the answer under way be finished (2 s at most), and stop."""
        self._closing = True
        idle: list[bool] = []
        try:
            idle.extend(map(self._busy.acquire, (True,), (_LEAVE_TIME,)))  # noted at once: see `transports.locks`
            for call in self._calls[:-1]:
                with suppress(RumorError):
                    call.cancel(0)
            self._calls[-1].__exit__(kind, error, trace)
        finally:
            if idle and idle[0]:
                self._busy.release()
            deadline = Deadline(_LEAVE_TIME)
            for thread in self._threads:
                thread.join(deadline.left())

    def _listen(self) -> None:
        """Open a listener, in place of the one before, whose requests under way are not harmed by that."""
        # Rumor would drop goodbyes without `drop=False`.
        call = self._actor.rpc[self._word].listen(
            drop=False, timeout=timedelta(seconds=self._timeout or 0), **self._flags
        )
        self._calls.append(call)
        name = f"pyrum_sync serving {self.method}/{self.version}"
        thread = threading.Thread(target=self._run, args=(call,), name=name, daemon=True)
        try:
            thread.start()
        except BaseException:
            call.__exit__(None, None, None)
            raise
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]

    # -- the thread

    def _run(self, call: Call) -> None:
        """Answer the requests of a listener, until it is over, or replaced and read."""
        arrived, replaced, spoiled = 0, False, False
        try:
            while True:
                if not replaced:
                    arrived += _arrivals(call)
                    replaced = (spoiled or arrived >= _FRESH) and self._replace()
                try:
                    asked = call.next(_GRACE if replaced else None)
                except CallError as error:
                    if call.done:
                        break
                    _log.warning("%r: a request could not be taken: %s", self, error.message)
                    continue
                unread = self._unread(asked, spoiled)
                if unread or "input_err" in asked:
                    spoiled = True
                    # Before this is answered, so that a peer that asks again finds the new one.
                    replaced = replaced or self._replace()
                with self._busy:
                    if not self._closing:
                        self._answer(asked, unread)
        except CallTimeout:
            return
        except CallEnded:
            pass
        except ConnectionLost as error:
            if not isinstance(error, RumorClosed):
                _log.warning("%r: %s", self, error)
            return
        if not self._closing and _kills(self._actor) == self._kills:
            _log.warning("%r: the listener was stopped by somebody else", self)

    def _replace(self) -> bool:
        with self._busy:
            if self._closing:
                return False
            try:
                self._listen()
            except (CallError, CallTimeout) as error:
                _log.warning("%r: the listener could not be replaced: %s", self, error)
                return False
            return True

    def _unread(self, asked: Entry, spoiled: bool) -> bool:
        """Whether Rumor, and not the requester, is to blame that there is no content."""
        least, most = self._row.request_sizes
        if not most:
            return False
        if "input_err" in asked:
            return str(asked["input_err"]).endswith(_WORN_OUT)
        # Rumor refuses what is too short by itself, so nothing at all can only be right for a list.
        return not asked.get("data") and (spoiled or least > 0)

    def _answer(self, asked: Entry, unread: bool) -> None:
        number, peer = asked.get("req_id"), asked.get("from")
        method = self._actor.within(self._timeout).rpc[self._word]
        try:
            refusal, chunks = self._chunks(asked, unread)
            if refusal is not None:
                (method.resp.server_error if refusal.ours else method.resp.invalid_request)(number, refusal.text)
                return
            if not chunks:
                method.close(number)
            for index, chunk in enumerate(chunks, 1):
                context = {"context": chunk.context} if chunk.context else {}
                method.resp.chunk.raw(number, chunk.data, done=index == len(chunks), **context)
            self.answered += 1
        except ConnectionLost:
            raise
        except RumorError as error:
            why = error.message if isinstance(error, CallError) else f"it did not read for {self._timeout} s"
            _log.warning("%r: %s got no answer, it has gone: %s", self, peer, why)
            with suppress(CallError, CallTimeout):
                method.close(number)

    def _chunks(self, asked: Entry, unread: bool) -> tuple[_Refusal | None, list[Chunk]]:
        """The chunks of the answer, or why there is none."""
        if unread:
            return _Refusal("the request could not be read, please ask again", ours=True), []
        try:
            if "input_err" in asked:
                raise ValueError(asked["input_err"])
            kind = self._row.request_container()
            content = None if kind is None else decode(kind, asked.get("data") or "")
        except ValueError as error:
            _log.warning("%r: %s sent no valid request: %s", self, asked.get("from"), error)
            return _Refusal(str(error), ours=False), []
        try:
            return None, answer(self._handler, content, self._row)
        except Exception as error:
            _log.warning("%r: the handler failed", self, exc_info=True)
            return _Refusal(str(error) or type(error).__name__, ours=True), []


class _Refusal:
    """Why a request gets no answer, and whose fault that is."""

    def __init__(self, text: str, *, ours: bool) -> None:
        self.text = error_text(text)
        self.ours = ours


def _kills(actor: Asker) -> int:
    """How often the actor was killed: that stops its listeners, and is no surprise."""
    return 0 if isinstance(actor, Rumor) else actor.kills


def _arrivals(call: Call) -> int:
    """How many requests have come to a listener since this was last asked."""
    count = 0
    with suppress(CallTimeout, CallError, DataLost):
        for entry in call.entries(timeout=0):
            count += str(entry.get("msg", "")).startswith("Received a request")
    return count
