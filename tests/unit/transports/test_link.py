"""What a session asks of a connection, and how it says goodbye over one."""

from __future__ import annotations

from time import monotonic

import pytest

from pyrum_sync.transports import link
from pyrum_sync.transports.link import Link, SendTimeout, User, say_exit


class Fake(Link):
    """Does nothing; writing raises what it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.lines: list[str] = []

    def open(self, user: User | None = None) -> None:
        """Nothing to reach."""

    def read(self) -> bytes:
        return b""

    def send(self, line: str, deadline: float | None, sent: list[int] | None = None) -> None:  # noqa: ARG002
        if self.error is not None:
            raise self.error
        self.lines.append(line)

    def flush(self, deadline: float | None) -> None:
        """Nothing is ever left over."""

    def hang_up(self, deadline: float = 0.0) -> None:
        """Nobody waits."""

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.mark.parametrize("error", [None, BrokenPipeError("gone")])
def test_rumor_gets_some_time_to_end(error: Exception | None) -> None:
    fake = Fake(error)
    before = monotonic()
    deadline = say_exit(fake)
    assert before + link.EXIT_TIME <= deadline <= monotonic() + link.EXIT_TIME
    assert fake.lines == ([] if error else ["exit"])


def test_exit_that_could_not_be_said_is_not_waited_for() -> None:
    assert say_exit(Fake(SendTimeout(begun=False))) <= monotonic()


def test_what_a_link_is_unless_it_says_otherwise() -> None:
    fake = Fake()
    assert (fake.shared, fake.pending, fake.writing_here()) == (True, False, False)
    end = fake.post_mortem()
    assert (end.text, end.exit_status, end.stderr, end.not_found) == ("the other side closed it", None, "", None)
