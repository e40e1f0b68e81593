"""What is measured through the whole client: on two engines, and on two real Rumors."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from pyrum_sync import EmbeddedConn, Rumor, SimulatorConn, SubprocessConn, eth2

ENGINE, RUMOR = "engine", "Rumor"
_SECONDS = 30.0
_SERVED = 50  # exchanges, after which serving begins anew
_IMPORTED = (
    "from pyrum_sync.engine import main; from pyrum_sync.engine.serving import bare, session_loop; "
    "from pyrum_sync.engine.network.libp2p import network"
)


def real_rumor() -> str | None:
    """The real Rumor: where $RUMOR points, else on PATH, else None."""
    return os.environ.get("RUMOR") or shutil.which("rumor")


class Pair:
    """Two hosts, each in a process of its own, of which one serves its Status."""

    def __init__(self, kind: str, stack: ExitStack) -> None:
        rumor = real_rumor()
        self.rumors = [
            stack.enter_context(
                Rumor(
                    EmbeddedConn() if kind == ENGINE else SubprocessConn([rumor or "rumor", "bare", "--level=trace"]),
                    timeout=_SECONDS,
                    clear_log_data_every=100,
                )
            )
            for _ in range(2)
        ]
        self.alice, self.bob = (rumor.actor(name) for rumor, name in zip(self.rumors, ("alice", "bob"), strict=True))
        for actor in (self.alice, self.bob):
            actor.host.start(nat=False)
        self.bob.host.listen(ip="127.0.0.1", tcp=0)
        self.addr: str = self.bob.host.view().addr()
        self.peer_id = self.addr.rpartition("/")[2]
        self._serving = self.bob.peer.status.serve()
        self.alice.peer.connect(self.addr)

    def status(self, count: int) -> float:
        """Seconds of one exchange of statuses.

        A Rumor that has served some hundred requests reads them wrongly, and refuses them: serving begins anew now and
        then, and an exchange that is refused does not count.
        """
        total, done, refused = 0.0, 0, 0
        while done < count:
            if not (done + refused) % _SERVED:
                self._serving.cancel()
                self._serving = self.bob.peer.status.serve()
            began = time.perf_counter()
            try:
                eth2.status(self.alice, self.peer_id, version=1, timeout=_SECONDS)
            except eth2.RequestError:
                refused += 1
                if refused > count:
                    raise
            else:
                total += time.perf_counter() - began
                done += 1
        return total / count

    def connect(self, count: int) -> float:
        """Seconds of one `peer connect`; the connection is closed again."""
        total = 0.0
        for _ in range(count):
            self.alice.peer.disconnect(self.peer_id)
            while self.bob.peer.list().data["peers"]:
                time.sleep(0.005)
            began = time.perf_counter()
            self.alice.peer.connect(self.addr)
            total += time.perf_counter() - began
        return total / count


@contextmanager
def pairs() -> Iterator[dict[str, Pair]]:
    """A pair of each kind that is here."""
    kinds = [ENGINE, RUMOR] if real_rumor() else [ENGINE]
    if RUMOR not in kinds:
        print("no Rumor on PATH or at $RUMOR: its figures are left out")
    with ExitStack() as stack:
        yield {kind: Pair(kind, stack) for kind in kinds}


def opening(conn: Callable[[], EmbeddedConn | SimulatorConn]) -> float:
    """Seconds until a connection is open."""
    began = time.perf_counter()
    with Rumor(conn(), timeout=_SECONDS):
        return time.perf_counter() - began


def importing() -> float:
    """Seconds of CPU time that the engine's imports take beyond Python itself."""

    def run(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    return run(_IMPORTED) - run("pass")
