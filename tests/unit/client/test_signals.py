"""Clean-up that a signal cannot prevent, at every point where one can come."""

from __future__ import annotations

from contextlib import nullcontext, suppress

import pytest

from pyrum_sync.client.signals import Cleanup, CleanupOnError
from tests.attack.interrupts import Interrupt, Strike


class Once:
    """Something that is done in a block, and undone after it."""

    def __init__(self) -> None:
        self.done = False
        self.undone = 0

    def undo(self) -> None:
        """Harmless when it runs twice."""
        self.done = False
        self.undone += 1

    def use(self, kind: type[Cleanup], *, fails: bool = False) -> None:
        cleanup = kind(self.undo)
        with cleanup, cleanup:
            self.done = True
            if fails:
                raise ArithmeticError


@pytest.mark.parametrize("fails", [False, True])
def test_it_cleans_up(fails: bool) -> None:
    once = Once()
    with pytest.raises(ArithmeticError) if fails else nullcontext():
        once.use(Cleanup, fails=fails)
    assert once.undone
    assert not once.done


def test_on_error_only() -> None:
    once = Once()
    once.use(CleanupOnError)
    assert once.done
    assert not once.undone
    with pytest.raises(ArithmeticError):
        once.use(CleanupOnError, fails=True)
    assert not once.done


# After a success, CleanupOnError has nothing to undo.
@pytest.mark.parametrize(("kind", "fails"), [(Cleanup, False), (Cleanup, True), (CleanupOnError, True)])
def test_a_signal_at_every_point(kind: type[Cleanup], fails: bool) -> None:
    for step in range(1, 10_000):
        once = Once()
        strike = Strike(step, Interrupt())
        raised = True
        try:
            strike.run(lambda once=once: once.use(kind, fails=fails))  # type: ignore[misc]
            raised = False
        except (Interrupt, ArithmeticError):
            pass
        if not strike.struck:
            assert step > 10, "no point was found"
            return
        assert not (raised and once.done), f"struck at {strike.where}: not undone"
    raise AssertionError("there is no end of points")


def test_entered_once_it_would_not_do() -> None:
    """The points that are found are those where one exit is not enough."""
    missed = 0
    for step in range(1, 10_000):
        once = Once()

        def use(once: Once = once) -> None:
            with Cleanup(once.undo):
                once.done = True

        strike = Strike(step, Interrupt())
        with suppress(Interrupt):
            strike.run(use)
        if not strike.struck:
            break
        missed += once.done
    assert missed
