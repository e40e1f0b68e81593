"""Time limits: each one that Rumor has is obeyed, with its words, where a peer never answers."""

from __future__ import annotations

import asyncio

import pytest

from pyrum_sync.engine.commands import reqresp
from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import Deadline, Stream
from pyrum_sync.spec import codec
from tests.support.engine import Engine, StuckNetwork, engine, peer
from tests.support.hosts import in_loop

EXPIRED = "context deadline exceeded"
SHORT = "--timeout=30ms"
PROTOCOL = "/eth2/beacon_chain/req/{}/1/ssz_snappy"


async def connected(running: Engine, flags: str = "") -> None:
    """Alice's host and bob's, which is connected to it."""
    address = await running.host("alice", 1, flags)
    await running.host("bob", 2)
    await running.ok(f"peer connect {address}", "bob")


@pytest.mark.parametrize(
    ("stuck", "command", "error"),
    [
        ("connect", f"peer connect {SHORT} /ip4/127.0.0.1/tcp/9003/p2p/{peer(3)}", EXPIRED),
        ("trim", "peer trim 30ms", EXPIRED),
        ("open_stream", f"peer status req {SHORT} {peer(1)}", f"failed to fetch status: {EXPIRED}"),
        ("open_stream", f"peer metadata req {SHORT} {peer(1)}", f"failed to fetch metadata: {EXPIRED}"),
        ("open_stream", f"peer metadata ping {SHORT} {peer(1)}", f"failed to ping: {EXPIRED}"),
    ],
)
@in_loop
async def test_a_command_that_waits(stuck: str, command: str, error: str) -> None:
    network = StuckNetwork()
    async with engine(network) as running:
        await connected(running)
        network.stuck.add(stuck)
        assert await running.fails(command, "bob") == error


@in_loop
async def test_identifying() -> None:
    network = StuckNetwork()
    async with engine(network) as running:
        await connected(running)
        network.stuck.add("identify")
        (entry,) = await running.ok(f"peer identify {SHORT} {peer(1)}", "bob")
        assert entry["msg"] == "awaiting identification timed out"  # as in Rumor, no failure


@pytest.mark.parametrize("method", ["status", "ping", "metadata", "goodbye", "blocks-by-range", "blocks-by-root"])
@in_loop
async def test_a_request_by_hand(method: str) -> None:
    network = StuckNetwork()
    async with engine(network) as running:
        await connected(running)
        network.stuck.add("open_stream")
        await running.line(f"_r bob: lvl_trace rpc {method} req raw {SHORT} {peer(1)} 00")
        entry = await running.saw(msg="failed to make request")
        assert (entry["error"], entry["call_id"]) == (EXPIRED, "r")


@pytest.mark.parametrize(("what", "error"), [("status", "failed to fetch status"), ("metadata", "failed to ping")])
@in_loop
async def test_polling(what: str, error: str) -> None:
    network = StuckNetwork()
    async with engine(network) as running:
        await connected(running)
        network.stuck.add("open_stream")
        await running.line(f"_p bob: lvl_trace peer {what} poll {SHORT} --interval=1h")
        entry = await running.saw(msg="failed to poll peer")
        assert (entry["error"], entry["peer"]) == (f"{error}: {EXPIRED}", peer(1))
        await running.line("_p cancel")


@in_loop
async def test_an_interval_bounds_a_round() -> None:
    network = StuckNetwork()
    async with engine(network) as running:
        await connected(running)
        network.stuck.add("open_stream")
        await running.line("_p bob: lvl_trace peer status poll --timeout=0 --interval=30ms")
        entry = await running.saw(msg="failed to poll peer")
        assert entry["error"].endswith(EXPIRED)
        await running.line("_p cancel")


class Answering:
    """Answers pings, until it is told to answer no more."""

    def __init__(self, network: StuckNetwork) -> None:
        self._network = network

    def __call__(self, stream: Stream) -> None:
        stream.write(codec.encode_chunk((9).to_bytes(8, "little")))
        stream.close_write()
        self._network.stuck.add("open_stream")


@in_loop
async def test_the_update_after_a_ping_has_a_limit_of_its_own() -> None:
    network = StuckNetwork()
    async with engine(network) as running:
        await connected(running)
        host = running.registry._actor("alice").host_or_error()
        host.serve(PROTOCOL.format("ping"), Answering(network))
        command = f"peer metadata ping --timeout=0 --update-timeout=30ms {peer(1)}"
        assert await running.fails(command, "bob") == f"failed to fetch metadata upon pong: {EXPIRED}"


@in_loop
async def test_the_update_after_a_pong_has_a_limit_of_its_own() -> None:
    network = StuckNetwork()
    async with engine(network) as running:
        await connected(running)
        await running.line("_pong alice: lvl_trace peer metadata pong --timeout=0 --update-timeout=30ms --force-update")
        stream = await running.registry._actor("bob").host_or_error().open_stream(peer(1), PROTOCOL.format("ping"))
        network.stuck.add("open_stream")
        stream.write(codec.encode_request(bytes(8)))
        stream.close_write()
        entry = await running.saw(level="warning", call_id="pong")
        assert entry["msg"].endswith(f"failed to fetch metadata: {EXPIRED}")


@in_loop
async def test_without_a_limit_it_waits_until_it_can() -> None:
    network = StuckNetwork("connect")
    async with engine(network) as running:
        address = await running.host("alice", 1)
        await running.host("bob", 2)
        connecting = asyncio.ensure_future(running.run(f"peer connect --timeout=0 {address}", "bob"))
        await asyncio.wait({connecting}, timeout=0.05)
        assert not connecting.done()
        connecting.cancel()


@pytest.mark.parametrize("timeout", ["1ns", "-1s"])
@in_loop
async def test_a_limit_that_is_over_at_once_counts_only_where_something_takes_time(timeout: str) -> None:
    async with engine() as running:
        address = await running.host("alice", 1)
        await running.host("bob", 2)
        limit = f"--timeout={timeout}"
        await running.ok("peer status serve")
        assert await running.fails(f"peer connect {limit} {address}", "bob") == EXPIRED
        await running.ok(f"peer connect {address}", "bob")
        await running.ok(f"peer connect {limit} {address}", "bob")
        await running.ok(f"peer identify {limit} {peer(1)}", "bob")
        await running.ok(f"peer status req {limit} {peer(1)}", "bob")
        await running.ok(f"peer trim -- {timeout}", "bob")


# -- parts of an answer


@pytest.fixture
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reqresp, "PART_SECONDS", 0.05)


def test_a_part_of_an_answer_is_waited_for_ten_seconds() -> None:
    assert reqresp.PART_SECONDS == 10


@pytest.mark.usefixtures("short_parts")
@pytest.mark.parametrize("answered", [b"", b"\0", b"\0\x54", codec.encode_chunk(bytes(84))[:-1]])
@in_loop
async def test_an_answer_that_does_not_come_or_breaks_off(answered: bytes) -> None:
    taken: list[Stream] = []

    def handler(stream: Stream) -> None:
        taken.append(stream)
        stream.write(answered)

    async with engine() as running:
        await connected(running)
        running.registry._actor("alice").host_or_error().serve(PROTOCOL.format("status"), handler)
        error = await running.fails(f"peer status req --timeout=0 {peer(1)}", "bob")
        assert error == f"failed to fetch status: failed to read chunk 0: {EXPIRED}"
        with pytest.raises(Exception, match="stream reset"):  # nobody waits for the rest
            taken[0].write(b"x")


@in_loop
async def test_the_limit_is_for_each_part_not_for_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float | None] = []
    after = deadlines.after

    def noting(seconds: float | None) -> Deadline:
        limits.append(seconds)
        return after(seconds)

    def handler(stream: Stream) -> None:
        for _ in range(6):
            stream.write(codec.encode_chunk(bytes(500)))
        stream.close_write()

    async with engine() as running:
        await connected(running)
        running.registry._actor("alice").host_or_error().serve(PROTOCOL.format("beacon_blocks_by_range"), handler)
        monkeypatch.setattr(deadlines, "after", noting)
        await running.line(f"_r bob: lvl_trace rpc blocks-by-range req raw --raw --timeout=9s {peer(1)} {'00' * 24}")
        for _ in range(7):
            await running.line("_r next")
        await running.saw(msg="Completed request", call_id="r")
        # the opening, six chunks, and the end after them
        assert limits[:8] == [9.0, *([reqresp.PART_SECONDS] * 7)]


@pytest.mark.usefixtures("short_parts")
@in_loop
async def test_a_request_by_hand_that_is_not_answered() -> None:
    async with engine() as running:
        await connected(running)
        running.registry._actor("alice").host_or_error().serve(PROTOCOL.format("ping"), lambda _: None)
        await running.line(f"_r bob: lvl_trace rpc ping req raw {peer(1)} {'00' * 8}")
        await running.line("_r next")
        entry = await running.saw(msg="failed to make request")
        assert entry["error"] == f"failed to read chunk 0: {EXPIRED}"


@in_loop
async def test_the_time_between_steps_is_the_users() -> None:
    """What came is kept until `next` takes it, however long that takes: no limit covers the user."""
    async with engine() as running:
        await connected(running)

        def handler(stream: Stream) -> None:
            stream.write(codec.encode_chunk(bytes(8)))
            stream.close_write()

        running.registry._actor("alice").host_or_error().serve(PROTOCOL.format("ping"), handler)
        await running.line(f"_r bob: lvl_trace rpc ping req raw --timeout=1ms {peer(1)} {'00' * 8}")
        await asyncio.sleep(0.02)
        await running.line("_r next")
        await running.line("_r next")
        await running.saw(msg="Received chunk", call_id="r")
        await running.saw(msg="Completed request", call_id="r")
