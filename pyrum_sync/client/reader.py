"""The thread that reads: bytes to entries to the calls that they belong to."""

from __future__ import annotations

import threading
from functools import partial
from time import monotonic

from pyrum_sync.client.session import Session
from pyrum_sync.protocol import framing
from pyrum_sync.protocol.framing import LineBuffer, LineTooLong, beginning, one_call
from pyrum_sync.protocol.redaction import printable
from pyrum_sync.transports.link import NO_END, End, Farewell

_LONG = 1000  # bytes from which a block may be kept as it is
_SHOWN = 500  # characters of a line that is no entry
_FEW = 25  # of these lines are logged
_WHILE = 60.0  # seconds in which
_KEPT, _KEPT_SHOWN = 10, 200  # the first of these lines are kept for errors, shorter still


class Reader:
    """The reader thread of a session. It has one way out, which wakes every thread that waits."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._buffer = LineBuffer(session.max_line)
        self._logged = 0  # lines that are no entries, in this while
        self._while_ends = 0.0  # on the monotonic clock
        self.thread = threading.Thread(target=self._run, name="pyrum_sync reader", daemon=True)
        session.reader = self.thread
        # Not at once: a reader of the call has found them, with the lock held.
        session.demux.report = lambda lines: session.pending.put(partial(self._report, lines))

    def _run(self) -> None:
        cause: BaseException
        try:
            cause = self._read_all()
        except BaseException as error:
            _log_bug(error)
            cause = error
        self._end(cause)

    def _read_all(self) -> BaseException:
        """Dispatch what arrives until the stream ends. Returns why it ended."""
        session = self._session
        log, link, feed, parse, dispatch = (
            session.log,
            session.link,
            self._buffer.feed,
            framing.parse,
            session.demux.dispatch,
        )
        farewell = Farewell()
        while True:
            try:
                data = link.read()
            except BaseException as error:  # the connection's, or whatever a user's own transport raises
                return error
            if not data:
                break
            if session.leaving and farewell.too_long(data):
                return EOFError("it goes on after `exit`")
            try:
                block = feed(data)
            except LineTooLong as error:
                entries, lines, bad = parse(error.before)
                self._report(bad)
                dispatch(entries, lines)
                return error
            if block:
                if log is not None:
                    self._show(block)
                if not (len(block) > _LONG and self._keep(block)):
                    entries, lines, bad = parse(block)
                    if bad:
                        self._report(bad)
                    dispatch(entries, lines)
            if link.pending:
                session.flush_later()
        if rest := self._buffer.rest:
            self._report([beginning(rest)])
        return EOFError("end of stream")

    def _keep(self, block: bytes) -> bool:
        """Hand in lines of one call's data as they are. Returns False if they have to be parsed first."""
        found = one_call(block)
        return found is not None and self._session.demux.dispatch_block(found[0], block, found[1])

    def _show(self, block: bytes) -> None:
        """Log lines as they arrived."""
        session = self._session
        if session.log is not None:
            for line in block.decode(errors="backslashreplace").split("\n"):
                session.log("<", session.mask(line))

    def _end(self, cause: BaseException) -> None:
        session = self._session
        self._report_rest()
        try:
            end = NO_END if session.closing else session.link.post_mortem()
            text = end.text if isinstance(cause, EOFError) else f"{type(cause).__name__}: {cause}"
            session.end = End(session.mask(text), end.exit_status, session.mask(end.stderr), end.not_found)
        finally:
            with session.demux.lock:
                session.cause = cause
                session.demux.wake_all()
            session.pending.put(session.let_go)

    def _report(self, lines: list[str]) -> None:
        """Log lines that are no entries: a few in a while, and then how many more there were."""
        session = self._session
        for line in lines:
            now = monotonic()
            if now >= self._while_ends:
                self._report_rest()
                self._while_ends, self._logged = now + _WHILE, 0
            self._logged += 1
            if self._logged > _FEW:
                continue
            shown = printable(session.mask(line, _SHOWN))[:_SHOWN]  # escapes are longer than what they stand for
            if len(session.strange) < _KEPT:
                session.strange.append(shown[:_KEPT_SHOWN])
            _warn("not an entry of Rumor, passed over: %s", shown)
        if not session.greeted:
            with session.demux.lock:
                session.demux.wake_all()

    def _report_rest(self) -> None:
        """Log how many lines were left out."""
        more = self._logged - _FEW
        if more > 0:
            _warn("%d more lines were no entries of Rumor, and passed over", more)


def _warn(message: str, *args: object) -> None:
    import logging  # only when there is something to log
    from contextlib import suppress

    with suppress(Exception):  # of some handler's: the thread that reads must go on
        logging.getLogger("pyrum_sync").warning(message, *args)


def _log_bug(error: BaseException) -> None:
    """Log an error in the client itself, with its traceback: what is raised elsewhere names it only."""
    import logging
    from contextlib import suppress

    with suppress(Exception):
        logging.getLogger("pyrum_sync").error("a bug in pyrum_sync ended the thread that reads", exc_info=error)
