"""Churn on the engine's network over TCP: ``python -m tests.soak.engine [--seconds N] [--workers N]``.

One host serves. Processes connect to it as new hosts, ask, and leave: in order, in the middle of a request, by closing
their host at once, or by being killed. Now and then all of them are stopped; once the host has noticed, its tasks, its
descriptors and its memory are counted. Exit status 1 if any of these has grown, or a request had a wrong answer.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import signal
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from time import monotonic

from pyrum_sync.engine.network.api import Host, NetworkError, Stream
from pyrum_sync.engine.network.deadlines import after
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from pyrum_sync.engine.network.peerstore import MemoryPeerstore
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.support.hosts import LOOPBACK, OPTIONS

PROTOCOL = "/soak/echo/1"
PATIENCE = 30.0  # seconds for the host to notice that everybody has gone
ROUND = 60.0  # seconds between two counts
KILLED = 0.4  # of the processes, in the middle of what they do
KILL = (0.5, 6.0)  # seconds after which that happens
LONG = 30.0  # seconds for the others
MORE_MEMORY = 12 * 1024  # KiB that may come on top of what the first count found


# -- the host that stays


async def _echo(stream: Stream) -> None:
    with suppress(NetworkError):
        while data := await stream.read():
            stream.write(data)
            await stream.drain()
        stream.close_write()


async def serve(seconds: float, workers: int) -> int:
    """Run the soak; returns the exit status."""
    network = LibP2PNetwork()
    host = await network.new_host(
        replace(OPTIONS, private_key=os.urandom(32), hi_peers=1000, ping=True), MemoryPeerstore()
    )
    tasks: set[asyncio.Task[None]] = set()

    def answer(stream: Stream) -> None:
        task = asyncio.ensure_future(_echo(stream))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    host.serve(PROTOCOL, answer)
    address = str((await host.listen(LOOPBACK)).at(host.peer_id))
    end = monotonic() + seconds
    done: Counter[str] = Counter()
    first: dict[str, int] | None = None
    failures: list[str] = []
    while monotonic() < end and not failures:
        await asyncio.gather(*(_churn(address, min(end, monotonic() + ROUND), done) for _ in range(workers)))
        count = await _count(host)
        first = first or count  # the first round loads what is loaded once
        print(f"{seconds - (end - monotonic()):6.0f} s  {dict(done)}  {count}", flush=True)
        failures = [
            f"{name}: {first[name]}, then {count[name]}"
            for name, room in (("peers", 0), ("tasks", 0), ("descriptors", 0), ("RSS (KiB)", MORE_MEMORY))
            if count[name] > first[name] + room
        ]
    failures += [f"{done['wrong']} wrong answers"] if done["wrong"] else []
    failures += [] if done["asked"] else ["nothing was asked"]
    await host.close()
    await network.close()
    for failure in failures:
        print(f"FAILED: {failure}", flush=True)
    return 1 if failures else 0


async def _count(host: Host) -> dict[str, int]:
    """What is there once everybody has gone."""
    end = monotonic() + PATIENCE
    while host.peers() and monotonic() < end:
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)  # for what a connection's end leaves to the next turns of the loop
    gc.collect()
    with open("/proc/self/status", encoding="ascii") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    return {
        "peers": len(host.peers()),
        "tasks": len(asyncio.all_tasks()),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "RSS (KiB)": resident,
    }


async def _churn(address: str, end: float, done: Counter[str]) -> None:
    """Start one process after the other; some are killed in the middle of what they do."""
    while monotonic() < end:
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.soak.engine", "--ask", address, stdout=asyncio.subprocess.PIPE
        )
        assert worker.stdout is not None
        said = asyncio.ensure_future(worker.stdout.read())
        patience = random.uniform(*KILL) if random.random() < KILLED else LONG
        await asyncio.wait({said}, timeout=min(patience, max(0.1, end - monotonic())))
        if not said.done():
            done["killed"] += 1
            with suppress(ProcessLookupError):
                worker.send_signal(signal.SIGKILL)
        for word in (await said).decode().split():
            done[word] += 1
        await worker.wait()


# -- the processes that come and go


async def ask(address: Multiaddr) -> None:
    """Come as a new host a few times, ask, and leave in one way or another."""
    network = LibP2PNetwork()
    for _ in range(20):
        host = await network.new_host(replace(OPTIONS, private_key=os.urandom(32)), MemoryPeerstore())
        try:
            await host.connect(address, after(10))
            peer = str(address.peer)
            await asyncio.gather(*(_request(host, peer) for _ in range(random.randrange(1, 8))))
            await _leave(host, peer)
        except NetworkError as error:
            print(f"refused:{type(error).__name__}", flush=True)
        finally:
            await host.close()
    await network.close()


async def _request(host: Host, peer: str) -> None:
    data = os.urandom(random.choice((10, 1_000, 300_000)))
    stream = await host.open_stream(peer, PROTOCOL, after(10))
    stream.write(data)
    stream.close_write()
    answer = bytearray()
    while more := await stream.read():
        answer += more
    print("asked" if bytes(answer) == data else "wrong", flush=True)


async def _leave(host: Host, peer: str) -> None:
    how = random.choice(("disconnected", "reset", "half", "closed"))
    if how == "disconnected":
        await host.disconnect(peer)
    elif how != "closed":
        stream = await host.open_stream(peer, PROTOCOL, after(10))
        stream.write(bytes(100_000))
        if how == "reset":
            stream.reset()
    print(how, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.soak.engine", description="Churn on the engine's network.")
    parser.add_argument("--seconds", type=float, default=3600, help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=4, help="processes at a time (default: %(default)s)")
    parser.add_argument("--ask", metavar="ADDR", help=argparse.SUPPRESS)  # of one process that comes and goes
    options = parser.parse_args()
    if options.ask:
        asyncio.run(ask(Multiaddr.parse(options.ask)))
        return 0
    return asyncio.run(serve(options.seconds, options.workers))


if __name__ == "__main__":
    sys.exit(main())
