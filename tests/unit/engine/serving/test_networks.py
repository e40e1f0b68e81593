"""The networks by name, and what they lack."""

from __future__ import annotations

import importlib.util
import sys
from types import SimpleNamespace

import pytest

from pyrum_sync.engine.main import main
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from pyrum_sync.engine.serving import networks
from pyrum_sync.transports import embedded


def without(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(networks, "find_spec", lambda name: None if name in packages else found(name))


def test_memory_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "cramjam", "cryptography")
    assert networks.missing("memory") is None
    assert isinstance(networks.new_network("memory"), MemoryNetwork)


@pytest.mark.parametrize("packages", [("cramjam",), ("cryptography",), ("cryptography", "cramjam")])
def test_tcp_says_what_it_lacks(
    packages: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without(monkeypatch, *packages)
    assert main(["bare"]) == networks.NO_EXTRA
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f'network tcp needs {" and ".join(packages)}: pip install "pyrum-sync[engine]"\n'


def test_tcp_is_loaded_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made = object()
    module = SimpleNamespace(LibP2PNetwork=lambda: made)
    monkeypatch.setitem(sys.modules, "pyrum_sync.engine.network.libp2p.network", module)
    assert networks.new_network("tcp") is made


def test_the_client_knows_the_exit_status() -> None:
    assert embedded._NO_EXTRA == networks.NO_EXTRA
