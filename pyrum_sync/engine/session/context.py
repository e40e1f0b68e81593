"""A cancellable scope with an optional deadline, after Go's context."""

import asyncio
from collections.abc import Callable

CANCELED = "context canceled"
EXPIRED = "context deadline exceeded"


class Context:
    """Cancelled once, with its children, by hand or when its time runs out."""

    def __init__(self, parent: "Context | None" = None, timeout: float | None = None) -> None:
        self.error: str | None = None
        self._callbacks: dict[int, Callable[[], object]] = {}
        self._count = 0
        self._leave: Callable[[], object] = lambda: None
        self._timer: asyncio.TimerHandle | None = None
        if parent is not None:
            self._leave = parent.on_cancel(lambda: self.cancel(parent.error or CANCELED))
        if timeout is not None and not self.cancelled:
            if timeout <= 0:
                self.cancel(EXPIRED)
            else:
                self._timer = asyncio.get_running_loop().call_later(timeout, self.cancel, EXPIRED)

    @property
    def cancelled(self) -> bool:
        """Whether the scope is over."""
        return self.error is not None

    def cancel(self, error: str = CANCELED) -> None:
        """Ends the scope; a second time does nothing."""
        if self.error is not None:
            return
        self.error = error
        self._leave()
        if self._timer is not None:
            self._timer.cancel()
        callbacks, self._callbacks = self._callbacks, {}
        for callback in callbacks.values():
            callback()

    def on_cancel(self, callback: Callable[[], object]) -> Callable[[], object]:
        """Calls back when the scope ends (at once if it has); returns what takes the callback away again."""
        if self.cancelled:
            callback()
            return lambda: None
        self._count += 1
        key = self._count
        self._callbacks[key] = callback
        return lambda: self._callbacks.pop(key, None)

    async def done(self) -> None:
        """Waits until the scope is over."""
        if self.cancelled:
            return
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def end() -> None:
            if not over.done():
                over.set_result(None)

        forget = self.on_cancel(end)
        try:
            await over
        finally:
            forget()

    async def sleep(self, seconds: float) -> bool:
        """Sleeps that long; False if the scope ended first."""
        try:
            await asyncio.wait_for(self.done(), seconds)
        except asyncio.TimeoutError:
            return True
        return False
