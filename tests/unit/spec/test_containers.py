"""The containers: their fields on the wire, and what mypy is shown of them."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest

from pyrum_sync.spec import containers
from pyrum_sync.spec.containers import (
    BlobIdentifier,
    BlobSidecarsByRootRequest,
    BlocksByHeadRequest,
    BlocksByRootRequest,
    DataColumnsByRootIdentifier,
    DataColumnSidecarsByRootRequest,
    Goodbye,
    InclusionListsByIndicesRequest,
    LightClientBootstrapRequest,
    MetaDataV3,
    Ping,
    Status,
    StatusV2,
)

ROOT, OTHER = bytes(range(32)), bytes(range(32, 64))


def test_status_of_both_versions() -> None:
    v1 = Status(fork_digest="0x8c9f62fe", finalized_root=ROOT, finalized_epoch=1, head_root=OTHER, head_slot=2)
    assert v1.encode_bytes() == (
        bytes.fromhex("8c9f62fe") + ROOT + (1).to_bytes(8, "little") + OTHER + (2).to_bytes(8, "little")
    )
    v2 = StatusV2.decode_bytes(v1.encode_bytes() + (3).to_bytes(8, "little"))
    assert (v2.fork_digest.hex(), v2.head_slot, v2.earliest_available_slot) == ("8c9f62fe", 2, 3)


def test_what_is_left_out_is_zero() -> None:
    assert Status().encode_bytes() == bytes(84)
    assert StatusV2().encode_bytes() == bytes(92)
    assert MetaDataV3().encode_bytes() == bytes(25)


def test_a_container_of_one_field_is_encoded_as_that_field() -> None:
    assert Ping(seq_number=258).encode_bytes() == Goodbye(reason=258).encode_bytes() == b"\x02\x01" + bytes(6)
    assert LightClientBootstrapRequest(block_root=ROOT).encode_bytes() == ROOT


def test_the_bits_of_metadata() -> None:
    metadata = MetaDataV3(
        seq_number=1,
        attnets=[number in (6, 63) for number in range(64)],
        syncnets=[True, False, False, True],
        custody_group_count=4,
    )
    assert metadata.encode_bytes().hex() == "0100000000000000" + "4000000000000080" + "09" + "0400000000000000"
    assert [number for number, bit in enumerate(metadata.attnets) if bit] == [6, 63]


def test_lists_are_their_items_end_to_end() -> None:
    assert BlocksByRootRequest(ROOT, OTHER).encode_bytes() == ROOT + OTHER
    assert BlocksByRootRequest().encode_bytes() == b""
    assert BlocksByHeadRequest(beacon_root=ROOT, count=1).encode_bytes() == ROOT + b"\x01" + bytes(7)
    identifiers = BlobSidecarsByRootRequest(BlobIdentifier(block_root=ROOT, index=1), BlobIdentifier(index=2))
    assert identifiers.encode_bytes() == ROOT + b"\x01" + bytes(7) + bytes(32) + b"\x02" + bytes(7)


def test_lists_of_lists_begin_with_offsets() -> None:
    request = DataColumnSidecarsByRootRequest(DataColumnsByRootIdentifier(block_root=ROOT, columns=[5]))
    offset, columns = b"\x04\0\0\0", b"\x24\0\0\0" + b"\x05" + bytes(7)
    assert request.encode_bytes() == offset + ROOT + columns
    assert DataColumnSidecarsByRootRequest.decode_bytes(request.encode_bytes()) == request


def test_the_members_of_a_committee() -> None:
    request = InclusionListsByIndicesRequest(slot=1, dependent_root=ROOT, indices=[True] * 9 + [False] * 7)
    assert request.encode_bytes() == b"\x01" + bytes(7) + ROOT + b"\xff\x01"


def test_a_field_that_there_is_not() -> None:
    # mypy finds each of these, too: an ignore that it does not need would be an error.
    with pytest.raises(AttributeError, match="head_slott"):
        Status(head_slott=1)  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match="earliest_available_slot"):
        print(Status().earliest_available_slot)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="reasons"):
        Goodbye().reasons = 1  # type: ignore[attr-defined]


def shown(node: ast.ClassDef) -> list[str] | None:
    """The parameters that mypy is shown of a container's constructor."""
    for statement in ast.walk(node):
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            assert not statement.args.args[1:], "by name only"
            return [each.arg for each in statement.args.kwonlyargs]
    return None


def test_what_mypy_is_shown_are_the_fields() -> None:
    checked = 0
    for node in ast.parse(inspect.getsource(containers)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        container: Any = getattr(containers, node.name)
        if issubclass(container, containers.Container):
            fields = list(container.fields())
            assert shown(node) == fields, node.name
            checked += 1
    assert checked == 17


def test_everything_is_exported() -> None:
    names = {name for name, each in vars(containers).items() if getattr(each, "__module__", "") == containers.__name__}
    assert names - set(containers.__all__) <= {"_T_co", "__annotate__"}  # its own, from Python 3.14 on
