from __future__ import annotations

import hashlib
import time
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.engine.network.gossip.ids import Eth2Rules, RumorRules, topic_rules
from pyrum_sync.engine.network.gossip.options import MAX_PAYLOAD_SIZE
from pyrum_sync.spec.snappy import compress_block

BLOCKS = "/eth2/0a0b0c0d/beacon_block/ssz_snappy"


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@given(st.binary(max_size=500))
def test_altair(content: bytes) -> None:
    prefix = b"\x01\x00\x00\x00" + len(BLOCKS).to_bytes(8, "little") + BLOCKS.encode()
    assert topic_rules()(BLOCKS).identify(compress_block(content)) == (sha256(prefix + content)[:20], content)


@given(st.binary(max_size=500))
def test_phase_0(content: bytes) -> None:
    rules = topic_rules({"0a0b0c0d"})(BLOCKS)
    assert rules.identify(compress_block(content)) == (sha256(b"\x01\x00\x00\x00" + content)[:20], content)


def test_what_does_not_decompress() -> None:
    prefix = b"\x00\x00\x00\x00" + len(BLOCKS).to_bytes(8, "little") + BLOCKS.encode()
    assert topic_rules()(BLOCKS).identify(b"\x05") == (sha256(prefix + b"\x05")[:20], None)
    assert topic_rules({"0a0b0c0d"})(BLOCKS).identify(b"\x05") == (sha256(bytes(4) + b"\x05")[:20], None)


def test_more_than_10_mib_counts_as_not_decompressing() -> None:
    data = compress_block(bytes(MAX_PAYLOAD_SIZE + 1))
    prefix = b"\x00\x00\x00\x00" + len(BLOCKS).to_bytes(8, "little") + BLOCKS.encode()
    assert topic_rules()(BLOCKS).identify(data) == (sha256(prefix + data)[:20], None)


def test_the_digest_decides_between_forks() -> None:
    rules = topic_rules(["b5303f2a"])
    data = compress_block(b"block")
    phase0 = rules("/eth2/b5303f2a/beacon_block/ssz_snappy").identify(data)
    assert phase0 == rules("/eth2/b5303f2a/voluntary_exit/ssz_snappy").identify(data)
    altair = rules("/eth2/afcaaba0/beacon_block/ssz_snappy").identify(data)
    assert altair != rules("/eth2/afcaaba0/voluntary_exit/ssz_snappy").identify(data)


@given(st.binary(max_size=500))
def test_rumor(data: bytes) -> None:
    assert RumorRules("chat").identify(data) == (urlsafe_b64encode(sha256(data)), data)


@pytest.mark.parametrize("topic", ["chat_snappy", "eth2/0a0b0c0d/beacon_block/ssz_snappy"])
def test_rumor_compressed(topic: str) -> None:
    rules = topic_rules()(topic)
    data = compress_block(b"hello")
    assert rules.identify(data) == (urlsafe_b64encode(sha256(data)), b"hello")
    assert rules.identify(b"hello") == (urlsafe_b64encode(sha256(b"hello")), None)
    assert not rules.anonymous
    assert not rules.must_decompress


def test_an_eth2_topic_without_compression() -> None:
    rules = Eth2Rules("/eth2/0a0b0c0d/beacon_block/ssz")
    assert not rules.must_decompress
    assert rules.identify(b"plain")[1] == b"plain"
    assert rules.identify(compress_block(b"plain"))[1] == compress_block(b"plain")


def test_who_is_anonymous() -> None:
    assert topic_rules()(BLOCKS).anonymous
    assert topic_rules()(BLOCKS).must_decompress
    assert topic_rules()(BLOCKS).seen_seconds == 768
    assert topic_rules()("chat").seen_seconds == 120


def test_a_bomb_costs_little() -> None:
    # 10 MiB, it says
    bomb = b"\x80\x80\x80\x05" + bytes(50)
    rules = RumorRules("chat_snappy")
    began = time.process_time()
    for _ in range(50_000):
        assert rules.identify(bomb)[1] is None
    assert time.process_time() - began < 2


def test_the_best_compression_is_possible() -> None:
    zeros = bytes(MAX_PAYLOAD_SIZE)
    assert Eth2Rules(BLOCKS).identify(compress_block(zeros))[1] == zeros
