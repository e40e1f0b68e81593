"""An engine with a network in memory that dies when one of these addresses is dialled: python dying_engine.py ADDR…"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).parents[2])

from pyrum_sync.engine.main import main  # noqa: E402
from pyrum_sync.engine.network.memory.host import MemoryHost  # noqa: E402

_connect = MemoryHost.connect


async def _deadly(self: MemoryHost, address: Any, deadline: Any = None) -> None:
    if str(address) in sys.argv[1:]:
        os._exit(3)
    await _connect(self, address, deadline)


if __name__ == "__main__":
    MemoryHost.connect = _deadly  # type: ignore[method-assign]
    sys.exit(main(["bare", "--level=trace"], "memory"))
