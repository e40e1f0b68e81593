"""The public networks, held against digests that others published."""

from __future__ import annotations

import pytest

from pyrum_sync.spec.networks import NETWORKS

# Mainnet. Phase 0: eth-clients/mainnet, README. Altair to Fulu: the topics in Prysm's p2p tests; Fulu and the changes
# of blob parameters: Nethermind's ForkDigestTests (2026); the last is in the records of mainnet's nodes today.
# Sepolia. Phase 0: eth-clients/sepolia, README. fulu+bpo2 and gloas: seen in a record of Lodestar's node, 2026-10-01.
# Hoodi. fulu+bpo2: seen in nodes' records and topics in 2026.
PUBLISHED = {
    "mainnet": [
        (0, "b5303f2a", "phase0"),
        (74239, "b5303f2a", "phase0"),
        (74240, "afcaaba0", "altair"),
        (144896, "4a26c58b", "bellatrix"),
        (194048, "bba4da96", "capella"),
        (269568, "6a95a1a9", "deneb"),
        (364032, "ad532ceb", "electra"),
        (411391, "ad532ceb", "electra"),
        (411392, "cc2c5cdb", "fulu"),
        (412671, "cc2c5cdb", "fulu"),
        (412672, "cb0d1acc", "fulu+bpo1"),
        (419072, "8c9f62fe", "fulu+bpo2"),
        (500000, "8c9f62fe", "fulu+bpo2"),
    ],
    "sepolia": [
        (0, "a8fee8ee", "phase0"),
        (350000, "74d01459", "fulu+bpo2"),
        (353023, "74d01459", "fulu+bpo2"),
        (353024, "669e6c11", "gloas"),
    ],
    "hoodi": [(54016, "c6ecb76c", "fulu+bpo2")],
    "holesky": [(29696, "69ae0e99", "deneb"), (115968, "019e21ad", "electra")],
}


@pytest.mark.parametrize(
    ("name", "epoch", "digest", "fork"), [(name, *each) for name, digests in PUBLISHED.items() for each in digests]
)
def test_a_published_digest(name: str, epoch: int, digest: str, fork: str) -> None:
    network = NETWORKS[name]
    assert network.fork_digest(epoch).hex() == digest
    assert network.fork_of(digest) == fork


def test_the_networks_have_nothing_in_common() -> None:
    assert list(NETWORKS) == ["mainnet", "sepolia", "holesky", "hoodi"]
    for name, network in NETWORKS.items():
        assert network.name == name
        assert network.source
        for other in NETWORKS.values():
            if other is not network:
                assert other.fork_of(network.fork_digest()) is None


@pytest.mark.parametrize(
    ("name", "genesis"),
    [("mainnet", 1606824023), ("sepolia", 1655733600), ("holesky", 1695902400), ("hoodi", 1742213400)],
)
def test_genesis(name: str, genesis: int) -> None:
    network = NETWORKS[name]
    assert network.genesis_time == genesis
    assert len(network.genesis_validators_root) == 32
    assert network.epoch(genesis + 384 * 7 + 383) == 7


def test_fulu_on_mainnet_came_on_the_third_of_december_2025() -> None:
    mainnet = NETWORKS["mainnet"]
    assert mainnet.fork(now=1764798551 - 1).name == "electra"
    assert mainnet.fork(now=1764798551).name == "fulu"
