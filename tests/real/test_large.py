"""Large and many."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pyrum_sync import Rumor
from tests.conftest import HANG
from tests.support.servers import RumorServer

pytestmark = pytest.mark.rumor


@pytest.mark.parametrize("way", ["tcp", "unix", "ws"])
def test_entry_of_20_mb(server: RumorServer, way: str, fresh: Callable[[str], str]) -> None:
    name = fresh("x") + "☃" * 1000 + "y" * 20_000_000
    with Rumor(getattr(server, way)(), timeout=HANG * 3) as client:
        removed = client.blocks.rm(name)
        assert removed.name() == name
        assert removed.finished() == {"name": name, "existed": False, "msg": "removed DB"}
        assert len(repr(removed)) < 1000
        client.sleep("1ns")


def test_entry_of_20_mb_from_a_child(rumor: Rumor) -> None:
    name = "y" * 20_000_000
    assert rumor.blocks.rm(name).name() == name


def test_many_calls_at_once(rumor: Rumor) -> None:
    calls = [rumor.nowait.blocks.rm(f"name {number}") for number in range(2000)]
    assert [call.finished()["name"] for call in calls] == [f"name {number}" for number in range(2000)]
    assert rumor.calls == {}
