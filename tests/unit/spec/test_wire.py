"""What Prysm and Lodestar sent on the wire, decoded, and encoded again to the same SSZ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pyrum_sync.spec import containers
from pyrum_sync.spec.blocks import block_summary
from pyrum_sync.spec.codec import Chunk, RequestDecoder, ResponseDecoder, encode_chunk, encode_error, encode_request
from pyrum_sync.spec.forks import fork_digest
from pyrum_sync.spec.malformed import CompressionMissing, TooShort
from pyrum_sync.spec.methods import Method, by_protocol

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "eth2-wire.json").read_text(encoding="utf-8")
)
REQUESTS = [
    pytest.param(request, id=f"{target}: {request['name']}")
    for target, each in VECTORS["targets"].items()
    for request in each["requests"]
]
ASKED = [
    pytest.param(request, id=f"{target}: {request['protocol']}")
    for target, each in VECTORS["targets"].items()
    for request in each["asked_by_peer"]
]


def method_of(protocol: str) -> Method:
    found = by_protocol(protocol)
    assert found is not None, protocol
    return found[0]


def chunk_of(recorded: dict[str, Any]) -> Chunk:
    context = recorded.get("context")
    return Chunk(recorded["result"], bytes.fromhex(recorded["ssz"]), bytes.fromhex(context) if context else None)


@pytest.mark.parametrize("recorded", REQUESTS)
@pytest.mark.usefixtures("cramjam")
def test_a_request_that_was_sent(recorded: dict[str, Any]) -> None:
    wire, ssz = bytes.fromhex(recorded["request_wire"]), bytes.fromhex(recorded["request_ssz"])
    row = method_of(recorded["protocol"])
    if not wire and ssz:
        return  # the protocol was not supported: nothing was sent
    if recorded["name"].endswith("too short"):
        with pytest.raises(TooShort):
            RequestDecoder.of(row).feed(wire)
        return
    for step in (1, len(wire) or 1):
        decoder = RequestDecoder.of(row)
        for start in range(0, len(wire), step):
            decoder.feed(wire[start : start + step])
        assert decoder.finish() == ssz


@pytest.mark.parametrize("recorded", ASKED)
@pytest.mark.usefixtures("cramjam")
def test_a_request_of_the_peer(recorded: dict[str, Any]) -> None:
    decoder = RequestDecoder.of(method_of(recorded["protocol"]))
    decoder.feed(bytes.fromhex(recorded["wire"]))
    assert decoder.finish() == bytes.fromhex(recorded["ssz"])


@pytest.mark.parametrize("recorded", REQUESTS)
@pytest.mark.usefixtures("cramjam")
def test_a_response_that_came(recorded: dict[str, Any]) -> None:
    wire, chunks = bytes.fromhex(recorded["response_wire"]), [chunk_of(each) for each in recorded["chunks"]]
    row = method_of(recorded["protocol"])
    for step in (1, len(wire) or 1):
        decoder = ResponseDecoder.of(row)
        came = [chunk for start in range(0, len(wire), step) for chunk in decoder.feed(wire[start : start + step])]
        decoder.finish()
        assert came == chunks


@pytest.mark.parametrize("recorded", REQUESTS)
def test_the_same_is_sent_and_read_again(recorded: dict[str, Any], library: str) -> None:
    row = method_of(recorded["protocol"])
    ssz, chunks = bytes.fromhex(recorded["request_ssz"]), [chunk_of(each) for each in recorded["chunks"]]
    if not recorded["name"].endswith("too short"):
        decoder = RequestDecoder.of(row)
        decoder.feed(encode_request(ssz if row.request else None))
        assert decoder.finish() == ssz, library
    wire = b"".join(
        encode_error(chunk.result, chunk.ssz) if chunk.result else encode_chunk(chunk.ssz, context=chunk.context)
        for chunk in chunks
    )
    assert ResponseDecoder.of(row).feed(wire) == chunks


@pytest.mark.usefixtures("pure")
def test_without_cramjam_a_compressed_answer_says_what_to_install() -> None:
    recorded = VECTORS["targets"]["prysm_fulu"]["requests"][7]
    assert len(recorded["chunks"]) == 3
    with pytest.raises(CompressionMissing, match=r"pyrum-sync\[engine\]"):
        ResponseDecoder.of(method_of(recorded["protocol"])).feed(bytes.fromhex(recorded["response_wire"]))


def plain(value: Any) -> Any:
    """An SSZ value as the vectors write it."""
    if isinstance(value, int):
        return int(value)
    encoded: bytes = value.encode_bytes()
    return encoded.hex()


@pytest.mark.parametrize("recorded", REQUESTS)
def test_the_containers_read_the_same_as_was_recorded(recorded: dict[str, Any]) -> None:
    row = method_of(recorded["protocol"])
    for chunk in recorded["chunks"]:
        if chunk["result"]:
            assert chunk_of(chunk).text == chunk["means"]
        elif row.response is not None:
            means = row.response_container().decode_bytes(bytes.fromhex(chunk["ssz"]))
            assert {name: plain(getattr(means, name)) for name in means.fields()} == chunk["means"]
            assert means.encode_bytes().hex() == chunk["ssz"]
        elif "blocks" in row.name:
            summary = block_summary(bytes.fromhex(chunk["ssz"]))
            got = {
                name: value.hex() if isinstance(value, bytes) else value for name, value in summary._asdict().items()
            }
            assert {name: chunk["means"][name] for name in got if name in chunk["means"]} == {
                name: value for name, value in got.items() if name in chunk["means"]
            }
            assert len({"slot", "proposer_index", "parent_root", "state_root"} & set(chunk["means"])) == 4


def test_a_request_with_a_list_in_a_container() -> None:
    recorded = next(
        each for each in VECTORS["targets"]["prysm_fulu"]["requests"] if each["name"] == "columns_by_range/1"
    )
    request = containers.DataColumnSidecarsByRangeRequest(start_slot=1, count=3, columns=[0, 1])
    assert request.encode_bytes().hex() == recorded["request_ssz"]


@pytest.mark.parametrize("recorded", VECTORS["fork_digests"], ids=lambda each: str(each["digest"]))
def test_a_fork_digest_of_prysm(recorded: dict[str, Any]) -> None:
    assert (
        fork_digest(recorded["fork_version"], recorded["genesis_validators_root"], recorded["blob_parameters"]).hex()
        == recorded["digest"]
    )
