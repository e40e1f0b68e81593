"""Signals at every point where Python can take notice of one.

Python runs a signal handler in the main thread, and only between certain steps of the program: behind a call, at the
start of a function, on the way back in a loop, in some calls that wait. What such a handler raises comes up there. So a
signal is made pending before a step of a given number, and the interpreter chooses the moment by itself. Number after
number, this finds every point that there is, of the Python that runs the test, and none that there is not.

The steps are counted by `sys.settrace`, from Python 3.12 on by `sys.monitoring` (in 3.13, `sys.settrace` passes over
most steps of code that was run untraced before). What counts them is made of functions in C alone: in one written in
Python, the handler would run in that.
"""

from __future__ import annotations

import _thread
import operator
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, count, islice, repeat
from types import CodeType, FrameType
from typing import Any

SIGNAL = signal.SIGUSR1


class Interrupt(OSError, ValueError, RuntimeError, IndexError, KeyError, TypeError):
    """What the handler raises: code that catches a common error without need catches this, too."""


class Unusual(BaseException):
    """What the handler raises in the standard library, which does that itself."""


class Strike:
    """One signal, that comes before the given step of what `run` runs."""

    def __init__(self, step: int, error: BaseException) -> None:
        self._step = step
        self.error = error
        self._steps = count(1)
        self.struck = 0  # how many steps there were before the handler ran; 0: it did not
        self.where = ""  # where it did
        self.ours = False  # whether that is in the client
        self.own = False  # whether it is in the code of the test, where nothing can be done
        self.swallowed = False  # whether it is where Python itself swallows what is raised: the callback of a weak set
        self.steps = 0  # how many there were

    def run(self, work: Callable[[], object]) -> object:
        """What `work` returns; raises what it raises."""
        with _handler(lambda number, frame: self._strike(next(self._steps), frame)):  # noqa: ARG005
            try:
                return _run(work, self._steps, self._step)
            finally:
                self.steps = next(self._steps) - 1

    def _strike(self, step: int, frame: FrameType | None) -> None:
        if self.struck:
            return
        self.struck = step - _OWN_STEPS
        assert frame is not None
        code = frame.f_code
        self.ours = "/pyrum_sync/" in code.co_filename
        self.own = "/tests/" in code.co_filename or _returns_a_call(code)
        self.swallowed = code.co_name == "_remove" and code.co_filename.endswith("_weakrefset.py")
        self.where = f"{code.co_filename.rpartition('pyrum_sync/')[2]}:{frame.f_lineno} in {code.co_name}"
        raise self.error


def _returns_a_call(code: CodeType) -> bool:
    """Whether this only hands on a new Call to the test's code, which Python 3.10 does in a step of its own."""
    passed_on = code.co_name == "__call__" and code.co_filename.endswith("/client/commands.py")
    return passed_on and sys.version_info < (3, 11)


@contextmanager
def _handler(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    old = signal.signal(SIGNAL, handle)
    try:
        yield
    finally:
        signal.signal(SIGNAL, old)


def _traced(work: Callable[[], object], steps: Iterator[int], step: int) -> object:
    # From the signal on no function that is called is traced any more: that takes a function in Python, in which the
    # handler would run.
    blind = _taking(repeat(1), 4, None)
    signalled = map(bool, chain(map(_thread.interrupt_main, (SIGNAL,)), map(sys.settrace, (blind,))))
    numbers = chain(islice(steps, step), map(any, (signalled,)), steps)
    trace_steps = _taking(numbers, 4, None)  # asks for the frame, the event and its value

    def trace(frame: FrameType, event: str, value: object) -> Any:  # noqa: ARG001
        frame.f_trace_lines = False
        frame.f_trace_opcodes = True
        return trace_steps

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return work()
    finally:
        sys.settrace(before)


def _monitored(work: Callable[[], object], steps: Iterator[int], step: int) -> object:
    monitoring: Any = vars(sys)["monitoring"]
    tool, instruction = monitoring.DEBUGGER_ID, monitoring.events.INSTRUCTION
    call: Any = vars(operator)["call"]
    numbers = chain(islice(steps, step), map(bool, map(_thread.interrupt_main, (SIGNAL,))), steps)
    # Other threads take steps, too, which count for nothing.
    ours = {_thread.get_ident(): _tuples(numbers, 3)}
    theirs = map(next, map(ours.get, iter(_thread.get_ident, None), repeat(repeat(0))))
    monitoring.use_tool_id(tool, __name__)
    try:
        monitoring.register_callback(tool, instruction, partial(max, None, key=partial(next, theirs)))
        # None of this function's own steps are to be counted.
        begin, end = (partial(monitoring.set_events, tool, events) for events in (instruction, 0))
        return list(map(call, (begin, work, end)))[1]
    finally:
        try:
            monitoring.set_events(tool, 0)
        finally:  # the handler may run at the end of that
            monitoring.free_tool_id(tool)


def spared(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, but no step that it takes is counted: for what breaks by itself if it is struck."""

    def run(*args: Any, **options: Any) -> Any:
        stop, resume = _pause()
        stop()
        try:
            return work(*args, **options)
        finally:
            resume()

    return run


def _pause() -> tuple[Callable[[], object], Callable[[], object]]:
    if _run is _traced:
        return partial(sys.settrace, None), partial(sys.settrace, sys.gettrace())
    monitoring: Any = vars(sys)["monitoring"]
    tool, events = monitoring.DEBUGGER_ID, 0
    if monitoring.get_tool(tool) == __name__:
        events = monitoring.get_events(tool)
        return partial(monitoring.set_events, tool, 0), partial(monitoring.set_events, tool, events)
    return int, int


def _taking(numbers: Iterator[int], count: int, *first: None) -> Any:
    """A function in C that takes one of the numbers each time, and gives None: the greatest, and None's, is the first
    of `count` numbers, one for each argument."""
    return partial(max, *first, key=partial(next, _tuples(numbers, count)))


def _tuples(numbers: Iterator[int], count: int) -> Iterator[int]:
    """The numbers, with zeros between them."""
    return chain.from_iterable(zip(numbers, *repeat(repeat(0), count - 1), strict=False))


_run = _monitored if sys.version_info >= (3, 12) else _traced
_OWN_STEPS = 0  # of those counted, how many the handler takes until it notes the number of the step


def _own_steps() -> int:
    if _run is _traced:
        return 0  # the handler is a function that is called after the signal
    strike = Strike(1 << 60, Interrupt())
    with suppress(Interrupt):
        strike.run(partial(signal.raise_signal, SIGNAL))
    return strike.struck - 1


_OWN_STEPS = _own_steps()
