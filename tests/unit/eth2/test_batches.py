"""How ranges and roots are split into requests, as the engine sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyrum_sync import Rumor, eth2
from tests.support.engines import Said, ScriptedEngine

ROOTS = [bytes([number]) * 32 for number in range(200)]


def sent(engine: ScriptedEngine) -> list[bytes]:
    """The SSZ of the requests."""
    return [bytes.fromhex(asked.words[4]) if len(asked.words) > 4 else b"" for asked in engine.asked]


def limits(engine: ScriptedEngine) -> list[int]:
    return [int(asked.flags["max-chunks"]) for asked in engine.asked]


def test_the_engine_is_asked_once(engine: ScriptedEngine, rumor: Rumor) -> None:
    engine.answers = {"blocks-by-range/2": [Said(bytes([number]), "01020304") for number in range(128)]}
    assert eth2.blocks_by_range(rumor, "16Uiu", 1000, 128) == [bytes([number]) for number in range(128)]
    asked = eth2.BlocksByRangeRequest(start_slot=1000, count=128, step=1)
    assert (sent(engine), limits(engine)) == ([asked.encode_bytes()], [128])


def test_no_more_than_a_request_may_ask_for(engine: ScriptedEngine, rumor: Rumor) -> None:
    engine.answers = {"blocks-by-range/2": [], "blocks-by-range/1": [], "blocks-by-root/2": [], "blocks-by-root/1": []}
    eth2.blocks_by_range(rumor, "16Uiu", 0, 300)
    eth2.blocks_by_root(rumor, "16Uiu", ROOTS)
    assert limits(engine) == [128, 128, 44, 128, 72]
    assert sent(engine)[2] == eth2.BlocksByRangeRequest(start_slot=256, count=44, step=1).encode_bytes()
    assert sent(engine)[4] == b"".join(ROOTS[128:])
    engine.asked.clear()
    eth2.blocks_by_range(rumor, "16Uiu", 0, 1025, version=1)
    eth2.blocks_by_root(rumor, "16Uiu", ROOTS, version=1)
    assert limits(engine) == [1024, 1, 200]


def test_steps(engine: ScriptedEngine, rumor: Rumor) -> None:
    """Version 2 has none, so the slots are asked for one by one."""
    engine.answers = {"blocks-by-range/2": [Said(b"x", "01020304")], "blocks-by-range/1": [Said(b"x"), Said(b"y")]}
    assert eth2.blocks_by_range(rumor, "16Uiu", 10, 3, 5) == [b"x"] * 3
    asked = [eth2.BlocksByRangeRequest(start_slot=slot, count=1, step=1).encode_bytes() for slot in (10, 15, 20)]
    assert (sent(engine), limits(engine)) == (asked, [1, 1, 1])
    engine.asked.clear()
    assert eth2.blocks_by_range(rumor, "16Uiu", 10, 3, 5, version=1) == [b"x", b"y"]
    assert sent(engine) == [eth2.BlocksByRangeRequest(start_slot=10, count=3, step=5).encode_bytes()]


def test_a_go_rumor_is_asked_for_one_at_a_time() -> None:
    answer = {"blocks-by-range/1": [Said(b"x"), Said(b"y")], "blocks-by-root/1": [Said(b"x"), Said(b"y")]}
    with ScriptedEngine(answer, greeting=False) as go, go.rumor() as rumor:
        assert eth2.blocks_by_range(rumor, "16Uiu", 10, 3, 5) == [b"x"] * 3
        assert eth2.blocks_by_root(rumor, "16Uiu", ROOTS[:2]) == [b"x"] * 2
        assert limits(go) == [1] * 5
        assert len({sent(go)[0], sent(go)[1], sent(go)[2]}) == 3


@pytest.mark.parametrize(("greeting", "parallel", "most"), [(True, 8, 2), (True, 1, 1), (False, 8, 8), (False, 1, 1)])
def test_how_many_are_under_way(greeting: bool, parallel: int, most: int) -> None:
    """A peer takes two of a protocol at a time, says the specification."""
    answers = {f"blocks-by-range/{version}": [Said(b"x", "01020304")] for version in (1, 2)}
    with ScriptedEngine(answers, greeting=greeting) as server, server.rumor() as rumor:
        assert eth2.blocks_by_range(rumor, "16Uiu", 0, 20, 2, parallel=parallel) == [b"x"] * 20
        assert server.most_at_once == most


def test_nothing_is_asked_for(engine: ScriptedEngine, rumor: Rumor) -> None:
    assert eth2.blocks_by_range(rumor, "16Uiu", 0, 0) == []
    assert eth2.blocks_by_root(rumor, "16Uiu", []) == []
    assert eth2.data_column_sidecars_by_root(rumor, "16Uiu", []) == []
    assert engine.asked == []


# -- the further rows -------------------------------------------------------------------------------------------------

ROOT = b"\7" * 32
RANGE = (2).to_bytes(8, "little") + (3).to_bytes(8, "little")
FURTHER: list[tuple[str, Callable[..., Any], tuple[Any, ...], bytes, int]] = [
    ("blocks-by-head/1", eth2.blocks_by_head, (ROOT, 3), ROOT + RANGE[8:], 3),
    ("blob-sidecars-by-range/1", eth2.blob_sidecars_by_range, (2, 3), RANGE, 1152),
    ("blob-sidecars-by-root/1", eth2.blob_sidecars_by_root, ([(ROOT.hex(), 2)],), ROOT + RANGE[:8], 1),
    (
        "data-column-sidecars-by-range/1",
        eth2.data_column_sidecars_by_range,
        (2, 3, [2, 3]),
        RANGE + b"\x14\0\0\0" + RANGE,
        6,
    ),
    (
        "data-column-sidecars-by-root/1",
        eth2.data_column_sidecars_by_root,
        ([(ROOT, [2, 3])],),
        b"\4\0\0\0" + ROOT + b"\x24\0\0\0" + RANGE,
        2,
    ),
    ("light-client-bootstrap/1", eth2.light_client_bootstrap, ("0x" + ROOT.hex(),), ROOT, 1),
    ("light-client-updates-by-range/1", eth2.light_client_updates_by_range, (2, 3), RANGE, 3),
    ("light-client-finality-update/1", eth2.light_client_finality_update, (), b"", 1),
    ("light-client-optimistic-update/1", eth2.light_client_optimistic_update, (), b"", 1),
    ("execution_payload_envelopes_by_range/1", eth2.execution_payload_envelopes_by_range, (2, 3), RANGE, 3),
    ("execution_payload_envelopes_by_root/1", eth2.execution_payload_envelopes_by_root, ([ROOT],), ROOT, 1),
    (
        "inclusion_lists_by_indices/1",
        eth2.inclusion_lists_by_indices,
        (2, ROOT, [True] + [False] * 15),
        RANGE[:8] + ROOT + b"\1\0",
        16,
    ),
]
SINGLE = ("bootstrap", "finality", "optimistic")


@pytest.mark.parametrize(("protocol", "ask", "args", "ssz", "most"), FURTHER, ids=[row[0] for row in FURTHER])
def test_further_rows(
    engine: ScriptedEngine, rumor: Rumor, protocol: str, ask: Any, args: tuple[Any, ...], ssz: bytes, most: int
) -> None:
    content = eth2.Ping(seq_number=9)
    engine.answers = {protocol: [Said(content.encode_bytes(), "0a0b0c0d")]}
    one = any(word in protocol for word in SINGLE)
    pair = (b"\n\x0b\x0c\r", content)
    assert ask(rumor, "16Uiu", *args) == (content.encode_bytes() if one else [content.encode_bytes()])
    assert ask(rumor, "16Uiu", *args, response=eth2.Ping) == (content if one else [content])
    assert ask(rumor, "16Uiu", *args, response={"0a0b0c0d": eth2.Ping}, contexts=True) == (pair if one else [pair])
    assert engine.requests() == [protocol] * 3
    assert (sent(engine), limits(engine)) == ([ssz] * 3, [most] * 3)
    asked = engine.asked[0].flags
    if "_" in protocol:  # no command of its own
        assert (engine.asked[0].words[0], asked["context"]) == ("any", "true")
    else:
        assert asked["raw"] == "true"
    engine.answers = {protocol: []}
    if one:
        with pytest.raises(eth2.RequestError, match="no chunk"):
            ask(rumor, "16Uiu", *args)
    else:
        assert ask(rumor, "16Uiu", *args) == []


def test_long_ranges(engine: ScriptedEngine, rumor: Rumor) -> None:
    engine.answers = {protocol: [] for protocol, *_ in FURTHER}
    eth2.blob_sidecars_by_range(rumor, "16Uiu", 0, 129)
    eth2.blob_sidecars_by_root(rumor, "16Uiu", [(ROOT, 0)] * 1153)
    eth2.data_column_sidecars_by_range(rumor, "16Uiu", 0, 129, range(128))
    eth2.data_column_sidecars_by_root(rumor, "16Uiu", [(ROOT, [0, 1])] * 129)
    eth2.light_client_updates_by_range(rumor, "16Uiu", 0, 129)
    eth2.execution_payload_envelopes_by_range(rumor, "16Uiu", 0, 129)
    eth2.execution_payload_envelopes_by_root(rumor, "16Uiu", [ROOT] * 129)
    assert limits(engine) == [1152, 1152, 1152, 1, 128 * 128, 128, 256, 2, 128, 1, 128, 1, 128, 1]


@pytest.mark.parametrize(
    ("ask", "args", "error", "text"),
    [
        (eth2.blocks_by_head, (ROOT, 129), ValueError, "count must be at most 128"),
        (eth2.blocks_by_head, (ROOT, 0), ValueError, "count must be 1 or more"),
        (eth2.blocks_by_head, (ROOT[1:], 1), ValueError, "beacon_root has 32 bytes"),
        (eth2.blocks_by_head, (5, 1), TypeError, "beacon_root"),
        (eth2.blocks_by_root, (ROOT,), TypeError, "roots must be an iterable"),
        (eth2.blocks_by_root, ([5],), TypeError, "a root"),
        (eth2.blocks_by_root, (["zz"],), ValueError, "a root is not hex"),
        (eth2.blocks_by_range, (64 / 2, 1), TypeError, "start_slot must be an int, not float"),
        (eth2.blocks_by_range, (0, "1"), TypeError, "count must be an int, not str"),
        (eth2.blocks_by_range, (0, 1, None), TypeError, "step must be an int"),
        (eth2.blocks_by_range, (2**64 - 1, 2), ValueError, "the last slot of the range"),
        (eth2.blob_sidecars_by_range, (2**64 - 1, 2), ValueError, "the end of the range"),
        (eth2.blob_sidecars_by_range, (0, None), TypeError, "count"),
        (eth2.blob_sidecars_by_root, (5,), TypeError, "identifiers"),
        (eth2.blob_sidecars_by_root, ([ROOT],), TypeError, "identifiers must be pairs"),
        (eth2.blob_sidecars_by_root, ([(ROOT, "1")],), TypeError, "the index of a blob"),
        (eth2.data_column_sidecars_by_range, (0, 1, 5), TypeError, "columns"),
        (eth2.data_column_sidecars_by_range, (0, 1, [128]), ValueError, "the index of a column must be at most 127"),
        (eth2.light_client_bootstrap, (None,), TypeError, "block_root"),
        (eth2.light_client_updates_by_range, ("1", 1), TypeError, "start_period"),
        (eth2.inclusion_lists_by_indices, ("1", ROOT, []), TypeError, "slot"),
        (eth2.goodbye, ("1",), TypeError, "reason must be an int, not str"),
        (eth2.goodbye, (2**64,), ValueError, "reason must be at most 18446744073709551615"),
        (eth2.ping, (1.0,), TypeError, "seq_number must be an int, not float"),
        (eth2.status, (eth2.Ping(),), TypeError, "ours must be a Status"),
        (eth2.status, (bytes(84),), TypeError, "ours must be a Status"),
    ],
)
def test_what_cannot_be(
    engine: ScriptedEngine, rumor: Rumor, ask: Any, args: tuple[Any, ...], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        ask(rumor, "16Uiu", *args)
    assert engine.asked == []


@pytest.mark.parametrize("peer_id", [5, None, b"16Uiu"])
def test_what_is_no_peer_id(engine: ScriptedEngine, rumor: Rumor, peer_id: Any) -> None:
    for ask, args in [(row[1], row[2]) for row in FURTHER] + [(eth2.blocks_by_range, (0, 1)), (eth2.status, ())]:
        with pytest.raises(TypeError, match="peer_id must be a str"):
            ask(rumor, peer_id, *args)
    for simple in (eth2.metadata, eth2.ping, eth2.goodbye):
        with pytest.raises(TypeError, match="peer_id must be a str"):
            simple(rumor, peer_id)
    assert engine.asked == []
