"""What very many short calls leave behind, in the client and in Rumor: ``python -m tests.soak.memory [--calls N]``.

Each run is a process of its own. Exit status 1 if the client has grown by more than 10 MB.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
from pathlib import Path
from time import monotonic

from pyrum_sync import Rumor, SimulatorConn, SubprocessConn
from pyrum_sync.transports.locate import find_rumor

MOST = 10.0  # MB
_AT_ONCE = 100  # calls in flight
_WARM = 2000  # calls before the first look
_EVERY = 1000  # calls behind which Rumor is told to forget


def rss(pid: int | str) -> float:
    """The memory of a process in MB, without what was not used lately and could be given back."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no process {pid}")


def some(rumor: Rumor, count: int) -> None:
    """So many short calls, with something in each, a hundred at a time."""
    alice = rumor.actor("alice")
    for _ in range(count // _AT_ONCE):
        for call in [alice.nowait.host.view() for _ in range(_AT_ONCE)]:
            if not call.finished()["peer_id"]:
                raise AssertionError("a call without its data")


def run(calls: int, every: int | None) -> int:
    """In this process: prints what has grown."""
    program = find_rumor()
    conn: SubprocessConn = SimulatorConn() if program is None else SubprocessConn([program, "bare", "--level=trace"])
    with conn, Rumor(conn, clear_log_data_every=every) as rumor:
        rumor.actor("alice").host.start(nat=False)
        some(rumor, _WARM)
        gc.collect()
        pieces, mine, theirs, start = sys.getallocatedblocks(), rss("self"), rss(conn.pid), monotonic()
        some(rumor, calls)
        gc.collect()
        grown, pieces = rss("self") - mine, sys.getallocatedblocks() - pieces
        print(
            f"{calls} calls, clear_log_data_every={every}: client {mine:.1f} MB {grown:+.1f} MB ({pieces:+d} objects), "
            f"{'simulator' if program is None else 'Rumor'} {theirs:.1f} MB {rss(conn.pid) - theirs:+.1f} MB, "
            f"{monotonic() - start:.0f} s",
            flush=True,
        )
    return int(grown > MOST)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak.memory", description="What very many short calls leave."
    )
    parser.add_argument("--calls", type=int, default=200_000, help="default: %(default)s")
    parser.add_argument("--every", type=int, help=argparse.SUPPRESS)  # of one run; 0 for never
    options = parser.parse_args()
    if options.every is not None:
        return run(options.calls, options.every or None)
    again = [sys.executable, "-m", "tests.soak.memory", f"--calls={options.calls}"]
    return max(subprocess.run([*again, f"--every={every}"], check=False).returncode for every in (0, _EVERY))


if __name__ == "__main__":
    sys.exit(main())
