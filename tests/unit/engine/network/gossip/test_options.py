from __future__ import annotations

import pytest

from pyrum_sync.engine.network.gossip import options


def test_the_largest_message_fits_into_a_frame() -> None:
    assert options.MAX_COMPRESSED_SIZE == 12_233_418
    assert options.GossipOptions().max_frame == options.MAX_COMPRESSED_SIZE + 1024


def test_presets() -> None:
    eth2, rumor = options.ETH2, options.RUMOR
    assert (eth2.degree_low, eth2.degree, eth2.degree_high, eth2.heartbeat_seconds) == (6, 8, 12, 0.7)
    assert (eth2.history_length, eth2.history_gossip) == (6, 3)
    assert (rumor.degree_low, rumor.degree, rumor.degree_high, rumor.heartbeat_seconds) == (5, 6, 12, 1.0)
    assert (rumor.history_length, rumor.history_gossip, rumor.flood_publish) == (5, 3, False)


@pytest.mark.parametrize("wrong", [{"degree_low": 9}, {"degree": 13}, {"degree_low": -1}])
def test_degrees_ascend(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must ascend"):
        options.GossipOptions(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("gossip", [0, 7])
def test_no_more_is_advertised_than_kept(gossip: int) -> None:
    with pytest.raises(ValueError, match="history_gossip"):
        options.GossipOptions(history_gossip=gossip)
