"""What is open in a process: closed at its end, and left alone in a forked child."""

from __future__ import annotations

import weakref

import pytest

from pyrum_sync import RumorError
from pyrum_sync.transports import lifecycle


class Thing:
    """Notes when it is closed."""

    def __init__(self, name: str, closed: list[str]) -> None:
        self.name, self._closed = name, closed

    def close(self) -> None:
        self._closed.append(self.name)

    def forked(self) -> None:
        self._closed.append(f"{self.name}'s copy")


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "_open", [weakref.WeakValueDictionary(), weakref.WeakValueDictionary()])
    monkeypatch.setattr(lifecycle, "generation", 0)


def test_sessions_are_closed_before_connections() -> None:
    closed: list[str] = []
    things = [Thing(name, closed) for name in ("connection", "session", "forgotten", "unregistered")]
    lifecycle.register(things[0], lifecycle.CONNECTION)
    lifecycle.register(things[1], lifecycle.SESSION)
    lifecycle.register(things[2], lifecycle.SESSION)
    lifecycle.register(things[3], lifecycle.SESSION)
    lifecycle.unregister(things[3], lifecycle.SESSION)
    lifecycle.unregister(things[3], lifecycle.SESSION)
    del things[2]
    lifecycle._close_all()
    assert closed == ["session", "connection"]


def test_a_forked_child_closes_nothing_and_uses_nothing() -> None:
    closed: list[str] = []
    thing = Thing("session", closed)
    born = lifecycle.generation
    lifecycle.register(thing, lifecycle.SESSION)
    lifecycle.check(born)
    lifecycle._forked()
    with pytest.raises(RumorError, match="belongs to the parent process"):
        lifecycle.check(born)
    lifecycle.check(lifecycle.generation)
    lifecycle._close_all()
    assert closed == ["session's copy"]
