"""The faults as exceptions."""

from __future__ import annotations

import copy
import pickle

import pytest

from pyrum_sync.spec import malformed
from pyrum_sync.spec.codec import Chunk

KINDS = [
    kind
    for kind in vars(malformed).values()
    if isinstance(kind, type) and issubclass(kind, malformed.Malformed) and kind is not malformed.Malformed
]


def test_there_is_one_for_each_fault() -> None:
    assert len(KINDS) == 8
    assert not issubclass(malformed.CompressionMissing, ValueError), "what is not installed is not the peer's fault"


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_is_a_value_error_that_passes_between_processes(kind: type[malformed.Malformed]) -> None:
    error = kind("why")
    error.chunks = [Chunk(0, b"x")]
    assert isinstance(error, ValueError)
    for same in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(same), str(same), same.chunks) == (kind, "why", error.chunks)


def test_what_is_missing_can_be_pickled() -> None:
    assert "pyrum-sync[engine]" in str(pickle.loads(pickle.dumps(malformed.CompressionMissing())))
