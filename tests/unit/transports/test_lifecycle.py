"""What is open in a process: closed at its end, and left alone in a forked child."""

from __future__ import annotations

import weakref

import pytest

from pyrum_sync import RumorError
from pyrum_sync.transports import lifecycle as lifetime


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
    monkeypatch.setattr(lifetime, "_open", [weakref.WeakValueDictionary(), weakref.WeakValueDictionary()])
    monkeypatch.setattr(lifetime, "generation", 0)


def test_sessions_are_closed_before_connections() -> None:
    closed: list[str] = []
    things = [Thing(name, closed) for name in ("connection", "session", "forgotten", "unregistered")]
    lifetime.register(things[0], lifetime.CONNECTION)
    lifetime.register(things[1], lifetime.SESSION)
    lifetime.register(things[2], lifetime.SESSION)
    lifetime.register(things[3], lifetime.SESSION)
    lifetime.unregister(things[3], lifetime.SESSION)
    lifetime.unregister(things[3], lifetime.SESSION)
    del things[2]
    lifetime._close_all()
    assert closed == ["session", "connection"]


def test_a_forked_child_closes_nothing_and_uses_nothing() -> None:
    closed: list[str] = []
    thing = Thing("session", closed)
    born = lifetime.generation
    lifetime.register(thing, lifetime.SESSION)
    lifetime.check(born)
    lifetime._forked()
    with pytest.raises(RumorError, match="belongs to the parent process"):
        lifetime.check(born)
    lifetime.check(lifetime.generation)
    lifetime._close_all()
    assert closed == ["session's copy"]
