"""What the engine says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from pyrum_sync.protocol.engine_info import EngineInfo, engine_info

SAID = {"msg": "hello", "engine": "pyrum_sync", "version": "1.2", "network": "tcp"}


def test_an_engine() -> None:
    assert engine_info(SAID) == EngineInfo(engine="pyrum_sync", version="1.2", network="tcp")


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"msg": "Started _1"},
        {**SAID, "version": 1},
        {name: value for name, value in SAID.items() if name != "network"},
        {**SAID, "call_id": "1_ab"},
    ],
)
def test_other_entries(entry: dict[str, Any]) -> None:
    assert engine_info(entry) is None
