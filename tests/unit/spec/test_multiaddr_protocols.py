"""The table of multiaddr's protocols."""

from __future__ import annotations

from pyrum_sync.spec.multiaddr_protocols import BY_CODE, BY_NAME, FOREIGN, PARTS


def test_every_protocol_has_a_number_and_a_name_of_its_own() -> None:
    assert len(BY_CODE) == len({part.name for part in PARTS}) == len(PARTS)
    assert len(BY_NAME) == len(PARTS) + 1
    assert BY_NAME["ipfs"] is BY_NAME["p2p"]


def test_what_is_refused_by_name_is_not_read() -> None:
    assert not BY_CODE.keys() & FOREIGN.keys()
    assert not BY_NAME.keys() & set(FOREIGN.values())
    assert len(set(FOREIGN.values())) == len(FOREIGN)
