"""``host``: what is passed on to the network, and what is refused because the engine does not have it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pyrum_sync.engine import about
from pyrum_sync.engine.network.api import Host, HostOptions, NetworkError
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from pyrum_sync.engine.network.peerstore import Peerstore
from tests.support.engine import engine
from tests.support.hosts import in_loop


class Noting(MemoryNetwork):
    """Notes the options of its hosts."""

    def __init__(self) -> None:
        super().__init__()
        self.options: list[HostOptions] = []

    async def new_host(self, options: HostOptions, peerstore: Peerstore) -> Host:  # type: ignore[override]
        self.options.append(options)
        return await super().new_host(options, peerstore)


async def started(flags: str) -> HostOptions:
    """The options of a host that is started with these flags."""
    network = Noting()
    async with engine(network) as running:
        await running.ok(f"host start --priv={7:064x} {flags}")
    return network.options[0]


@in_loop
async def test_the_defaults_are_rumors() -> None:
    options = await started("")
    assert options == HostOptions((7).to_bytes(32, "big"), agent=options.agent)


@in_loop
async def test_each_flag_reaches_the_network() -> None:
    options = await started(
        "--agent=me --lo-peers=3 --hi-peers=4 --peer-grace-period=5s --identify=false --identify-first=false"
        " --libp2p-ping --transport=WS,tcp --mux=mplex --security=tls,noise --negotiation-timeout=7s"
        " --signed-peer-records"
    )
    assert options == HostOptions(
        private_key=(7).to_bytes(32, "big"),
        agent=about.agent("me", "memory"),
        lo_peers=3,
        hi_peers=4,
        grace_seconds=5.0,
        identify=False,
        identify_first=False,
        ping=True,
        transports=("ws", "tcp"),
        muxers=("mplex",),
        security=("tls", "noise"),
        negotiation_timeout=7.0,
        signed_peer_records=True,
    )


@pytest.mark.parametrize(("given", "seconds"), [("0", 60.0), ("-1s", None)])
@in_loop
async def test_a_negotiation_time_out_of_nothing_is_the_default_and_less_is_none(
    given: str, seconds: float | None
) -> None:
    assert (await started(f"--negotiation-timeout={given}")).negotiation_timeout == seconds


@pytest.mark.parametrize("flag", ["--nat", "--nat=true", "--relay=true", "--nat=false --relay"])
@in_loop
async def test_what_the_engine_does_not_have_is_refused_where_it_is_written(flag: str) -> None:
    async with engine() as running:
        error = await running.fails(f"host start {flag}")
        assert "is not in the pyrum_sync engine, only in a real Rumor" in error
        assert await running.fails("host view")  # nothing was started
        await running.ok("host start --nat=false --relay=false")


@in_loop
async def test_a_host_that_the_network_refuses() -> None:
    class Refusing(MemoryNetwork):
        async def new_host(self, options: HostOptions, peerstore: Peerstore) -> Host:  # type: ignore[override]
            del options, peerstore
            raise NetworkError("no such muxer")

    async with engine(Refusing()) as running:
        assert await running.fails("host start") == "no such muxer"


@pytest.mark.parametrize("words", [(), ("host", "stop")])
@in_loop
async def test_a_killed_or_stopped_host_is_gone_when_the_line_is_over(words: Sequence[str]) -> None:
    async with engine() as running:
        address = await running.host("alice", 1)
        await running.host("bob", 2)
        await running.ok(f"peer connect {address}", "bob")
        await running.line(f"alice: {' '.join(words) or 'kill'}")
        (entry,) = await running.ok("peer list", "bob")
        assert entry["peers"] == []
