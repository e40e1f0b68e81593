"""docs/engine.md says what the engine is: its table, its bounds and its faults are the code's."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pyrum_sync import SimulatorConn
from pyrum_sync.engine import faults, table
from pyrum_sync.engine.commands import listening, reqresp
from pyrum_sync.engine.network import peerstore
from pyrum_sync.engine.network.gossip import options
from pyrum_sync.engine.network.libp2p import identify as identify_module
from pyrum_sync.engine.network.libp2p import limits, mplex, multistream, muxer, muxer_state, noise, yamux
from pyrum_sync.spec import encoding

PAGE = (Path(__file__).parents[2] / "docs" / "engine.md").read_text()

MODULES: dict[str, ModuleType] = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        encoding,
        identify_module,
        limits,
        listening,
        mplex,
        multistream,
        muxer,
        muxer_state,
        noise,
        options,
        peerstore,
        reqresp,
        yamux,
    )
}
UNITS = {"": 1, "s": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20}
BOUNDS = re.findall(r"^\| [^|]+ \| ([\d.]+) ?(\w*) \| `([\w.]+)` \|$", PAGE, re.MULTILINE)


def test_what_it_has() -> None:
    """Remade with `print(pyrum_sync.engine.table.markdown())`."""
    shown = PAGE.partition("engine/table.py, a test compares -->\n")[2].partition("<!-- end -->")[0]
    assert shown == table.markdown()


def test_all_bounds_are_read() -> None:
    rows = PAGE.partition("## Bounds")[2].partition("## ")[0].count("\n| ")
    assert len(BOUNDS) == rows - 1  # the heading


@pytest.mark.parametrize(("number", "unit", "name"), BOUNDS, ids=[name for _, _, name in BOUNDS])
def test_a_bound(number: str, unit: str, name: str) -> None:
    module, *rest = name.split(".")
    value: Any = MODULES[module]
    for word in rest:
        value = getattr(value, word)  # of a dataclass: the default of the field
    assert value == float(number) * UNITS[unit]


def test_the_faults() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert sorted(re.findall(r'"do": "([\w-]+)"', block)) == sorted(faults.ACTIONS)
    names: dict[str, Any] = {}
    exec(compile(block, "engine.md", "exec"), names)
    assert isinstance(names["conn"], SimulatorConn)
