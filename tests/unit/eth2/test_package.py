"""What the package offers, and when it loads it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pyrum_sync import eth2
from pyrum_sync.spec import containers, methods, networks


def test_every_name() -> None:
    for name in eth2.__all__:
        assert getattr(eth2, name) is not None, name
    assert set(eth2.__all__) <= set(dir(eth2))
    with pytest.raises(AttributeError, match="no attribute 'stauts'"):
        eth2.stauts  # type: ignore[attr-defined]  # noqa: B018


def test_every_container_and_function() -> None:
    """One of each for every row of the table."""
    for row in methods.METHODS:
        for container in (row.request, row.response):
            assert container is None or getattr(eth2, container) is getattr(containers, container)
        assert callable(getattr(eth2, row.name.replace("-", "_")))


def test_functions_are_not_the_modules_of_their_names() -> None:
    code = (
        "import pyrum_sync.eth2.request, pyrum_sync.eth2.serve, pyrum_sync.eth2.decode\nfrom pyrum_sync import eth2\n"
    )
    code += "assert callable(eth2.request) and callable(eth2.serve) and callable(eth2.decode)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_remerkleable_is_loaded_when_it_is_needed() -> None:
    """It takes longer than the rest of this package."""
    code = "import sys\nfrom pyrum_sync import eth2\neth2.NETWORKS, eth2.block_summary, eth2.status, eth2.METHODS\n"
    code += "assert 'remerkleable' not in sys.modules\neth2.Status()\nassert 'remerkleable' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_networks() -> None:
    assert eth2.NETWORKS is networks.NETWORKS
    assert eth2.NETWORKS["mainnet"].fork_of(eth2.NETWORKS["mainnet"].fork_digest(0)) == "phase0"
    assert eth2.GOODBYE_REASONS[3] in eth2.goodbye_reason(3)


def test_methods_of_any_rumor() -> None:
    assert set(eth2.METHODS) < set(methods.NAMES)
