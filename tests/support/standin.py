"""Peers that replay what a Prysm of 2026-07 and a Lodestar of 2023 answered, over libp2p in a process of their own.

`StandIns` is the side of the tests; run as a program this is the process with the peers, on the engine's network over
TCP. What a peer does is named by words, such as "prysm hang-up no-identify":

prysm           (default) a Prysm in Fulu: status/2, metadata/3, ping; on another fork digest it answers with its own
                Status, says goodbye 2 and hangs up; it asks for our metadata, and takes five requests of a kind at once
lodestar        a Lodestar: status/1, metadata/2, ping, mplex alone; on another fork digest goodbye 2 likewise
tolerant        stays, whatever the fork digest
hang-up         hangs up over the fork digest without a goodbye
mute-status     hangs up over the fork digest without an answer either, having asked for ours
goodbye=REASON  says goodbye for this reason and hangs up, whatever the Status
asks            asks for our status, metadata and ping, and answers our Status only after those came
no-identify     takes no part in identification
no-metadata     does not serve it
silent          takes streams, and never answers
slow=SECONDS    answers after so long
reset           resets the stream of a metadata request
reset-status    resets the stream of a status request
rate=NUMBER     takes so many requests of a kind at once
error           answers a status request with an error
nonsense        answers a status request with one byte too few
once            takes one connection, and closes its listener
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from pyrum_sync.engine.network.api import Connected, Disconnected, Event, HostOptions, NetworkError, Stream
from pyrum_sync.engine.network.libp2p.host import LibP2PHost
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from pyrum_sync.engine.network.peerstore import MemoryPeerstore
from pyrum_sync.spec.codec import encode_request
from pyrum_sync.spec.enr import ForkId, Record
from pyrum_sync.spec.multiaddr import Multiaddr

ROOT: Final = Path(__file__).parents[2]
PREFIX: Final = "/eth2/beacon_chain/req/"
SUFFIX: Final = "/ssz_snappy"
TARGETS: Final = {"prysm": "prysm_fulu", "lodestar": "lodestar_1_5_1_altair_mplex"}
VECTORS: Final[dict[str, Any]] = json.loads((ROOT / "tests/vectors/eth2-wire.json").read_text())["targets"]
HANG: Final = 20.0
FAR: Final = (1 << 64) - 1


def recorded(target: str, name: str) -> dict[str, Any]:
    """Returns a recorded request: `status/2`, with its answer."""
    found: dict[str, Any] = next(each for each in VECTORS[TARGETS[target]]["requests"] if each["name"] == name)
    return found


# -- the side of the tests --------------------------------------------------------------------------------------------


class StandIns:
    """The process with the peers. `addrs` and `enrs` have a place for each of the behaviours passed.

    Args:
        behaviours: what each peer does, see above.
        quiet: whether it is not told what happens to them, which costs time with a thousand.
    """

    def __init__(self, behaviours: Iterable[str], *, quiet: bool = False) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.standin", *(["--quiet"] if quiet else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(list(behaviours)) + "\n")
        self._process.stdin.flush()
        self._events: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        assert self._process.stdout is not None
        first = json.loads(self._process.stdout.readline())
        self.addrs: list[str] = first["addrs"]
        self.enrs: list[str] = first["enrs"]
        self._collector = threading.Thread(target=self._collect, daemon=True)
        self._collector.start()

    def _collect(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self._events.append(json.loads(line))
                self._changed.notify_all()

    def events(self, what: str, peer: int = 0) -> list[dict[str, Any]]:
        """What happened so far to a peer, of one kind."""
        with self._changed:
            return [each for each in self._events if each["peer"] == peer and each["event"] == what]

    def wait_for(self, what: str, count: int = 1, peer: int = 0) -> list[dict[str, Any]]:
        """Wait until a peer has seen that so often."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.events(what, peer)) >= count, HANG)
        assert came, f"{what} did not come {count} times: {self._events}"
        return self.events(what, peer)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._collector.join(HANG)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def __enter__(self) -> StandIns:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


# -- the peers --------------------------------------------------------------------------------------------------------


class Peer:
    """One peer."""

    def __init__(self, number: int, behaviour: str, tell: Callable[..., None]) -> None:
        words = behaviour.split()
        self._is = {word.partition("=")[0] for word in words}
        self._values = {name: value for name, _, value in (word.partition("=") for word in words) if value}
        self.target = "lodestar" if "lodestar" in self._is else "prysm"
        self._tell: Callable[..., None] = lambda what, **fields: tell(peer=number, event=what, **fields)
        self._key = (0x1000 + number).to_bytes(32, "big")
        status = ("status/2", "metadata/3") if self.target == "prysm" else ("status/1", "metadata/2")
        self._answers = {name: recorded(self.target, name) for name in (*status, "ping/1")}
        self._digest = bytes.fromhex(self._answers[status[0]]["chunks"][0]["means"]["fork_digest"])
        self._buckets: dict[tuple[str, str], list[float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._host: LibP2PHost

    async def start(self, network: LibP2PNetwork) -> tuple[str, str]:
        """Listens; returns its address and its record."""
        options = HostOptions(
            private_key=self._key,
            agent=VECTORS[TARGETS[self.target]]["agent"] or "lodestar",
            muxers=("mplex",) if self.target == "lodestar" else ("yamux", "mplex"),
            identify="no-identify" not in self._is,
            identify_first=False,
            hi_peers=1000,
        )
        self._host = await network.new_host(options, MemoryPeerstore())
        place = await self._host.listen(Multiaddr.tcp("127.0.0.1", 0))
        self._host.observe(self._happened)
        for name in self._answers:
            if not ("no-metadata" in self._is and name.startswith("metadata")):
                self._host.serve(f"{PREFIX}{name}{SUFFIX}", self._server(name))
        self._host.serve(f"{PREFIX}goodbye/1{SUFFIX}", lambda stream: self._spawn(self._parted(stream)))
        fork = ForkId(self._digest, b"\x20\0\0\x95", FAR)
        record = Record.make(self._key, ip="127.0.0.1", tcp=place.port, eth2=fork)
        return f"{place}/p2p/{self._host.peer_id}", str(record)

    def _server(self, name: str) -> Callable[[Stream], None]:
        return lambda stream: self._spawn(self._serve(stream, name))

    def _happened(self, event: Event) -> None:
        if isinstance(event, Connected):
            self._tell("connected")
            if "once" in self._is:
                self._spawn(self._stop_listening())
        elif isinstance(event, Disconnected):
            self._tell("disconnected")

    async def _stop_listening(self) -> None:
        for server in self._host._listeners.values():
            server.close()

    def _spawn(self, work: Any) -> None:
        async def guarded() -> None:
            try:
                await work
            except NetworkError as error:
                self._tell("failed", why=str(error))

        task = asyncio.get_running_loop().create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, stream: Stream, name: str) -> None:
        data = await read_to_the_end(stream)
        kind = name.partition("/")[0]
        self._tell(kind, wire=data.hex())
        if "silent" in self._is:
            return
        if "slow" in self._values:
            await asyncio.sleep(float(self._values["slow"]))
        if self._limited(stream.peer, kind):
            self._tell("limited", kind=kind)
            stream.write(b"\1" + encode_request(b"rate limited"))
            stream.close_write()
            return
        if (kind == "metadata" and "reset" in self._is) or (kind == "status" and "reset-status" in self._is):
            stream.reset()
        elif kind == "status":
            await self._answer_status(stream, name, data)
        else:
            await self._reply(stream, name)

    async def _answer_status(self, stream: Stream, name: str, data: bytes) -> None:
        foreign = digest_of(data) != self._digest and "tolerant" not in self._is
        if "asks" in self._is:
            await self._ask(stream.peer, name, "metadata/3" if self.target == "prysm" else "metadata/2", "ping/1")
        if foreign and "mute-status" in self._is:
            await self._ask(stream.peer, name)
            await self._host.disconnect(stream.peer)
            return
        if "error" in self._is:
            stream.write(b"\2" + encode_request(b"out of\x1b[31m order"))
            stream.close_write()
        elif "nonsense" in self._is:
            stream.write(b"\0" + encode_request(bytes(83)))
            stream.close_write()
        else:
            await self._reply(stream, name)
        reason = self._values.get("goodbye")
        if foreign or reason is not None:
            if "hang-up" not in self._is:
                await self._say_goodbye(stream.peer, int(reason or 2))
            await self._host.disconnect(stream.peer)
        elif self.target == "prysm" and "asks" not in self._is:
            await self._ask(stream.peer, "metadata/3")  # recorded: asked_by_peer

    async def _reply(self, stream: Stream, name: str) -> None:
        stream.write(bytes.fromhex(self._answers[name]["response_wire"]))
        stream.close_write()
        await stream.drain()

    async def _ask(self, peer: str, *names: str) -> None:
        for name in names:
            own = self._answers[name]
            stream = await self._host.open_stream(peer, f"{PREFIX}{name}{SUFFIX}")
            if not name.startswith("metadata"):
                # its own Status is what it answers with, without the result
                wire = own["response_wire"][2:] if name.startswith("status") else own["request_wire"]
                stream.write(bytes.fromhex(wire))
            stream.close_write()
            self._tell("answered", name=name, wire=(await read_to_the_end(stream)).hex())

    async def _say_goodbye(self, peer: str, reason: int) -> None:
        stream = await self._host.open_stream(peer, f"{PREFIX}goodbye/1{SUFFIX}")
        stream.write(encode_request(reason.to_bytes(8, "little")))
        stream.close_write()
        await asyncio.sleep(0.02)  # Prysm waits a moment for an answer

    async def _parted(self, stream: Stream) -> None:
        self._tell("goodbye", wire=(await read_to_the_end(stream)).hex())
        if "silent" not in self._is:
            await self._host.disconnect(stream.peer)  # recorded: no answer

    def _limited(self, peer: str, kind: str) -> bool:
        """A bucket of five that leaks one a second, for each peer and kind, as Prysm's."""
        most = int(self._values.get("rate", 5))
        now = time.monotonic()
        bucket = self._buckets.setdefault((peer, kind), [0.0, now])
        bucket[0] = max(0.0, bucket[0] - (now - bucket[1]))
        bucket[1] = now
        if bucket[0] + 1 > most:
            return True
        bucket[0] += 1
        return False


def digest_of(wire: bytes) -> bytes:
    """Returns the fork digest in a Status on the wire."""
    from pyrum_sync.spec.codec import RequestDecoder

    decoder = RequestDecoder(84, 92)
    return (decoder.feed(wire) or decoder.finish())[:4]


async def read_to_the_end(stream: Stream) -> bytes:
    """Returns all that the other side writes."""
    data = bytearray()
    while more := await stream.read():
        data += more
    return bytes(data)


async def serve(behaviours: Sequence[str], *, quiet: bool) -> None:
    """Runs the peers until standard input ends."""

    def tell(**fields: Any) -> None:
        if not quiet:
            print(json.dumps(fields), flush=True)

    network = LibP2PNetwork()
    started = [await Peer(number, what, tell).start(network) for number, what in enumerate(behaviours)]
    print(json.dumps({"addrs": [addr for addr, _ in started], "enrs": [enr for _, enr in started]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await network.close()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.stdin.readline()), quiet="--quiet" in sys.argv[1:]))
