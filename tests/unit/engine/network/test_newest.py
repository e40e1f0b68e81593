"""A dict of bounded size."""

from __future__ import annotations

from pyrum_sync.engine.network.newest import Newest


def test_what_was_set_longest_ago_goes() -> None:
    newest: Newest[str, int] = Newest(3)
    for number, name in enumerate("abcad"):
        newest[name] = number
        newest.get("b")
    assert list(newest.items()) == [("c", 2), ("a", 3), ("d", 4)]
    del newest["c"]
    newest["e"] = 5
    assert list(newest) == ["a", "d", "e"]
