"""What the engine says of itself."""

from __future__ import annotations

import pytest

import pyrum_sync
from pyrum_sync.engine import about


@pytest.mark.parametrize("network", ["memory", "tcp", "another"])
def test_the_first_entry_says_what_it_is(network: str) -> None:
    text, fields = about.greeting(network)
    assert "not a real Rumor" in text
    assert fields == {"engine": "pyrum_sync", "version": pyrum_sync.__version__, "network": network}


def test_the_agent_is_never_the_real_things_alone() -> None:
    own = f"(pyrum_sync engine {pyrum_sync.__version__}, tcp)"
    assert about.agent("Rumor", "tcp") == f"Rumor {own}"
    assert about.agent("", "tcp") == own
    assert about.agent(f"Rumor {own}", "tcp") == f"Rumor {own}"
