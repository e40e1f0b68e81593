"""How many peers are probed in which time, and what that costs: `python -m benchmarks.probing [--long]`.

The peers are stand-ins in a process of their own, on the loopback: real libp2p, the answers of a Prysm. The prober runs
in a process of its own, too, so that what it takes can be told from what they take.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from itertools import cycle, islice, zip_longest
from pathlib import Path
from typing import Any, Final

from pyrum_sync import probe_many
from tests.support.standin import StandIns

ROOT: Final = Path(__file__).parent.parent
_MIB: Final = 1 << 20
_SAMPLES: Final = 10  # of the memory, over a run


# -- the prober -------------------------------------------------------------------------------------------------------


def prober(task: dict[str, Any]) -> dict[str, Any]:
    """Probes the addresses of a task; returns what that took."""
    addrs = islice(cycle(task["addrs"]), task["count"])
    every = max(1, task["count"] // _SAMPLES)
    results: Counter[str] = Counter()
    memory: list[tuple[int, float, float]] = []
    options = {"concurrency": task["concurrency"], "timeout": task["timeout"]}
    began = time.monotonic()
    if task["workers"]:
        with ProcessPoolExecutor(task["workers"]) as pool:
            for report in probe_many(list(addrs), executor=pool, **options):
                results["ok" if report.ok else report.stage] += 1
            took = time.monotonic() - began
    else:
        for number, report in enumerate(probe_many(addrs, **options), 1):
            results["ok" if report.ok else report.stage] += 1
            if number % every == 0:
                memory.append((number, _resident("self"), sum(map(_resident, _children()))))
        took = time.monotonic() - began
    own, engines = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "seconds": took,
        "results": dict(results),
        "memory": memory,
        "peak": [own.ru_maxrss / 1024, engines.ru_maxrss / 1024],
        "cpu": [own.ru_utime + own.ru_stime, engines.ru_utime + engines.ru_stime],
        "left": {"threads": threading.active_count() - 1, "processes": len(list(_children()))},
    }


def _resident(process: str) -> float:
    """The memory of a process in MiB; 0 if it has just ended."""
    with suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize() / _MIB
    return 0.0


def _children() -> Iterator[str]:
    for task in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            yield from task.read_text().split()


def run(addrs: Iterable[str], *, count: int, concurrency: int, timeout: float = 5, workers: int = 0) -> dict[str, Any]:
    """Runs a prober in a process of its own; returns what it says."""
    task = {"addrs": list(addrs), "count": count, "concurrency": concurrency, "timeout": timeout, "workers": workers}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.probing", "--prober"],
        input=json.dumps(task), capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# -- what is measured -------------------------------------------------------------------------------------------------


def many(peers: int, silent: int, *, timeout: float, concurrency: int) -> dict[str, Any]:
    """Peers, some of them silent, spread over the list."""
    with StandIns(["prysm tolerant"] * (peers - silent) + ["prysm silent"] * silent, quiet=True) as standins:
        well, mute = standins.enrs[: peers - silent], standins.enrs[peers - silent :]
        addrs = [addr for pair in zip_longest(well, mute) for addr in pair if addr]
        found = run(addrs, count=peers, concurrency=concurrency, timeout=timeout)
    assert found["results"] == {"ok": peers - silent, **({"status": silent} if silent else {})}, found["results"]
    return found


def growth(count: int, *, peers: int, concurrency: int) -> dict[str, Any]:
    """A long list, of the same peers over and over: the memory, and the cost of each."""
    with StandIns(["prysm tolerant"] * peers, quiet=True) as standins:
        return run(standins.enrs, count=count, concurrency=concurrency)


def two_processes(peers: int, *, concurrency: int) -> tuple[float, float]:
    """Peers as far away as on the other side of the world, by one process and by two; returns both times in seconds."""
    with StandIns(["prysm tolerant slow=0.25"] * peers, quiet=True) as standins:
        one = run(standins.enrs, count=peers, concurrency=concurrency, workers=1)
        two = run(standins.enrs, count=peers, concurrency=concurrency, workers=2)
    for found in (one, two):
        assert found["results"] == {"ok": peers}, found["results"]
    return one["seconds"], two["seconds"]


def show(title: str, found: dict[str, Any], count: int) -> None:
    """Prints a measurement."""
    own, engine = found["peak"]
    cpu = sum(found["cpu"])
    print(
        f"{title}: {found['seconds']:.1f} s, {found['results']}; peak memory {own:.0f} MiB + {engine:.0f} MiB of the "
        f"engine; CPU {1000 * cpu / count:.1f} ms a peer ({found['cpu'][0]:.1f} s + {found['cpu'][1]:.1f} s); left: "
        f"{found['left']}",
        flush=True,
    )
    for number, client, child in found["memory"]:
        print(f"  after {number:6}: {client:5.0f} MiB + {child:5.0f} MiB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.probing")
    parser.add_argument("--long", action="store_true", help="1,000 peers and 10,000 addresses in place of some dozens")
    parser.add_argument("--only", choices=("many", "growth", "two"), help="one of the measurements alone")
    parser.add_argument("--prober", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prober:
        print(json.dumps(prober(json.loads(sys.stdin.read()))))
        return
    wanted = {options.only} if options.only else {"many", "growth", "two"}
    if "many" in wanted:
        peers, silent, timeout, concurrency = (1000, 300, 5.0, 256) if options.long else (60, 18, 5.0, 32)
        found = many(peers, silent, timeout=timeout, concurrency=concurrency)
        show(f"{peers} peers, {silent} of them silent, {timeout:g} s each, {concurrency} at a time", found, peers)
    if "growth" in wanted:
        for count in (100, 1000, 10_000) if options.long else (50, 200):
            found = growth(count, peers=min(count, 100), concurrency=32)
            show(f"{count} addresses", found, count)
    if "two" in wanted:
        peers, concurrency = (400, 16) if options.long else (64, 8)
        one, two = two_processes(peers, concurrency=concurrency)
        print(f"{peers} distant peers: {one:.1f} s in one process, {two:.1f} s in two: {one / two:.2f} times as fast")


if __name__ == "__main__":
    main()
