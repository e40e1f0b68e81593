"""What we say of ourselves."""

from __future__ import annotations

import pytest

from pyrum_sync.probing.ours import answer, decode_status, first_status, like_theirs, same_chain
from pyrum_sync.spec.containers import MetaData, MetaDataV2, MetaDataV3, Ping, Status, StatusV2
from pyrum_sync.spec.enr import ForkId, Record
from pyrum_sync.spec.networks import NETWORKS

RECORD = Record.make(b"\1" * 32, eth2=ForkId(b"\1\2\3\4", bytes(4), 5))
THEIRS = Status(
    fork_digest=b"\5" * 4, finalized_root=b"\6" * 32, finalized_epoch=7, head_root=b"\x08" * 32, head_slot=9
)


def test_the_digest_of_the_record_else_of_the_network_else_zeros() -> None:
    network = NETWORKS["mainnet"]
    assert first_status(RECORD, network) == StatusV2(fork_digest=b"\1\2\3\4")
    assert first_status(Record.make(b"\1" * 32), network) == StatusV2(fork_digest=network.fork_digest())
    assert first_status(None, network) == StatusV2(fork_digest=network.fork_digest())
    assert first_status(None, None) == StatusV2()


def test_one_like_theirs_claims_no_block_before_its_head() -> None:
    ours = like_theirs(THEIRS)
    assert ours.earliest_available_slot == 9
    assert same_chain(ours, THEIRS)
    assert like_theirs(StatusV2(head_slot=9, earliest_available_slot=3)).earliest_available_slot == 9


def test_what_may_be_hung_up_over() -> None:
    assert same_chain(THEIRS, THEIRS)
    assert not same_chain(first_status(None, None), THEIRS)
    assert not same_chain(StatusV2(fork_digest=b"\5" * 4), THEIRS)


def test_their_requests_are_answered_in_their_version() -> None:
    ours = like_theirs(THEIRS)
    assert Status.decode_bytes(answer("status", 1, ours)) == THEIRS
    assert StatusV2.decode_bytes(answer("status", 2, ours)) == ours
    assert StatusV2.decode_bytes(answer("status", 2, THEIRS)).head_slot == 9
    assert answer("metadata", 1, ours) == MetaData().encode_bytes()
    assert answer("metadata", 2, ours) == MetaDataV2().encode_bytes()
    assert MetaDataV3.decode_bytes(answer("metadata", 3, ours)).custody_group_count == 4  # less is not valid
    assert answer("ping", 1, ours) == Ping().encode_bytes()


@pytest.mark.parametrize("size", [0, 83, 85, 91, 93])
def test_a_status_of_either_version(size: int) -> None:
    assert decode_status(THEIRS.encode_bytes()) == THEIRS
    assert decode_status(like_theirs(THEIRS).encode_bytes()) == like_theirs(THEIRS)
    assert decode_status(bytes(size)) is None
