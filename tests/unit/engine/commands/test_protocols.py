"""The protocols of the commands: all from the one table, with Rumor's bounds where it has some."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.commands import protocols
from pyrum_sync.spec import methods
from pyrum_sync.spec.codec import SSZ, SSZ_SNAPPY


def test_each_method_of_the_table_that_is_scheduled_has_a_word() -> None:
    assert tuple(protocols.METHODS)[:6] == protocols.RUMORS
    unscheduled = {row.name for row in methods.METHODS if row.fork in ("gloas", "heze")}
    assert set(protocols.METHODS) == set(methods.NAMES) - unscheduled
    for name, method in protocols.METHODS.items():
        assert method.versions == tuple(reversed(methods.versions(name)))


def test_how_many_chunks_are_read_is_rumors_or_the_tables() -> None:
    assert [protocols.METHODS[name].chunks for name in protocols.RUMORS] == [0, 1, 1, 1, 20, 20]
    assert protocols.METHODS["blob-sidecars-by-range"].chunks == methods.method("blob-sidecars-by-range", 1).max_chunks


@pytest.mark.parametrize(("compression", "end", "limit"), [("snappy", "/ssz_snappy", 130), ("none", "/ssz", 84)])
def test_rumors_bounds_are_those_of_the_compressed_size(compression: str, end: str, limit: int) -> None:
    status = protocols.first("status", compression)
    assert status.id == "/eth2/beacon_chain/req/status/1" + end
    assert (status.chunk_limit, status.request_sizes, status.context, status.spoils) == (limit, (84, 84), False, True)
    assert protocols.METHODS["status"].protocol(2, compression).chunk_limit == 92
    assert not protocols.METHODS["status"].protocol(2, compression).spoils


def test_a_version_that_is_none() -> None:
    with pytest.raises(ValueError, match="metadata has no version 4; there is 1, 2, 3"):
        protocols.METHODS["metadata"].protocol(4, "snappy")


def test_a_request_without_content_is_no_bytes() -> None:
    assert protocols.first("metadata", "snappy").request(b"") == b""
    assert protocols.first("blocks-by-root", "snappy").request(b"") == b"\0"
    assert protocols.first("ping", "none").request(b"\1") == b"\1\1"


def test_a_chunk_is_written_as_it_is_asked_for() -> None:
    ping = protocols.first("ping", "none")
    assert ping.chunk(0, b"ab") == b"\0\2ab"
    assert ping.chunk(140, bytes(300)) == b"\x8c\xac\2" + bytes(300), "not cut, as an error's text is"
    assert ping.chunk(0, b"ab", b"\1\2\3\4") == b"\0\1\2\3\4\2ab"


def test_any_protocol_of_the_table_has_its_bounds() -> None:
    row = methods.method("execution-payload-envelopes-by-root", 1)
    found = protocols.any_of(row.protocol(SSZ), context=False)
    assert (found.id, found.encoding, found.context) == (row.protocol(SSZ), SSZ, True)
    assert (found.request_sizes, found.chunk_limit) == (row.request_sizes, row.response_sizes[1])
    assert found.decode_response(b"\1") == "01"


@pytest.mark.parametrize("context", [True, False])
@pytest.mark.parametrize(("name", "encoding"), [("/x/ssz", SSZ), ("/x/ssz_snappy", SSZ_SNAPPY), ("/x", SSZ_SNAPPY)])
def test_any_other_protocol(name: str, encoding: str, context: bool) -> None:
    found = protocols.any_of(name, context=context)
    assert (found.id, found.encoding, bool(found.context)) == (name, encoding, context)
    assert found.request_sizes == (0, 10 * 1024 * 1024)
    assert found.request(b"") == b""
