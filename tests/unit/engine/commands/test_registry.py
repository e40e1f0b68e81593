"""The command registry: which words are commands, which actors there are, and what a fault does to one run."""

from __future__ import annotations

import pytest

from pyrum_sync.engine import faults
from tests.support.engine import engine, peer
from tests.support.hosts import in_loop


@in_loop
async def test_it_knows_its_commands_by_their_first_word() -> None:
    async with engine() as running:
        assert all(running.registry.knows(word) for word in ("host", "rpc", "sleep", "dv5", "help"))
        assert not any(running.registry.knows(word) for word in ("ls", "", "hos", "include"))


@in_loop
async def test_an_actor_is_there_from_its_first_command_until_it_is_killed() -> None:
    async with engine() as running:
        assert running.registry.report() == {}
        await running.host("alice", 1)
        await running.run("sleep x", "bob")
        report = running.registry.report()
        assert report["alice"]["peer_id"] == peer(1)
        assert report["alice"]["listen_addrs"] == ["/ip4/127.0.0.1/tcp/9001"]
        assert report["bob"] == {}
        scope = running.registry.context("alice")
        await running.registry.kill("alice")
        await running.registry.kill("alice")
        assert scope.cancelled
        assert list(running.registry.report()) == ["bob"]
        assert running.registry.context("alice") is not scope


@in_loop
async def test_a_fault_is_for_one_run_of_a_command() -> None:
    wanted = faults.parse([{"do": "refuse-connect", "command": "peer connect"}])
    async with engine(faults=wanted) as running:
        address = await running.host("alice", 1)
        await running.host("bob", 2)
        assert "refused" in await running.fails(f"peer connect {address}", "bob")
        await running.ok(f"peer connect {address}", "bob")


@in_loop
async def test_dying_is_asked_for_before_anything_runs() -> None:
    wanted = faults.parse([{"do": "die", "status": 3}])
    async with engine(faults=wanted) as running:
        error = await running.fails("host start --nat=false")
        assert "the engine died with status 3" in error
        assert running.registry.report() == {"alice": {}}


@pytest.mark.parametrize("by_killing", [True, False])
@in_loop
async def test_closing_closes_the_hosts(by_killing: bool) -> None:
    async with engine() as running:
        await running.host("alice", 1)
        host = running.registry._actor("alice").host_or_error()
        if by_killing:
            await running.registry.kill("alice")
        else:
            await running.registry.close()
        assert host.addresses() == []


@in_loop
async def test_the_peerstore_of_a_killed_actor_goes_with_it() -> None:
    """The one that was made unasked, and that no other actor uses."""
    async with engine() as running:

        async def stores(actor: str) -> list[str]:
            names: list[str] = (await running.ok("peerstore list", actor))[0]["stores"]
            return names

        await running.host("alice", 1)
        (alices,) = await stores("alice")
        await running.ok("peerstore create --id=mine", "bob")
        await running.host("bob", 2)
        await running.host("carol", 3)
        assert len(await stores("carol")) == 3
        await running.ok(f"peerstore switch {alices}", "carol")
        await running.registry.kill("alice")
        await running.registry.kill("bob")
        assert alices in await stores("carol"), "carol uses it"
        assert "mine" in await stores("carol"), "it was made on purpose"
        await running.registry.kill("carol")
        assert await stores("dave") == [alices, "mine"]
