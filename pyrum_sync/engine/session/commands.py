"""What a session asks of the commands: all that it knows of them."""

from __future__ import annotations

from typing import Any, Protocol

from pyrum_sync.engine.session.call import Call
from pyrum_sync.engine.session.context import Context


class CommandError(Exception):
    """A command that failed, in Rumor's words."""


class Commands(Protocol):
    """The commands, and the actors that run them: an actor begins to be with the first use of its name."""

    @property
    def network(self) -> str:
        """The name of the network that the actors' hosts live on."""

    def knows(self, word: str) -> bool:
        """Whether a line with this first word is a command."""

    def context(self, actor: str) -> Context:
        """Returns the scope of an actor: what it opens ends with it."""

    async def execute(self, actor: str, call: Call, words: list[str], context: Context) -> str | None:
        """Runs a command; `context` ends its own part, the call's what it leaves running.

        Returns:
            The text, if the words were a request for help.

        Raises:
            CommandError: it failed.
        """

    async def kill(self, actor: str) -> None:
        """Ends an actor and all that it opened; none of that name is fine."""

    async def close(self) -> None:
        """Ends all actors."""

    def report(self) -> dict[str, Any]:
        """Returns what ``GET /report`` shows of the actors, by name."""
