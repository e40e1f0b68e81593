"""Both ways to compress: with cramjam, and without it."""

from __future__ import annotations

import pytest

from pyrum_sync.spec import snappy


@pytest.fixture
def pure(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if cramjam were not installed."""
    monkeypatch.setattr(snappy, "_library", lambda: None)


@pytest.fixture
def cramjam() -> None:
    """Needs cramjam."""
    pytest.importorskip("cramjam")


@pytest.fixture(params=["cramjam", "pure"])
def library(request: pytest.FixtureRequest) -> str:
    """Each test twice: with cramjam and without."""
    request.getfixturevalue(request.param)
    return str(request.param)
