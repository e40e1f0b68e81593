"""``rpc``: every method, version and any protocol, asked and answered between two hosts."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.commands.protocols import METHODS
from pyrum_sync.engine.network.api import Stream
from pyrum_sync.spec import codec
from pyrum_sync.spec.methods import Method
from tests.support.engine import Engine, Entry, engine, peer
from tests.support.hosts import in_loop

ROWS = [row for method in METHODS.values() for row in method.versions]
DIGEST = "b76ba606"


async def connected(running: Engine) -> None:
    """Alice's host and bob's, which is connected to it."""
    address = await running.host("alice", 1)
    await running.host("bob", 2)
    await running.ok(f"peer connect {address}", "bob")


async def ask(running: Engine, words: str, data: str, *flags: str) -> None:
    """Bob asks alice, and the request's own step is taken."""
    await running.line(f"_r bob: lvl_trace rpc {words} req raw {' '.join(flags)} {peer(1)} '{data}'")
    await running.line("_r next")


async def answer(running: Engine, words: str) -> None:
    """Alice answers request 0."""
    await running.ok(f"rpc {words}")


async def chunk(running: Engine) -> Entry:
    """The next chunk that bob gets."""
    before = len(running.entries)
    await running.line("_r next")
    (entry,) = [e for e in running.entries[before:] if e["msg"] == "Received chunk"]
    return entry


def flags_of(row: Method) -> str:
    """What asks for a version, where it is not the only one."""
    return "--raw" if len(METHODS[row.name].versions) == 1 else f"--raw --version={row.version}"


@pytest.mark.parametrize("row", ROWS, ids=Method.protocol)
@in_loop
async def test_each_method_in_each_version(row: Method) -> None:
    request = "00" * row.request_sizes[0]
    context = f"--context={DIGEST}" if row.context else ""
    size = min(row.response_sizes[0], 1000)
    async with engine() as running:
        await connected(running)
        await running.line(f"_l alice: lvl_trace rpc {row.name} listen {flags_of(row)} --drop=false")
        await ask(running, row.name, request, flags_of(row), "--max-chunks=2")
        await running.line("_l next")
        listened = await running.saw(req_id=0)
        assert (listened["protocol"], listened["data"]) == (row.protocol(), request)
        await answer(running, f"{row.name} resp chunk raw --done=true {context} 0 {'5a' * size}")
        got = await chunk(running)
        assert (got["protocol"], got["data"], got["result_code"]) == (row.protocol(), "5a" * size, 0)
        assert got.get("context") == (DIGEST if row.context else None)
        await running.saw(msg="Completed request")
        await running.line("_l cancel")


@in_loop
async def test_without_a_version_it_is_the_first() -> None:
    async with engine() as running:
        await connected(running)
        await running.line("_l alice: lvl_trace rpc metadata listen")
        await ask(running, "metadata", "")
        await running.line("_l next")
        assert (await running.saw(req_id=0))["protocol"] == "/eth2/beacon_chain/req/metadata/1/ssz_snappy"


@in_loop
async def test_versions_are_numbered_together_and_answered_each_in_its_own() -> None:
    async with engine() as running:
        await connected(running)
        for version in (1, 2):
            await running.line(f"_l{version} alice: lvl_trace rpc blocks-by-range listen --raw --version={version}")
        for number, version in enumerate((2, 1)):
            await ask(running, "blocks-by-range", "00" * 24, "--raw", f"--version={version}")
            await running.line(f"_l{version} next")
            await running.saw(req_id=number)
            context = f"--context={DIGEST}" if version == 2 else ""
            await running.ok(f"rpc blocks-by-range resp chunk raw {context} --done=true {number} aabb")
            assert (await chunk(running)).get("context") == (DIGEST if version == 2 else None)
            await running.line("_r cancel")
            await running.saw(call_id="r", __freed="true")  # its id is free for the next one
            running.entries.clear()


@in_loop
async def test_an_answer_of_several_chunks_is_whole_and_in_order() -> None:
    blocks = [bytes([number]) * (404 + 9000 * number) for number in range(20)]
    async with engine() as running:
        await connected(running)
        await running.line("_l alice: lvl_trace rpc blocks-by-range listen --version=2 --raw")
        await ask(running, "blocks-by-range", "00" * 24, "--raw", "--version=2")
        await running.line("_l next")
        for number, block in enumerate(blocks):
            await running.ok(f"rpc blocks-by-range resp chunk raw --context={number:08x} 0 {block.hex()}")
        await running.ok("rpc blocks-by-range close 0")
        got = [await chunk(running) for _ in blocks]
        assert [bytes.fromhex(entry["data"]) for entry in got] == blocks
        assert [int(entry["context"], 16) for entry in got] == list(range(20))
        assert [entry["chunk_index"] for entry in got] == list(range(20))
        await running.saw(msg="Completed request")


@in_loop
async def test_an_error_is_the_last_chunk_and_has_no_context() -> None:
    async with engine() as running:
        await connected(running)
        await running.line("_l alice: lvl_trace rpc blocks-by-root listen --version=2 --raw")
        await ask(running, "blocks-by-root", "00" * 32, "--version=2", "--raw=false")
        await running.line("_l next")
        await running.ok(f"rpc blocks-by-root resp chunk raw --context={DIGEST} 0 aa")
        await running.ok("rpc blocks-by-root resp server-error 0 'no more' --done=false")
        await running.ok(f"rpc blocks-by-root resp chunk raw --context={DIGEST} 0 bb --done")
        assert (await chunk(running))["data"] == "aa"
        error = await chunk(running)
        assert (error["fields.msg"], error["result_code"], "context" in error) == ("no more", 2, False)
        await running.saw(msg="Completed request")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("chunk raw 0 aa", "have context bytes: pass the fork digest, --context=HEX"),
        ("chunk raw --context=aabb 0 aa", "--context has 4 bytes, or none, not 2"),
        (f"chunk raw --context={DIGEST} --result-code=1 0 aa", "only chunks of success have context bytes"),
        ("chunk raw --context=zz 0 aa", "invalid byte"),
    ],
)
@in_loop
async def test_context_bytes_that_are_missing_or_wrong(words: str, error: str) -> None:
    async with engine() as running:
        await connected(running)
        await running.line("_l alice: lvl_trace rpc blocks-by-root listen --version=2 --raw")
        await ask(running, "blocks-by-root", "00" * 32, "--version=2", "--raw")
        await running.line("_l next")
        assert error in await running.fails(f"rpc blocks-by-root resp {words}")
        await running.ok("rpc blocks-by-root resp chunk raw --context='' --done 0 ''")  # none, where they are wanted so
        await running.line("_r next 50ms")
        assert "the stream ended in the middle" in (await running.saw(msg="failed to make request"))["error"]


@in_loop
async def test_context_bytes_where_there_are_none() -> None:
    async with engine() as running:
        await connected(running)
        await running.line("_l alice: lvl_trace rpc blocks-by-root listen --raw")
        await ask(running, "blocks-by-root", "00" * 32, "--raw")
        await running.line("_l next")
        error = await running.fails(f"rpc blocks-by-root resp chunk raw --context={DIGEST} 0 aa")
        assert error.endswith("beacon_blocks_by_root/1/ssz_snappy have no context bytes")


@pytest.mark.parametrize("words", ["req raw {peer} ''", "listen"])
@in_loop
async def test_a_version_that_is_none(words: str) -> None:
    async with engine() as running:
        await connected(running)
        words = words.format(peer=peer(1))
        assert await running.fails(f"rpc status {words} --version=3", "bob") == "status has no version 3; there is 1, 2"
        assert await running.fails(f"rpc ping {words} --version=1", "bob") == "unknown flag: --version"


# -- any


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("context", [True, False])
@in_loop
async def test_any_protocol(context: bool, compressed: bool) -> None:
    protocol = "/mine/1/ssz" + "_snappy" * compressed
    flags = f"--protocol={protocol} --context={str(context).lower()}"
    async with engine() as running:
        await connected(running)
        await running.line(f"_l alice: lvl_trace rpc any listen {flags}")
        await ask(running, "any", "0102", flags)
        await running.line("_l next")
        listened = await running.saw(req_id=0)
        assert (listened["protocol"], listened["data"]) == (protocol, "0102")
        with_context = f"--context={DIGEST}" if context else ""
        await answer(running, f"any resp chunk raw 0 0304 --done=false {with_context}")
        await answer(running, "any resp invalid-request 0 'what?'")
        got = await chunk(running)
        assert (got["data"], got.get("context")) == ("0304", DIGEST if context else None)
        assert (await chunk(running))["data"] == b"what?".hex(), "as hex, like all that it shows"
        await running.saw(msg="Completed request")


@in_loop
async def test_any_protocol_of_the_table_knows_its_context() -> None:
    protocol = "/eth2/beacon_chain/req/inclusion_lists_by_indices/1/ssz_snappy"
    async with engine() as running:
        await connected(running)
        await running.line(f"_l alice: lvl_trace rpc any listen --protocol={protocol}")
        await ask(running, "any", "00" * 42, f"--protocol={protocol}")
        await running.line("_l next")
        await answer(running, f"any resp chunk raw --context={DIGEST} 0 {'00' * 152}")
        assert (await chunk(running))["context"] == DIGEST


@in_loop
async def test_any_request_without_content_is_no_bytes() -> None:
    received: list[bytes] = []

    async with engine() as running:
        await connected(running)

        def handler(stream: Stream) -> None:
            async def take() -> None:
                received.append(await stream.read())
                stream.write(codec.encode_chunk(b"\1"))
                stream.close_write()

            running.registry._actor("alice").world.spawn(take())

        running.registry._actor("alice").host_or_error().serve("/mine", handler)
        await ask(running, "any", "", "--protocol=/mine")
        assert (await chunk(running))["data"] == "01"
    assert received == [b""]


@in_loop
async def test_any_request_without_content_is_heard() -> None:
    async with engine() as running:
        await connected(running)
        await running.line("_l alice: lvl_trace rpc any listen --protocol=/mine")
        await ask(running, "any", "", "--protocol=/mine")
        await running.line("_l next")
        assert (await running.saw(req_id=0))["data"] == ""
        await answer(running, "any close 0")
        await running.saw(msg="Completed request")


@pytest.mark.parametrize("protocol", ["", "mine", "/mi ne", "/" + "x" * 512, "/m\u00fcll"])
@in_loop
async def test_an_id_that_is_none(protocol: str) -> None:
    async with engine() as running:
        await connected(running)
        assert (await running.fails(f"rpc any listen '--protocol={protocol}'")).startswith("--protocol is ")


# -- what a peer may answer


async def answered(running: Engine, data: bytes, *flags: str) -> Entry:
    """What becomes of a status request that is answered with these bytes."""

    def handler(stream: Stream) -> None:
        stream.write(data)
        stream.close_write()

    protocol = "/eth2/beacon_chain/req/status/2/ssz_snappy"
    running.registry._actor("alice").host_or_error().serve(protocol, handler)
    await ask(running, "status", "00" * 92, "--version=2", *flags)
    await running.line("_r next 50ms")
    return next(e for e in running.entries if e["msg"] in ("failed to make request", "Received chunk"))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\0", "failed to read chunk 0: the stream ended in the middle of chunk 0"),
        (codec.encode_chunk(bytes(92))[:-1], "failed to read chunk 0: the stream ended in the middle of chunk 0"),
        (codec.encode_chunk(bytes(93)), "chunk size 93 of chunk 0 exceeds chunk limit 92"),
        (b"\0\xff\xff\xff\xff\x0f", "chunk size 4294967295 of chunk 0 exceeds chunk limit 92"),
        (b"\2\xff\xff\x03", "chunk size 65535 of chunk 0 exceeds error size limit 256"),
        (codec.encode_chunk(bytes(92))[:-4] + b"1234", "failed to read chunk 0: "),
        (b"\0\x5cnosnappy", "failed to read chunk 0: "),
    ],
)
@in_loop
async def test_an_answer_that_is_none(data: bytes, error: str) -> None:
    async with engine() as running:
        await connected(running)
        entry = await answered(running, data)
        assert entry["msg"] == "failed to make request"
        assert entry["error"].startswith(error)


@in_loop
async def test_what_came_before_the_fault_is_kept() -> None:
    async with engine() as running:
        await connected(running)
        whole = codec.encode_chunk(bytes(92))
        assert (await answered(running, whole + b"\0\x5cnosnappy", "--max-chunks=2"))["chunk_size"] == 92
        await running.saw(msg="failed to make request")


@in_loop
async def test_what_comes_after_the_last_chunk_is_of_no_account() -> None:
    async with engine() as running:
        await connected(running)
        await answered(running, codec.encode_chunk(bytes(92)) + b"\0\x5cnosnappy", "--max-chunks=1")
        await running.saw(msg="Completed request")


@in_loop
async def test_a_chunk_that_is_too_short_is_shown_raw() -> None:
    async with engine() as running:
        await connected(running)
        assert (await answered(running, codec.encode_chunk(bytes(84)), "--raw"))["data"] == "00" * 84


@in_loop
async def test_a_chunk_that_is_too_short_has_no_fields() -> None:
    async with engine() as running:
        await connected(running)
        await running.line("_l alice: lvl_trace rpc status listen --version=2")
        await ask(running, "status", "00" * 92, "--version=2")
        await running.line("_l next")
        assert (await running.saw(req_id=0))["data"]["earliest_available_slot"] == 0
        await answer(running, f"status resp chunk raw 0 {'00' * 84}")
        await running.line("_r next")
        failed = next(e["error"] for e in running.entries if e["msg"] == "failed")
        assert "step failed: not a StatusV2 of status/2" in failed
