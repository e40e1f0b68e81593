"""The requests of the consensus layer that Rumor speaks (phase 0, version 1): containers, and a function for each.

>>> from pyrum_sync import eth2
>>> theirs = eth2.status(alice, bob_id, eth2.Status(head_slot=1))  # doctest: +SKIP
>>> with eth2.serve(bob, "status", lambda ours: eth2.Status(head_slot=2)):  # doctest: +SKIP
...     ...

An actor is asked to speak to a peer that it is connected to. Time limits are in seconds (None: for ever); each covers
the whole function.
"""

# No `from __future__ import annotations` here: remerkleable reads the fields of a container from its annotations.
import logging
import threading
from binascii import unhexlify
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count as numbers
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from remerkleable.basic import uint64
from remerkleable.bitfields import Bitvector
from remerkleable.byte_arrays import Bytes4, Bytes32
from remerkleable.complex import Container, List

from pyrum_sync.client.call import Call, checked_timeout, deadline_of
from pyrum_sync.errors import CallEnded, CallError, CallTimeout, ConnectionLost, DataLost, RumorClosed, RumorError
from pyrum_sync.protocol import Entry

if TYPE_CHECKING:
    from typing_extensions import Self

    from pyrum_sync.client.rumor import Actor, Rumor

T = TypeVar("T")

_log = logging.getLogger("pyrum_sync")

# -- containers -------------------------------------------------------------------------------------------------------

MAX_REQUEST_BLOCKS: Final = 1024  # roots in one BlocksByRootRequest


class Status(Container):
    """What two hosts tell each other first: which chain they are on, and how far."""

    fork_digest: Bytes4
    finalized_root: Bytes32
    finalized_epoch: uint64
    head_root: Bytes32
    head_slot: uint64


class Goodbye(Container):
    """Why a host hangs up: 1 for shutting down, 2 for another network, 3 for a fault."""

    reason: uint64


class Ping(Container):
    """Whether the other side is there; tells the number of the metadata in force."""

    seq_number: uint64


class MetaData(Container):
    """What a host offers: the attestation subnets that it stays on. `seq_number` grows with each change."""

    seq_number: uint64
    attnets: Bitvector[64]


class BlocksByRangeRequest(Container):
    """`count` blocks, from `start_slot` on, every `step` slots."""

    start_slot: uint64
    count: uint64
    step: uint64


class BlocksByRootRequest(List[Bytes32, MAX_REQUEST_BLOCKS]):
    """Blocks by their roots."""


_REQUESTS: Final[dict[str, Any]] = {
    "status": Status,
    "goodbye": Goodbye,
    "ping": Ping,
    "metadata": None,  # a request without content
    "blocks-by-range": BlocksByRangeRequest,
    "blocks-by-root": BlocksByRootRequest,
}
METHODS: Final = tuple(_REQUESTS)
"""The methods as Rumor names them."""


def decode(kind: type[T], data: str | bytes | bytearray | memoryview) -> T:
    """The SSZ object of type `kind` that `data` (bytes, or hex with or without 0x) encodes.

    Raises ValueError for anything but exactly one encoding of it: a wrong length, a boolean other than 0 and 1, a wrong
    offset, and whatever else would not come out the same when encoded again.
    """
    raw = unhexlify(data.removeprefix("0x")) if isinstance(data, str) else bytes(memoryview(data))
    codec: Any = kind
    try:
        size = codec.type_byte_length() if codec.is_fixed_byte_length() else len(raw)
        view: Any = codec.decode_bytes(raw) if len(raw) == size else None
        again = _encoded(view, "") if len(raw) == size else b""
    except Exception as error:  # remerkleable raises plain ones
        raise ValueError(f"{len(raw)} bytes that are no {kind.__name__}: {error}") from error
    if len(raw) != size:
        raise ValueError(f"a {kind.__name__} has {size} bytes, not {len(raw)}")
    if again != raw:
        raise ValueError(f"{len(raw)} bytes that are no {kind.__name__}: encoded again they would differ")
    decoded: T = view
    return decoded


def _encoded(value: Any, what: str) -> bytes:
    """The bytes of an SSZ object, or bytes as they are."""
    if callable(getattr(type(value), "encode_bytes", None)):
        encoded: bytes = value.encode_bytes()
        return encoded
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise TypeError(f"{what} is an SSZ object or bytes, not {type(value).__name__}")


# -- asking -----------------------------------------------------------------------------------------------------------


class RequestError(CallError):
    """A request failed: the peer could not be asked, refused, or sent nothing or nothing whole.

    `entry` is the chunk with the error code, where there is one, and `message` the peer's text; `partial` the objects
    that had come before.
    """

    def __init__(self, message: str, *, partial: list[Any], call: Call | None, entry: Entry | None) -> None:
        super().__init__(message, call=call, entry=entry)
        self.partial = partial


@overload
def request(
    actor: "Actor | Rumor",
    method: str,
    peer_id: str,
    content: Any = None,
    *,
    response: None = None,
    timeout: float | None = 10,
    max_chunks: int | None = None,
) -> list[bytes]: ...


@overload
def request(
    actor: "Actor | Rumor",
    method: str,
    peer_id: str,
    content: Any = None,
    *,
    response: type[T],
    timeout: float | None = 10,
    max_chunks: int | None = None,
) -> list[T]: ...


def request(
    actor: "Actor | Rumor",
    method: str,
    peer_id: str,
    content: Any = None,
    *,
    response: Any = None,
    timeout: float | None = 10,
    max_chunks: int | None = None,
) -> list[Any]:
    """Ask a peer, and give the chunks of its answer, as objects of type `response` (None: as bytes).

    `method` is one of METHODS, `_` for `-` allowed; `content` an SSZ object or bytes (None for metadata, which has no
    content). At most `max_chunks` are read, by default 20 of blocks and 1 of all else; Rumor mostly spoils an answer of
    several, so for blocks prefer `blocks_by_range` and `blocks_by_root`.

    Raises RequestError (a CallError) if the request failed, a chunk has an error code, or no chunk came; ValueError if
    a chunk is no `response`; CallTimeout; ConnectionLost. The call in Rumor is over in any case.
    """
    chunks: list[Any] = []
    asked = _Question(actor, method, peer_id, content, max_chunks, deadline_of(checked_timeout(timeout)))
    with asked:
        for chunk in asked.chunks(chunks):
            chunks.append(_as(response, chunk))
    if not chunks:
        raise RequestError("the peer sent no chunk", partial=chunks, call=asked.call, entry=None)
    return chunks


def status(actor: "Actor | Rumor", peer_id: str, ours: Status | None = None, *, timeout: float | None = 10) -> Status:
    """Exchange statuses: tell ours (default: all zero), give theirs. Raises as `request`."""
    return request(actor, "status", peer_id, ours or Status(), response=Status, timeout=timeout)[0]


def ping(actor: "Actor | Rumor", peer_id: str, seq_number: int = 0, *, timeout: float | None = 10) -> Ping:
    """Tell the number of our metadata, give that of theirs. Raises as `request`."""
    ours = Ping(seq_number=seq_number)
    return request(actor, "ping", peer_id, ours, response=Ping, timeout=timeout)[0]


def metadata(actor: "Actor | Rumor", peer_id: str, *, timeout: float | None = 10) -> MetaData:
    """The peer's metadata. Raises as `request`."""
    return request(actor, "metadata", peer_id, response=MetaData, timeout=timeout)[0]


def goodbye(actor: "Actor | Rumor", peer_id: str, reason: int = 1, *, timeout: float | None = 10) -> Goodbye | None:
    """Say goodbye, give what the peer said to that: None if it just hung up, as many do. Raises as `request`."""
    asked = _Question(actor, "goodbye", peer_id, Goodbye(reason=reason), None, deadline_of(checked_timeout(timeout)))
    with asked:
        try:
            for chunk in asked.chunks([]):
                return decode(Goodbye, chunk)
        except RequestError as error:
            if not asked.written or error.entry is not None:
                raise
    return None


@overload
def blocks_by_range(
    actor: "Actor | Rumor",
    peer_id: str,
    start_slot: int,
    count: int,
    step: int = 1,
    *,
    response: None = None,
    timeout: float | None = 10,
    parallel: int = 8,
) -> list[bytes]: ...


@overload
def blocks_by_range(
    actor: "Actor | Rumor",
    peer_id: str,
    start_slot: int,
    count: int,
    step: int = 1,
    *,
    response: type[T],
    timeout: float | None = 10,
    parallel: int = 8,
) -> list[T]: ...


def blocks_by_range(
    actor: "Actor | Rumor",
    peer_id: str,
    start_slot: int,
    count: int,
    step: int = 1,
    *,
    response: Any = None,
    timeout: float | None = 10,
    parallel: int = 8,
) -> list[Any]:
    """The blocks of `count` slots, from `start_slot` on, every `step` slots, in order; an empty slot gives none.

    They come as bytes, or as objects of type `response`. Rumor spoils answers of several chunks, so each slot is asked
    for by itself, `parallel` of them at a time. `timeout` covers all of them.

    Raises as `request`, with the blocks before the failed one as `.partial`.
    """
    _whole(count, "count", 0)
    _whole(step, "step", 1)
    asked = (BlocksByRangeRequest(start_slot=start_slot + number * step, count=1, step=1) for number in range(count))
    return _one_by_one(actor, "blocks-by-range", peer_id, asked, response, timeout, parallel)


@overload
def blocks_by_root(
    actor: "Actor | Rumor",
    peer_id: str,
    roots: Iterable[bytes | str],
    *,
    response: None = None,
    timeout: float | None = 10,
    parallel: int = 8,
) -> list[bytes]: ...


@overload
def blocks_by_root(
    actor: "Actor | Rumor",
    peer_id: str,
    roots: Iterable[bytes | str],
    *,
    response: type[T],
    timeout: float | None = 10,
    parallel: int = 8,
) -> list[T]: ...


def blocks_by_root(
    actor: "Actor | Rumor",
    peer_id: str,
    roots: Iterable[bytes | str],
    *,
    response: Any = None,
    timeout: float | None = 10,
    parallel: int = 8,
) -> list[Any]:
    """The blocks of these roots (32 bytes each, or their hex), in order; a root that the peer does not know gives none.

    Each is asked for by itself, as by `blocks_by_range`; the rest is as there.
    """
    asked = [BlocksByRootRequest(decode(Bytes32, root)) for root in roots]
    return _one_by_one(actor, "blocks-by-root", peer_id, asked, response, timeout, parallel)


def _one_by_one(
    actor: "Actor | Rumor",
    method: str,
    peer_id: str,
    contents: Iterable[Any],
    response: Any,
    timeout: float | None,
    parallel: int,
) -> list[Any]:
    """The one chunk that answers each request, if there is one; several are under way, and are read in order."""
    _whole(parallel, "parallel", 1)
    deadline = deadline_of(checked_timeout(timeout))
    blocks: list[Any] = []
    under_way: deque[_Question] = deque()

    def read_first() -> None:
        with under_way[0] as asked:
            for chunk in asked.chunks(blocks):
                blocks.append(_as(response, chunk))
        under_way.popleft()

    try:
        for content in contents:
            if len(under_way) >= parallel:
                read_first()
            under_way.append(_Question(actor, method, peer_id, content, 1, deadline))
        while under_way:
            read_first()
    finally:
        for asked in under_way:
            asked.drop()
    return blocks


class _Question:
    """A request under way; leaving its block ends the call in Rumor."""

    def __init__(
        self,
        actor: "Actor | Rumor",
        method: str,
        peer_id: str,
        content: Any,
        max_chunks: int | None,
        deadline: float | None,
    ) -> None:
        name = _method(method)
        if content is None and _REQUESTS[name] is None:
            content = b""
        data = _encoded(content, f"the content of a {name} request")
        if max_chunks is None and not name.startswith("blocks"):
            max_chunks = 1  # for a goodbye Rumor would not wait for any
        self.deadline = deadline
        self.max_chunks = max_chunks
        self.written = False
        # Rumor takes 0 for no limit; its own limit covers opening the stream.
        opening = timedelta(seconds=max(_left(deadline), 0.001)) if deadline is not None else timedelta(0)
        commands = actor.within(self._left()).nowait
        self.call: Call = commands.rpc[name].req.raw(peer_id, data, raw=True, max_chunks=max_chunks, timeout=opening)

    def _left(self) -> float | None:
        return None if self.deadline is None else _left(self.deadline)

    def chunks(self, partial: list[Any]) -> Iterator[bytes]:
        """The chunks of the answer; what fails carries `partial`."""
        try:
            self.call.next(self._left())
            self.written = True
            # Behind the last chunk there is nothing to wait for.
            for _ in numbers() if self.max_chunks is None else range(self.max_chunks):
                yield self._content(self.call.next(self._left()), partial)
        except CallEnded:
            return
        except RequestError:
            raise
        except CallError as error:
            raise RequestError(error.message, partial=partial, call=error.call, entry=_chunk(error.entry)) from error

    def _content(self, step: Entry, partial: list[Any]) -> bytes:
        data = bytes.fromhex(step.get("data") or "")
        size = step.get("chunk_size", len(data))
        if len(data) != size:
            raise RequestError(
                f"the chunk was cut off: {len(data)} of {size} bytes came", partial=partial, call=self.call, entry=step
            )
        return data

    def drop(self) -> None:
        """End the call without waiting for that."""
        with suppress(CallTimeout, CallError, ConnectionLost):
            self.call.cancel(0)

    def __enter__(self) -> "Self":
        self.call.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.call.__exit__(kind, error, trace)


def _chunk(entry: Entry | None) -> Entry | None:
    """An entry, if it is that of a chunk."""
    return entry if entry is not None and "result_code" in entry else None


def _as(response: Any, chunk: bytes) -> Any:
    return chunk if response is None else decode(response, chunk)


def _left(deadline: float) -> float:
    return max(0.0, deadline - monotonic())


def _method(name: str) -> str:
    method = name.replace("_", "-")
    if method not in _REQUESTS:
        raise ValueError(f"{name!r} is no method that Rumor speaks; those are {', '.join(METHODS)}")
    return method


def _whole(number: int, name: str, least: int) -> None:
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"{name} is an int, not {type(number).__name__}")
    if number < least:
        raise ValueError(f"{name} is {least} or more, not {number}")


# -- answering --------------------------------------------------------------------------------------------------------

_LEAVE_TIME = 2.0  # seconds that leaving waits for the answer under way
_ERROR_SIZE = 256  # bytes of text in an error chunk
# With each request that a listener takes, Rumor lets the next one be 7/6 as long, and from the first that is not valid
# on (after some hundred valid ones that is any) it reads none: so listeners are replaced before, and at once after.
_FRESH = 32
# What it says of requests that it could not read because of that.
_WORN_OUT = ("is too large to compress with snappy", "exceeds request size limit 0")
_GRACE = 10.0  # seconds in which requests may still come to a replaced listener


class Server:
    """Answers one method's requests in a thread of its own, while its block lasts. Made by `serve`."""

    def __init__(
        self, actor: "Actor | Rumor", method: str, handler: Callable[[Any], Any], timeout: float | None
    ) -> None:
        self.method = _method(method)
        self.answered = 0
        """How many requests got what the handler returned."""
        self._actor = actor
        self._handler = handler
        self._timeout = checked_timeout(timeout)
        self._closing = False
        self._busy = threading.Lock()  # held while a request is answered, and while the listener is replaced
        self._calls: list[Call] = []  # the listener, the newest one last
        self._threads: list[threading.Thread] = []

    def __repr__(self) -> str:
        return f"<Server of {self.method} by {self._actor!r}>"

    def __enter__(self) -> "Self":
        if self._calls:
            raise RuntimeError(f"{self!r} was used before: call serve again")
        self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the answer under way be finished (2 s at most), and stop."""
        self._closing = True
        idle = self._busy.acquire(timeout=_LEAVE_TIME)
        try:
            for call in self._calls[:-1]:
                with suppress(RumorError):
                    call.cancel(0)
            self._calls[-1].__exit__(kind, error, trace)
        finally:
            if idle:
                self._busy.release()
            deadline = monotonic() + _LEAVE_TIME
            for thread in self._threads:
                thread.join(_left(deadline))

    def _listen(self) -> None:
        """Open a listener, in place of the one before, whose requests under way are not harmed by that."""
        # Rumor would drop goodbyes unless told not to.
        call = self._actor.rpc[self.method].listen(raw=True, drop=False, timeout=timedelta(seconds=self._timeout or 0))
        self._calls.append(call)
        thread = threading.Thread(target=self._run, args=(call,), name=f"pyrum_sync serving {self.method}", daemon=True)
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
                    # Before this is answered, so that whoever asks again finds the new one.
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
        if not self._closing:
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
        kind = _REQUESTS[self.method]
        if kind is None:
            return False
        if "input_err" in asked:
            return str(asked["input_err"]).endswith(_WORN_OUT)
        # Rumor refuses what is too short by itself, so nothing at all can only be right for a list.
        return not asked.get("data") and (spoiled or kind.is_fixed_byte_length())

    def _answer(self, asked: Entry, unread: bool) -> None:
        number, peer = asked.get("req_id"), asked.get("from")
        method = self._actor.within(self._timeout).rpc[self.method]
        try:
            refusal, chunks = self._chunks(asked, unread)
            if refusal is not None:
                refuse = method.resp.server_error if refusal == _OURS else method.resp.invalid_request
                refuse(number, chunks[0])
                return
            if not chunks:
                method.close(number)
            for index, chunk in enumerate(chunks, 1):
                method.resp.chunk.raw(number, chunk, done=index == len(chunks))
            self.answered += 1
        except ConnectionLost:
            raise
        except RumorError as error:
            why = error.message if isinstance(error, CallError) else f"it did not read for {self._timeout} s"
            _log.warning("%r: %s got no answer, it has gone: %s", self, peer, why)
            with suppress(CallError, CallTimeout):
                method.close(number)

    def _chunks(self, asked: Entry, unread: bool) -> tuple[str | None, list[Any]]:
        """The chunks of the answer, or whose fault it is that there is none, and a text for it."""
        if unread:
            return _OURS, ["the request could not be read, please ask again"]
        kind = _REQUESTS[self.method]
        try:
            if "input_err" in asked:
                raise ValueError(asked["input_err"])
            content = None if kind is None else decode(kind, asked.get("data") or "")
        except ValueError as error:
            _log.warning("%r: %s sent no valid request: %s", self, asked.get("from"), error)
            return _THEIRS, [_short(str(error))]
        try:
            answer = self._handler(content)
            answers = answer if isinstance(answer, (list, tuple)) else [] if answer is None else [answer]
            return None, [_encoded(each, "what a handler returns") for each in answers]
        except Exception as error:
            _log.warning("%r: the handler failed", self, exc_info=True)
            return _OURS, [_short(str(error) or type(error).__name__)]


_OURS, _THEIRS = "ours", "theirs"


def serve(actor: "Actor | Rumor", method: str, handler: Callable[[Any], Any], *, timeout: float | None = 10) -> Server:
    """A context manager: while its block lasts, a thread of its own answers the requests of `method` to `actor`.

    ``handler(request)`` gets the decoded request (None for metadata) and returns the answer: an SSZ object or bytes, a
    list of them for several chunks, None or an empty list for none. An exception in it is logged, and becomes a server
    error with its text. A request that is not valid is refused, a requester that has gone is logged (logger
    ``pyrum_sync``), and serving goes on. Each request is to be answered within `timeout` seconds.

    Entering raises CallError, CallTimeout or ConnectionLost if Rumor cannot listen. Leaving lets the answer under way
    be finished, and stops all listeners of that method and actor, as Rumor does.
    """
    return Server(actor, method, handler, timeout)


def _arrivals(call: Call) -> int:
    """How many requests have come to a listener since this was last asked."""
    count = 0
    with suppress(CallTimeout, CallError, DataLost):
        for entry in call.entries(timeout=0):
            count += str(entry.get("msg", "")).startswith("Received a request")
    return count


def _short(text: str) -> str:
    """`text` as it can stand in an error chunk."""
    return text.replace("\0", "").encode(errors="replace")[:_ERROR_SIZE].decode(errors="ignore")
