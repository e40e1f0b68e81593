"""The table of what the engine does: it names every group of commands."""

from __future__ import annotations

from pyrum_sync.engine import table
from pyrum_sync.engine.commands.base import Missing
from pyrum_sync.engine.commands.tree import TREE


def test_the_table_names_every_group() -> None:
    named = " ".join(row.what for row in table.ROWS)
    missing = {name for name, node in TREE.routes.items() if isinstance(node, Missing)}
    refused = next(row.what for row in table.ROWS if row.has == table.NOT)
    assert set(refused.split(", ")) == missing
    assert all(name in named for name in TREE.routes)
    assert {words[0] for words in table.supported()} == set(TREE.routes) - missing
    assert table.markdown().count("\n") == len(table.ROWS) + 2
