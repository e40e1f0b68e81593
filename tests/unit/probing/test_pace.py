"""How many probes work at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pyrum_sync.probing.pace import Pace, Ticket
from tests.conftest import HANG, Background


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def probe(pace: Pace, seconds: float, answers: int = 3) -> None:
    with pace.ticket() as ticket:
        for _ in range(answers):
            ticket.answered(seconds)


def test_the_window_grows_while_answers_are_as_fast_as_ever() -> None:
    pace = Pace(256, Clock())
    assert pace.window == 16
    for _ in range(600):
        probe(pace, 0.3)
    assert pace.window == 256


def test_it_shrinks_when_answers_become_slow_and_grows_again() -> None:
    pace = Pace(256, Clock())
    for _ in range(600):
        probe(pace, 0.1)
    for _ in range(200):
        probe(pace, 1.0)
    assert pace.window < 20
    for _ in range(1000):
        probe(pace, 0.1)
    assert pace.window == 256


def test_answers_of_peers_near_and_far_are_no_queue() -> None:
    pace = Pace(256, Clock())
    for _ in range(300):
        probe(pace, 0.02)
        probe(pace, 0.6)
    assert pace.window == 256


def test_what_is_fast_is_no_queue_however_much_faster_it_was() -> None:
    pace = Pace(256, Clock())
    for _ in range(300):
        probe(pace, 0.001)
    for _ in range(300):
        probe(pace, 0.04)
    assert pace.window == 256


def test_a_small_run_has_a_small_window() -> None:
    pace = Pace(2, Clock())
    for _ in range(100):
        probe(pace, 0.1)
    for _ in range(100):
        probe(pace, 10)
    assert pace.window == 2


def test_one_more_than_the_window_waits(background: Callable[[Callable[[], object]], Background]) -> None:
    pace = Pace(2)
    first, second = pace.ticket(), pace.ticket()
    entered = threading.Event()
    stop = threading.Event()

    def work() -> None:
        with pace.ticket():
            entered.set()

    def keep_busy() -> None:
        while not stop.wait(0.05):
            first.answered()
            second.answered()

    with first, second:
        busy = background(keep_busy)
        third = background(work)
        assert not entered.wait(0.3)
        stop.set()
        busy.value()
    third.value()
    assert entered.is_set()


def test_one_that_only_waits_for_its_peer_takes_no_room() -> None:
    pace = Pace(1)
    with pace.ticket(), pace.ticket():  # after a second of silence
        pass


def test_closing_lets_everybody_go(background: Callable[[Callable[[], object]], Background]) -> None:
    clock = Clock()
    pace = Pace(1, clock)
    tickets: list[Ticket] = [pace.ticket() for _ in range(3)]
    with tickets[0]:
        waiting = [background(ticket.__enter__) for ticket in tickets[1:]]
        pace.close()
        for each in waiting:
            each.join(HANG)
            assert not each.is_alive()
