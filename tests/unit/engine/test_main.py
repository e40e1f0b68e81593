"""The engine's command line."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.main import main


def test_an_unknown_flag_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["bare", "--ws"])
    assert caught.value.code == 2
    assert "--ws" in capsys.readouterr().err
