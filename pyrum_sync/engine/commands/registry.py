"""The command room, as the session sees it."""

from __future__ import annotations

from pyrum_sync.engine.commands.actor import SimulatedActor, World
from pyrum_sync.engine.commands.tree import FIRST_WORDS


class CommandRoom:
    """Knows the commands, makes the actors."""

    def __init__(self, world: World) -> None:
        self._world = world

    def knows(self, word: str) -> bool:
        """Whether a line with this first word is a command."""
        return word in FIRST_WORDS

    def new_actor(self, name: str) -> SimulatedActor:
        """Make an actor."""
        return SimulatedActor(name, self._world)
