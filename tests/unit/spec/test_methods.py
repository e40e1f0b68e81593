"""The table of requests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pyrum_sync.spec import methods
from pyrum_sync.spec.methods import METHODS, NAMES, PREFIX, Method, by_protocol, method, versions

EVERY_ROW = pytest.mark.parametrize("row", METHODS, ids=lambda row: f"{row.name} {row.version}")

# After ethereum/consensus-specs, p2p-interface.md of each fork: protocol, chunks at most, whether with context.
PROTOCOLS = {
    "status/1": (1, False),
    "status/2": (1, False),
    "goodbye/1": (1, False),
    "ping/1": (1, False),
    "metadata/1": (1, False),
    "metadata/2": (1, False),
    "metadata/3": (1, False),
    "beacon_blocks_by_range/1": (1024, False),
    "beacon_blocks_by_range/2": (128, True),
    "beacon_blocks_by_root/1": (1024, False),
    "beacon_blocks_by_root/2": (128, True),
    "beacon_blocks_by_head/1": (128, True),
    "blob_sidecars_by_range/1": (1152, True),
    "blob_sidecars_by_root/1": (1152, True),
    "data_column_sidecars_by_range/1": (16384, True),
    "data_column_sidecars_by_root/1": (16384, True),
    "light_client_bootstrap/1": (1, True),
    "light_client_updates_by_range/1": (128, True),
    "light_client_finality_update/1": (1, True),
    "light_client_optimistic_update/1": (1, True),
    "execution_payload_envelopes_by_range/1": (128, True),
    "execution_payload_envelopes_by_root/1": (128, True),
    "inclusion_lists_by_indices/1": (16, True),
}


def test_every_protocol_is_there_once() -> None:
    rows = {f"{row.wire_name}/{row.version}": (row.max_chunks, row.context) for row in METHODS}
    assert rows == PROTOCOLS
    assert len(METHODS) == len(PROTOCOLS)


@EVERY_ROW
def test_a_protocol_id_leads_back_to_its_row(row: Method) -> None:
    assert row.protocol() == f"/eth2/beacon_chain/req/{row.wire_name}/{row.version}/ssz_snappy"
    assert row.protocol("ssz") == f"{PREFIX}{row.wire_name}/{row.version}/ssz"
    for encoding in ("ssz_snappy", "ssz"):
        assert by_protocol(row.protocol(encoding)) == (row, encoding)


@pytest.mark.parametrize(
    "protocol", ["", "/meshsub/1.1.0", PREFIX + "status/9/ssz_snappy", PREFIX + "status/1/ssz_zip"]
)
def test_any_other_protocol_is_none(protocol: str) -> None:
    assert by_protocol(protocol) is None


@EVERY_ROW
def test_the_name_is_that_of_the_protocol_as_rumor_writes_it(row: Method) -> None:
    assert row.wire_name.removeprefix("beacon_").replace("_", "-") == row.name


def test_the_versions_of_a_method_begin_with_the_newest() -> None:
    assert [row.version for row in versions("metadata")] == [3, 2, 1]
    assert versions("blocks_by_range") == versions("blocks-by-range")
    assert [name for name in NAMES if name.startswith("blocks")] == [
        "blocks-by-range",
        "blocks-by-root",
        "blocks-by-head",
    ]
    for name in NAMES:
        numbers = [row.version for row in versions(name)]
        assert numbers == sorted(numbers, reverse=True)
        assert [method(name, number) for number in numbers] == list(versions(name))


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="'nonsense' is not a method; those are status, goodbye, ping"):
        versions("nonsense")
    with pytest.raises(ValueError, match="metadata has no version 4; there is 1, 2, 3"):
        method("metadata", 4)


@EVERY_ROW
def test_the_sizes_are_those_of_the_containers(row: Method) -> None:
    request, response = row.request_container(), row.response_container()
    if request is None:
        assert row.request_sizes == (0, 0)
    else:
        smallest, largest = request.min_byte_length(), request.max_byte_length()
        if (row.name, row.version) == ("blocks-by-root", 2):
            assert largest == 1024 * 32
            largest = 128 * 32  # since Deneb
        assert row.request_sizes == (smallest, largest)
    if response is not None:
        assert row.response_sizes == (response.min_byte_length(), response.max_byte_length())


def test_what_is_deprecated() -> None:
    assert {(row.name, row.version) for row in METHODS if row.deprecated} == {
        ("blocks-by-range", 1),
        ("blocks-by-root", 1),
        ("blob-sidecars-by-range", 1),
        ("blob-sidecars-by-root", 1),
    }


def test_the_table_does_not_load_remerkleable() -> None:
    code = f"import sys, {methods.__name__}, pyrum_sync.spec.codec; sys.exit('remerkleable' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
