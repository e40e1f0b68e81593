"""The public networks, from their published configurations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from pyrum_sync.spec.network import Network


def _network(
    name: str,
    *,
    genesis_validators_root: str,
    genesis_time: int,
    forks: Mapping[str, tuple[str, int]],
    blobs: Mapping[int, int],
    source: str,
) -> Network:
    config: dict[str, object] = {"CONFIG_NAME": name, "MAX_BLOBS_PER_BLOCK_ELECTRA": 9}
    for fork, (version, epoch) in forks.items():
        config[f"{fork}_FORK_VERSION"] = version
        config[f"{fork}_FORK_EPOCH"] = epoch
    config["BLOB_SCHEDULE"] = [{"EPOCH": epoch, "MAX_BLOBS_PER_BLOCK": most} for epoch, most in blobs.items()]
    network = Network.from_config(config, genesis_validators_root=genesis_validators_root, genesis_time=genesis_time)
    return replace(network, source=source)


_MAINNET: Final = _network(
    "mainnet",
    genesis_validators_root="4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95",
    genesis_time=1606824023,
    forks={
        "GENESIS": ("00000000", 0),
        "ALTAIR": ("01000000", 74240),
        "BELLATRIX": ("02000000", 144896),
        "CAPELLA": ("03000000", 194048),
        "DENEB": ("04000000", 269568),
        "ELECTRA": ("05000000", 364032),
        "FULU": ("06000000", 411392),
    },
    blobs={412672: 15, 419072: 21},
    source="ethereum/consensus-specs configs/mainnet.yaml, 2026-08-07; genesis: eth-clients/mainnet, 2025-05-06",
)

_SEPOLIA: Final = _network(
    "sepolia",
    genesis_validators_root="d8ea171f3c94aea21ebc42a1ed61052acf3f9209c00e4efbaaddac09ed9b8078",
    genesis_time=1655733600,
    forks={
        "GENESIS": ("90000069", 0),
        "ALTAIR": ("90000070", 50),
        "BELLATRIX": ("90000071", 100),
        "CAPELLA": ("90000072", 56832),
        "DENEB": ("90000073", 132608),
        "ELECTRA": ("90000074", 222464),
        "FULU": ("90000075", 272640),
        "GLOAS": ("90000076", 353024),
    },
    blobs={274176: 15, 275712: 21},
    source="eth-clients/sepolia metadata/config.yaml at 00d17b4337cc (pull request 126, 2026-09-17); genesis: README",
)

_HOLESKY: Final = _network(
    "holesky",
    genesis_validators_root="9143aa7c615a7f7115e2b6aac319c03529df8242ae705fba9df39b79c59fa8b1",
    genesis_time=1695902400,
    forks={
        "GENESIS": ("01017000", 0),
        "ALTAIR": ("02017000", 0),
        "BELLATRIX": ("03017000", 0),
        "CAPELLA": ("04017000", 256),
        "DENEB": ("05017000", 29696),
        "ELECTRA": ("06017000", 115968),
        "FULU": ("07017000", 165120),
    },
    blobs={166400: 15, 167936: 21},
    source="eth-clients/holesky metadata/config.yaml, 2025-09-23; genesis: ethereum/go-ethereum beacon/params",
)

_HOODI: Final = _network(
    "hoodi",
    genesis_validators_root="212f13fc4df078b6cb7db228f1c8307566dcecf900867401a92023d7ba99cb5f",
    # MIN_GENESIS_TIME 1742212800 + GENESIS_DELAY 600; go-ethereum's table leaves the delay out.
    genesis_time=1742213400,
    forks={
        "GENESIS": ("10000910", 0),
        "ALTAIR": ("20000910", 0),
        "BELLATRIX": ("30000910", 0),
        "CAPELLA": ("40000910", 0),
        "DENEB": ("50000910", 0),
        "ELECTRA": ("60000910", 2048),
        "FULU": ("70000910", 50688),
    },
    blobs={52480: 15, 54016: 21},
    source="eth-clients/hoodi, 2025-04-08; Fulu: sigp/lighthouse built_in_network_configs/hoodi at 044b604f9400",
)

__all__ = ["NETWORKS", "Network"]

NETWORKS: Final[Mapping[str, Network]] = MappingProxyType(
    {network.name: network for network in (_MAINNET, _SEPOLIA, _HOLESKY, _HOODI)}
)
"""The public networks by their names: mainnet, sepolia, holesky, hoodi."""
