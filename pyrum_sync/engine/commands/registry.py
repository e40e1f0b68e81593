"""The command registry: it knows the commands, keeps the actors, and runs the one on the other."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from pyrum_sync.engine.commands.actor import Actor, World
from pyrum_sync.engine.commands.arguments import Values
from pyrum_sync.engine.commands.base import Run
from pyrum_sync.engine.commands.faulty_host import FaultyHost
from pyrum_sync.engine.commands.tree import FIRST_WORDS, TREE
from pyrum_sync.engine.faults import Faults
from pyrum_sync.engine.network.api import Network
from pyrum_sync.engine.session.call import Call
from pyrum_sync.engine.session.context import Context


class CommandRegistry:
    """The session's `Commands`.

    Args:
        network: where the actors' hosts live.
        faults: what is to go wrong; `die` then ends the process with a status.
    """

    def __init__(self, network: Network, faults: Faults, die: Callable[[int], None]) -> None:
        self._world = World(network)
        self._faults = faults
        self._die = die
        self._actors: dict[str, Actor] = {}

    @property
    def network(self) -> str:
        """The name of the network."""
        return self._world.network.name

    def knows(self, word: str) -> bool:
        """Whether a line with this first word is a command."""
        return word in FIRST_WORDS

    def _actor(self, name: str) -> Actor:
        actor = self._actors.get(name)
        if actor is None:
            actor = self._actors[name] = Actor(self._world)
        return actor

    def context(self, actor: str) -> Context:
        """Returns the scope of an actor."""
        return self._actor(actor).context

    async def execute(self, actor: str, call: Call, words: list[str], context: Context) -> str | None:
        """Runs a command; returns the text if it was a request for help. CommandError: it failed."""
        run = Run(self._actor(actor), call, context, Values({}, ()))
        effects = self._faults.effects(actor, words)
        if effects.die is not None:
            self._die(effects.die)
        call.cut = effects.drop
        if effects.on_host:
            run.wrap_host = functools.partial(FaultyHost, effects=effects)
        if effects.delay:
            await context.sleep(effects.delay)
        return await TREE.execute(run, words)

    async def kill(self, actor: str) -> None:
        """Ends an actor and all that it opened."""
        killed = self._actors.pop(actor, None)
        if killed is not None:
            await killed.close()
            self._forget_store(killed)

    def _forget_store(self, killed: Actor) -> None:
        """Lets the peerstore go that was made for an actor unasked, unless another one uses it.

        In Rumor (control/actor/host/start.go) it stays for ever, with everything that it knows: for an engine that
        makes an actor for each of many peers that would be a leak.
        """
        store = killed.unnamed_store
        if store is not None and all(actor.peerstore is not store for actor in self._actors.values()):
            self._world.peerstores.forget(store)

    async def close(self) -> None:
        """Ends all actors, and closes the network."""
        for actor in tuple(self._actors.values()):
            await actor.close()
        await self._world.network.close()

    def report(self) -> dict[str, Any]:
        """Returns what ``GET /report`` shows of the actors."""
        return {name: actor.report() for name, actor in self._actors.items()}
