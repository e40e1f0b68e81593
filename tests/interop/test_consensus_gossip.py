"""The blocks of a consensus client that is running: CONSENSUS_PEER is its multiaddr, and it has to produce blocks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from .conftest import missing

BLOCKS = 3
SECONDS = 60
FORKS = 4
"""A topic falls silent at a fork, which a test network may have every few seconds: then the next one is tried."""


def test_its_blocks_arrive_and_can_be_read(project: Path) -> None:
    addr = os.environ.get("CONSENSUS_PEER")
    if not addr:
        missing("no consensus client: CONSENSUS_PEER is to have the multiaddr of one")
    example = str(project / "examples" / "gossip_log.py")
    words = [f"--messages={BLOCKS}", f"--patience={SECONDS / 3}", addr]
    for _ in range(FORKS):
        done = subprocess.run(
            [sys.executable, example, *words], capture_output=True, text=True, timeout=2 * SECONDS, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        first, *blocks = done.stdout.splitlines()
        if not blocks[-1].startswith("nothing more"):
            break
    assert re.fullmatch(r"/eth2/[0-9a-f]{8}/beacon_block/ssz_snappy: the peer is at slot \d+", first)
    head = int(first.rpartition(" ")[2])
    peer = addr.rpartition("/")[2]
    slots = []
    for line in blocks:
        found = re.fullmatch(rf"slot (\d+), proposer \d+, \d+ bytes, from {peer}", line)
        assert found is not None, line
        slots.append(int(found[1]))
    assert len(slots) == BLOCKS
    assert slots == sorted(set(slots))
    assert head <= slots[0] <= head + 50
