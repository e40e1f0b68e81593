"""What is measured against a Go peer: the engine, py-libp2p, and go-libp2p itself do the same, each in its process."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.interop.peer import Peer
from tests.interop.toolchain import Unavailable, program

ENGINE, PY, GO = "engine", "py-libp2p", "go-libp2p"
SIZED, CHUNKS = "/test/sized/1", "/test/chunks/1"
_REQUEST = bytes([92, *range(92)])  # its length, and as much as a Status
_SECONDS = 300.0


class Sizes(NamedTuple):
    """How much is done in one round."""

    requests: int = 2000
    dials: int = 30
    mebibytes: int = 64
    connections: int = 50


class Bench:
    """The peer that is asked, and those that ask it."""

    def __init__(self, target: Peer, commands: dict[str, list[str]], askers: dict[str, Peer], sizes: Sizes) -> None:
        self.target = target
        self.commands = commands
        self.askers = askers
        self.sizes = sizes

    def connect(self) -> None:
        """All askers have a connection to the target."""
        for asker in self.askers.values():
            asker.command("dial", addr=self.target.addr)

    def requests(self, name: str, parallel: int) -> float:
        """Seconds of one request, so many of which are under way."""
        # py-libp2p would take minutes for as many
        count = max(parallel, self.sizes.requests // (10 if name == PY else 1))
        answer = self.askers[name].command(
            "load", timeout=_SECONDS, peer=self.target.peer_id, protocol=SIZED, data_hex=_REQUEST.hex(), n=count,
            parallel=parallel,
        )  # fmt: skip
        return float(answer["seconds"]) / count

    def large(self, name: str) -> float:
        """Seconds of a mebibyte in a large answer, which is hashed."""
        size = self.sizes.mebibytes << 20
        asked = json.dumps({"count": 1, "size": size, "pause_ms": 0}).encode()
        began = time.perf_counter()
        answer = self.askers[name].command(
            "request", timeout=_SECONDS, peer=self.target.peer_id, protocol=CHUNKS, data_hex=asked.hex(), read="hash"
        )
        took = time.perf_counter() - began
        assert answer["size"] == size + 4
        return took / self.sizes.mebibytes

    def dial(self, name: str) -> float:
        """Seconds of a dial; the connection is closed again."""
        asker, total = self.askers[name], 0.0
        for _ in range(self.sizes.dials):
            asker.command("disconnect", peer=self.target.peer_id)
            asker.event("disconnected", peer=self.target.peer_id)
            self.target.event("disconnected", peer=asker.peer_id)
            began = time.perf_counter()
            asker.command("dial", addr=self.target.addr)
            total += time.perf_counter() - began
        return total / self.sizes.dials

    def memory(self, name: str) -> float:
        """Bytes that a connection costs a new process, to which many hosts of the Go program have dialled."""
        with Peer(self.commands[name]) as asked:
            self.target.command("crowd", timeout=_SECONDS, addr=asked.addr, n=3)  # what is made at the first ones
            _identified(3)
            before = resident(asked.pid)
            self.target.command("crowd", timeout=_SECONDS, addr=asked.addr, n=self.sizes.connections)
            _identified(self.sizes.connections)
            after = resident(asked.pid)
            self.target.command("disperse", timeout=_SECONDS)
        return (after - before) / self.sizes.connections


def _identified(count: int) -> None:
    """Waits until that many peers have been identified, which nothing reports."""
    time.sleep(1 + count / 50)


def resident(pid: int) -> int:
    """Bytes of memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def bench(sizes: Sizes) -> Iterator[Bench]:
    """The programs; what cannot be built is left out, and said.

    Raises:
        Unavailable: there is no Go peer, without which nothing can be compared.
    """
    commands = {ENGINE: [sys.executable, "-m", "benchmarks.engine.host"]}
    try:
        commands[PY] = program("py")
    except Unavailable as error:
        print(f"{error}: its figures are left out")
    commands[GO] = program("go")
    with ExitStack() as stack:
        target = stack.enter_context(Peer(commands[GO]))
        askers = {name: stack.enter_context(Peer(command)) for name, command in commands.items()}
        yield Bench(target, commands, askers, sizes)
