"""A host of the engine that obeys the lines of the interop tests' peer programs: ``python -m benchmarks.engine.host``.

It knows those commands alone that are measured: see tests/interop/peers/README.md.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import time
from typing import Any

from pyrum_sync.engine.network.api import Connected, Disconnected, Event, HostOptions
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from pyrum_sync.engine.network.peerstore import MemoryPeerstore
from pyrum_sync.spec.multiaddr import Multiaddr


class Program:
    """A host and what it is asked."""

    async def start(self) -> None:
        network = LibP2PNetwork()
        options = HostOptions(os.urandom(32), agent="benchmark", hi_peers=1000, lo_peers=900)
        self.host = await network.new_host(options, MemoryPeerstore())
        self.host.observe(self.happened)
        place = await self.host.listen(Multiaddr.tcp("127.0.0.1", 0))
        address = str(place.at(self.host.peer_id))
        self.write(event="listening", peer_id=self.host.peer_id, addrs=[address], versions={})

    def write(self, **line: Any) -> None:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    def happened(self, event: Event) -> None:
        if isinstance(event, (Connected, Disconnected)):
            self.write(event="connected" if isinstance(event, Connected) else "disconnected", peer=event.peer)

    async def obey(self, line: dict[str, Any]) -> None:
        try:
            answer = await self.do(line)
        except Exception as error:
            self.write(id=line["id"], ok=False, error=repr(error))
        else:
            self.write(id=line["id"], ok=True, **answer)

    async def do(self, line: dict[str, Any]) -> dict[str, Any]:
        command = line["cmd"]
        if command == "dial":
            address = Multiaddr.parse(line["addr"])
            await self.host.connect(address)
            return {"peer": address.peer}
        if command == "disconnect":
            await self.host.disconnect(line["peer"])
            return {}
        if command == "load":
            return await self.load(line)
        if command == "request":
            return await self.request(line)
        raise ValueError(f"no such command: {command}")

    async def load(self, line: dict[str, Any]) -> dict[str, Any]:
        peer, protocol, data, left = line["peer"], line["protocol"], bytes.fromhex(line["data_hex"]), line["n"]

        async def work() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                stream = await self.host.open_stream(peer, protocol)
                stream.write(data)
                stream.close_write()
                answer = b""
                while more := await stream.read():
                    answer += more
                if not answer:
                    raise ValueError("an empty answer")

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(line["parallel"])))
        return {"seconds": time.perf_counter() - began}

    async def request(self, line: dict[str, Any]) -> dict[str, Any]:
        stream = await self.host.open_stream(line["peer"], line["protocol"])
        stream.write(bytes.fromhex(line["data_hex"]))
        stream.close_write()
        hashed, size = hashlib.sha256(), 0
        while data := await stream.read():
            hashed.update(data)
            size += len(data)
        return {"sha256": hashed.hexdigest(), "size": size}


async def main() -> None:
    program = Program()
    await program.start()
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()
    lines = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while text := await lines.readline():
        line = json.loads(text)
        if line["cmd"] == "close":
            break
        task = loop.create_task(program.obey(line))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


if __name__ == "__main__":
    asyncio.run(main())
