"""A client on a leash: opened, used and closed under the eyes of the watchdog."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from pyrum_sync import Rumor
from tests.soak.leash import Leash, Timed, Watchdog

OPEN, CLOSE = 25.0, 16.0  # seconds that opening and closing may take at most


class Client:
    def __init__(
        self, conn: Any, leash: Leash, watchdog: Watchdog, gone: Callable[[Client], None], **options: Any
    ) -> None:
        self.leash = leash
        self._watchdog = watchdog
        self._gone = gone
        self.conn = conn
        self.address = ""
        self.clean = False  # said goodbye, and was heard
        watchdog.leashes.add(leash)
        try:
            self.bare: Rumor = leash.run("open", OPEN, lambda: Rumor(conn, **options))
        except BaseException:
            self._done()
            raise
        self.rumor = Timed(self.bare, leash, options.get("timeout"))
        self.address = _address(conn)

    def close(self) -> None:
        leash = self.leash
        before = leash.lost_at is None
        leash.close()
        try:
            leash.run("close", CLOSE, self.bare.close)
        finally:
            self.clean = before and leash.fate in ("none", "close") and not leash.silences
            self._done()

    def _done(self) -> None:
        self._watchdog.leashes.discard(self.leash)
        self._gone(self)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _address(conn: Any) -> str:
    sock = getattr(conn, "_socket", None)
    name = sock.getsockname() if sock is not None else ""
    return f"{name[0]}:{name[1]}" if isinstance(name, tuple) else ""
