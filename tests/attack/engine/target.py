"""A host in a process of its own, whose memory is looked at from outside; ``python -m tests.attack.engine.target``.

It prints its address, and after each line on its standard input what it holds, as JSON; the input's end ends it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from pathlib import Path

from pyrum_sync.engine.network.api import Stream
from tests.attack.engine.victim import Victim, victim


async def _idle(stream: Stream) -> None:
    while True:
        await stream.drain()
        stream.write(b".")
        await asyncio.sleep(1)


async def _pour(stream: Stream) -> None:
    while True:
        stream.write(bytes(10_000))
        await stream.drain()


def held(target: Victim) -> dict[str, int]:
    """What the process holds: bytes of memory, descriptors, tasks, peers."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "memory": pages * os.sysconf("SC_PAGE_SIZE"),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "tasks": len(asyncio.all_tasks()),
        "peers": len(target.host.peers()),
    }


async def _run() -> None:
    async with victim() as target:
        target.serve("/idle/1", _idle)
        target.serve("/pour/1", _pour)
        print(target.address.at(target.host.peer_id), flush=True)
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            print(json.dumps(held(target)), flush=True)


if __name__ == "__main__":
    asyncio.run(_run())
