"""Requests and responses: streams end on both sides, and a peer that goes silent holds nothing for long."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from pyrum_sync.engine.commands import protocols, reqresp
from pyrum_sync.engine.network.api import ProtocolNotSupported, Stream, StreamClosed, StreamReset
from pyrum_sync.spec import codec
from tests.support.engine import Engine, engine, peer
from tests.support.hosts import eventually, in_loop

PING = "/eth2/beacon_chain/req/ping/1/ssz_snappy"


async def connected(running: Engine) -> list[StreamClosed]:
    """Alice's host and bob's, connected; returns what bob sees of streams that close."""
    address = await running.host("alice", 1)
    await running.host("bob", 2)
    await running.ok(f"peer connect {address}", "bob")
    closed: list[StreamClosed] = []
    host = running.registry._actor("bob").host_or_error()
    host.observe(lambda event: closed.append(event) if isinstance(event, StreamClosed) else None)
    return closed


@pytest.mark.parametrize("chunks", [0, 1, 3])
@in_loop
async def test_the_stream_of_a_request_is_over_after_its_answer(chunks: int) -> None:
    async with engine() as running:
        closed = await connected(running)
        await running.line("_l alice: lvl_trace rpc ping listen")
        await running.line(f"_r bob: lvl_trace rpc ping req raw --max-chunks={chunks} {peer(1)} {'00' * 8}")
        await running.line("_r next")
        await running.line("_l next")
        await running.line(f"alice: rpc ping resp chunk raw 0 {'00' * 8}")
        await running.saw(msg="Responded!")
        if chunks:
            await running.line("_r next")
        await running.saw(msg="Completed request")
        await eventually(lambda: any(event.protocol == PING for event in closed))


@in_loop
async def test_a_peer_that_asks_and_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reqresp, "PART_SECONDS", 0.05)
    async with engine() as running:
        await connected(running)
        await running.line("_l alice: lvl_trace rpc ping listen --timeout=0")
        host = running.registry._actor("bob").host_or_error()
        for sent in (b"", b"\x08", codec.encode_request(bytes(8))[:-1]):
            stream = await host.open_stream(peer(1), PING)
            stream.write(sent)
            with pytest.raises(StreamReset):
                await stream.read()
        entry = await running.saw(msg="the stream broke")
        assert entry["error"] == "context deadline exceeded"
        assert sum(e["msg"] == "the stream broke" for e in running.entries) == 3


@in_loop
async def test_an_answer_that_goes_on_and_on_is_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reqresp, "_MOST_LEFT", 1000)
    async with engine() as running:
        await connected(running)
        streams: list[Stream] = []

        def handler(stream: Stream) -> None:
            streams.append(stream)
            for _ in range(200):
                stream.write(codec.encode_chunk(bytes(8)))

        async def write_on() -> None:
            while True:
                streams[0].write(b"x")
                await asyncio.sleep(0)

        running.registry._actor("alice").host_or_error().serve(PING, handler)
        await running.ok(f"peer metadata ping --update=false {peer(1)}", "bob")
        with pytest.raises(StreamReset):
            await write_on()


@in_loop
async def test_a_protocol_that_is_served_no_longer_is_refused_as_one_that_never_was() -> None:
    """A dialler that knows the protocol sends its request with the proposal, and learns of the refusal as it reads."""

    class Refused:
        async def read(self) -> bytes:
            raise ProtocolNotSupported

    request = reqresp.Request(peer(1), protocols.first("ping", "snappy"), bytes(8))
    with pytest.raises(ProtocolNotSupported, match=r"^protocol not supported$"):
        await anext(reqresp.chunks(cast(Stream, Refused()), request, 1))
