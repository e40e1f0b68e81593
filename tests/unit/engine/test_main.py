"""The engine's command line."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.main import main


def test_an_unknown_flag_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["bare", "--ws"])
    assert caught.value.code == 2
    assert "--ws" in capsys.readouterr().err


def test_a_network_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["bare", "--network=quic"])
    assert caught.value.code == 2
    assert "quic" in capsys.readouterr().err


@pytest.mark.parametrize("network", ["tcp", "memory"])
def test_the_help_says_where_hosts_meet(network: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["serve", "--help"], network)
    assert caught.value.code == 0
    assert f"(default: {network})" in capsys.readouterr().out
