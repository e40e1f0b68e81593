"""What entries show of requests and responses: Rumor's forms of the first versions, else the container's fields."""

from __future__ import annotations

from typing import Any

import pytest

from pyrum_sync.engine.commands import decoded
from pyrum_sync.engine.commands.eth2 import DecodeError
from pyrum_sync.spec import containers as c
from pyrum_sync.spec.methods import METHODS, Method, method

ROOT = bytes(range(32))
HEX = f"0x{ROOT.hex()}"
RANGE = c.BlocksByRangeRequest(start_slot=1, count=2, step=1)
STATUS = {"fork_digest": "0x01020304", "finalized_root": HEX, "finalized_epoch": 5, "head_root": HEX, "head_slot": 7}


def status(**more: Any) -> dict[str, Any]:
    values = {"fork_digest": b"\1\2\3\4", "finalized_root": ROOT, "finalized_epoch": 5, "head_root": ROOT}
    return {**values, "head_slot": 7, **more}


@pytest.mark.parametrize(
    ("name", "version", "value", "shown"),
    [
        ("status", 1, c.Status(**status()), STATUS),
        ("status", 2, c.StatusV2(**status(earliest_available_slot=3)), {**STATUS, "earliest_available_slot": 3}),
        ("metadata", 1, c.MetaData(seq_number=2), {"seq_number": 2, "attnets": "0x0000000000000000"}),
        (
            "metadata",
            3,
            c.MetaDataV3(seq_number=2, syncnets=[True, False, True, False], custody_group_count=64),
            {"seq_number": 2, "attnets": "0x0000000000000000", "syncnets": "0x05", "custody_group_count": 64},
        ),
        ("ping", 1, c.Ping(seq_number=9), 9),
    ],
)
def test_responses(name: str, version: int, value: Any, shown: Any) -> None:
    assert decoded.response_decoder(method(name, version))(value.encode_bytes()) == shown


@pytest.mark.parametrize(
    ("name", "version", "value", "shown"),
    [
        ("blocks-by-range", 1, RANGE, {"StartSlot": 1, "Count": 2, "Step": 1}),
        ("blocks-by-range", 2, RANGE, {"start_slot": 1, "count": 2, "step": 1}),
        ("blocks-by-root", 2, c.BlocksByRootRequest(ROOT, ROOT), [HEX, HEX]),
        ("blocks-by-head", 1, c.BlocksByHeadRequest(beacon_root=ROOT, count=2), {"beacon_root": HEX, "count": 2}),
        (
            "data-column-sidecars-by-range",
            1,
            c.DataColumnSidecarsByRangeRequest(start_slot=1, count=2, columns=[3, 4]),
            {"start_slot": 1, "count": 2, "columns": [3, 4]},
        ),
        (
            "blob-sidecars-by-root",
            1,
            c.BlobSidecarsByRootRequest(c.BlobIdentifier(block_root=ROOT, index=3)),
            [{"block_root": HEX, "index": 3}],
        ),
        ("light-client-bootstrap", 1, c.LightClientBootstrapRequest(block_root=ROOT), {"block_root": HEX}),
    ],
)  # fmt: skip
def test_requests(name: str, version: int, value: Any, shown: Any) -> None:
    assert decoded.request_decoder(method(name, version))(value.encode_bytes()) == shown


def test_what_depends_on_the_fork_is_hex() -> None:
    assert decoded.response_decoder(method("blocks-by-range", 2))(b"\1\2") == "0102"
    with pytest.raises(DecodeError, match="use --raw"):  # a real Rumor shows its fields
        decoded.response_decoder(method("blocks-by-range", 1))(b"\1\2")


def test_a_request_without_content() -> None:
    assert decoded.request_decoder(method("metadata", 3))(b"") is None
    assert decoded.request_decoder(method("light-client-finality-update", 1))(b"") is None


def test_rumors_first_versions_read_as_much_as_they_need() -> None:
    assert decoded.response_decoder(method("ping", 1))(bytes(8) + b"more") == 0


NEWER = [row for row in METHODS if row.version > 1 or row.fork not in ("phase0",)]


@pytest.mark.parametrize("row", [row for row in NEWER if row.request], ids=Method.protocol)
def test_requests_of_a_wrong_form(row: Method) -> None:
    wrong = b"\xff" * (row.request_sizes[0] or 1)
    decode = decoded.request_decoder(row)
    for data in (wrong + b"\xff", wrong[:-1] + bytes(31)):
        with pytest.raises(DecodeError, match=f"of {row.name}/{row.version}"):
            decode(data)
