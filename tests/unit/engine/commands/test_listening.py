"""The side that answers: requests are read whole, within bounds, and what is wrong with one is said."""

from __future__ import annotations

import asyncio

import pytest

from pyrum_sync.engine.commands import listening, reqresp
from pyrum_sync.engine.network.api import StreamReset
from pyrum_sync.spec import codec
from tests.support.engine import Engine, Entry, engine, peer
from tests.support.hosts import eventually, in_loop

PING = "/eth2/beacon_chain/req/ping/1/ssz_snappy"
STATUS_2 = "/eth2/beacon_chain/req/status/2/ssz_snappy"
METADATA_2 = "/eth2/beacon_chain/req/metadata/2/ssz_snappy"


async def start(running: Engine, *others: str) -> None:
    """Alice's host, and others that are connected to it."""
    address = await running.host("alice", 1)
    for number, name in enumerate(others, 2):
        await running.host(name, number)
        await running.ok(f"peer connect {address}", name)


async def heard(running: Engine, protocol: str, data: bytes, *pieces: bytes, asker: str = "bob") -> Entry:
    """What the listener shows of a request."""
    running.entries.clear()
    stream = await running.registry._actor(asker).host_or_error().open_stream(peer(1), protocol)
    for piece in (data, *pieces):
        stream.write(piece)
    stream.close_write()
    return await running.saw(msg="Received request, dropping it!")


@pytest.mark.parametrize("split", [1, 2, 9, 12, 20])
@in_loop
async def test_a_request_may_come_in_pieces(split: int) -> None:
    async with engine() as running:
        await start(running, "bob")
        await running.line("_l alice: lvl_trace rpc ping listen --drop")
        request = codec.encode_request((258).to_bytes(8, "little"))
        assert (await heard(running, PING, request[:split], request[split:]))["data"] == 258


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "the stream ended before the end of the request"),
        (codec.encode_request(bytes(8))[:-1], "the stream ended before the end of the request"),
        (codec.encode_request(bytes(8)) + b"x", "bytes after the end of the request"),
        (codec.encode_request(bytes(8))[:-1] + b"\1", "checksum"),
        (b"\xff" * 11, "varint"),
        (codec.encode_request(bytes(7)), "request length 7 is unexpectedly small, request size minimum is 8"),
        (codec.encode_request(bytes(9)), "request length 9 exceeds request size limit 8"),
        (b"\xff\xff\xff\xff\x0f", "request length 4294967295 exceeds request size limit 8"),
    ],
)
@in_loop
async def test_what_is_wrong_is_said(data: bytes, error: str) -> None:
    async with engine() as running:
        await start(running, "bob")
        await running.line("_l alice: lvl_trace rpc ping listen --drop")
        entry = await heard(running, PING, data)
        assert error in entry["input_err"]
        assert "data" not in entry


@in_loop
async def test_a_wrong_length_spoils_the_listener_for_its_sender_alone() -> None:
    async with engine() as running:
        await start(running, "bob", "carol")
        good = codec.encode_request(bytes(8))
        await running.line("_l alice: lvl_trace rpc ping listen --drop --raw")
        await heard(running, PING, codec.encode_request(bytes(7)))
        assert (await heard(running, PING, good))["data"] == ""  # as in Rumor
        assert (await heard(running, PING, good, asker="carol"))["data"] == "00" * 8
        await running.line("_l cancel")
        await running.line("_m alice: lvl_trace rpc ping listen --drop --raw")
        assert (await heard(running, PING, good))["data"] == "00" * 8


@in_loop
async def test_that_of_no_other_version() -> None:
    async with engine() as running:
        await start(running, "bob")
        await running.line("_l alice: lvl_trace rpc status listen --version=2 --drop --raw")
        await heard(running, STATUS_2, codec.encode_request(bytes(84)))
        assert (await heard(running, STATUS_2, codec.encode_request(bytes(92))))["data"] == "00" * 92


@in_loop
async def test_few_senders_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_MOST_SPOILED", 1)
    async with engine() as running:
        await start(running, "bob", "carol")
        await running.line("_l alice: lvl_trace rpc ping listen --drop --raw")
        for asker in ("bob", "carol"):
            await heard(running, PING, codec.encode_request(bytes(7)), asker=asker)
        assert (await heard(running, PING, codec.encode_request(bytes(8))))["data"] == "00" * 8


@in_loop
async def test_of_a_request_without_content_nothing_is_read() -> None:
    async with engine() as running:
        await start(running, "bob")
        await running.line("_l alice: lvl_trace rpc metadata listen --version=2 --drop")
        for data in (b"", b"\0", b"whatever"):
            assert (await heard(running, METADATA_2, data))["data"] is None


@in_loop
async def test_an_asker_that_never_ends_its_side_is_answered() -> None:
    async with engine() as running:
        await start(running, "bob")
        await running.line("_l alice: lvl_trace rpc ping listen")
        stream = await running.registry._actor("bob").host_or_error().open_stream(peer(1), PING)
        stream.write(codec.encode_request(bytes(8)))
        await running.line("_l next")
        await running.ok(f"rpc ping resp chunk raw 0 {'01' * 8}")
        answer = b""
        while part := await stream.read():
            answer += part
        assert codec.ResponseDecoder().feed(answer) == [codec.Chunk(0, b"\1" * 8)]
        stream.close_write()


@in_loop
async def test_an_asker_that_reads_nothing_is_not_written_to_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reqresp, "PART_SECONDS", 0.05)
    async with engine() as running:
        await start(running, "bob")
        await running.line("_l alice: lvl_trace rpc blocks-by-range listen --compression=none")
        host = running.registry._actor("bob").host_or_error()
        stream = await host.open_stream(peer(1), "/eth2/beacon_chain/req/beacon_blocks_by_range/1/ssz")
        stream.write(codec.encode_request(bytes(24), encoding=codec.SSZ))
        stream.close_write()
        await running.line("_l next")
        await running.ok(f"rpc blocks-by-range resp chunk raw 0 {'5a' * 300_000}")
        assert await running.fails("rpc blocks-by-range resp chunk raw 0 5a") == "context deadline exceeded"
        await stream.read()
        await running.ok("rpc blocks-by-range resp chunk raw 0 5a")


@in_loop
async def test_too_many_open_requests_are_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_MOST_OPEN", 2)
    async with engine() as running:
        await start(running, "bob")
        await running.line("_l alice: lvl_trace rpc ping listen --timeout=0")
        host = running.registry._actor("bob").host_or_error()
        streams = [await host.open_stream(peer(1), PING) for _ in range(3)]
        with pytest.raises(StreamReset):
            await streams[2].read()
        for stream in streams[:2]:
            stream.write(codec.encode_request(bytes(8)))
            stream.close_write()
        for number in range(2):
            await running.line("_l next")
            await running.ok(f"rpc ping resp chunk raw {number} {'00' * 8}")
        assert await streams[0].read()
        assert await streams[1].read()
        await eventually(lambda: sum(e["msg"] == "Responded!" for e in running.entries) == 2)
        streams.append(await host.open_stream(peer(1), PING))
        streams[3].write(codec.encode_request(bytes(8)))
        await running.line("_l next")
        assert await running.saw(req_id=2)


@in_loop
async def test_one_whose_time_is_over_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_MOST_OPEN", 1)
    async with engine() as running:
        await start(running, "bob")
        await running.line("_l alice: lvl_trace rpc ping listen --timeout=1ms")
        host = running.registry._actor("bob").host_or_error()
        late = await host.open_stream(peer(1), PING)
        late.write(codec.encode_request(bytes(8)))
        assert await late.read() == b""  # not answered in time
        stream = await host.open_stream(peer(1), PING)
        stream.write(codec.encode_request((5).to_bytes(8, "little")))
        await running.line("_l next")
        assert (await running.saw(msg="Received request, queued it to respond to!"))["data"] == 5


@in_loop
async def test_what_waits_for_an_answer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_MOST_BYTES", 1000)
    async with engine() as running:
        await start(running, "bob")
        await running.line("_l alice: lvl_trace rpc any listen --protocol=/mine --timeout=0")
        host = running.registry._actor("bob").host_or_error()
        for _ in range(2):
            stream = await host.open_stream(peer(1), "/mine")
            stream.write(codec.encode_request(bytes(600)))
            stream.close_write()
        entry = await running.saw(msg="the stream broke")
        assert entry["error"] == "too many requests wait for their answer"
        with pytest.raises(StreamReset):
            await stream.read()


@in_loop
async def test_few_large_requests_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_MOST_BYTES", 10 << 20)  # room for one
    async with engine() as running:
        await start(running, "bob")
        await running.line("_l alice: lvl_trace rpc any listen --protocol=/mine --drop")
        host = running.registry._actor("bob").host_or_error()
        one, other = await host.open_stream(peer(1), "/mine"), await host.open_stream(peer(1), "/mine")
        one.write(b"\1")
        other.write(codec.encode_request(b"\2"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not any("data" in e for e in running.entries)
        one.write(codec.encode_request(b"\1")[1:])
        await running.saw(data="02")
        assert [e["data"] for e in running.entries if "data" in e] == ["01", "02"]
