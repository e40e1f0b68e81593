"""A py-libp2p host that obeys lines of JSON on its standard input. See ../README.md."""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import struct
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Any

import multiaddr
import trio
from libp2p import new_host
from libp2p.crypto import ed25519, rsa, secp256k1
from libp2p.host.ping import PingService
from libp2p.network.stream.exceptions import StreamEOF
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import info_from_p2p_addr

BLOCK = 1024
READ = 64 << 10
PATTERN = bytes(i % 251 for i in range(8, BLOCK))
KEYS = {
    "secp256k1": secp256k1.create_new_key_pair,
    "ed25519": ed25519.create_new_key_pair,
    "rsa": rsa.create_new_key_pair,
}
STATUS_2 = bytes.fromhex("b76ba606") + b"\x11" * 32 + struct.pack("<Q", 7) + b"\x22" * 32 + struct.pack("<QQ", 300, 5)


def generated(seed: int, size: int) -> Iterator[bytes]:
    """The data that all programs make by one rule: see ../README.md."""
    number = 0
    while size > 0:
        piece = b"".join(struct.pack(">II", seed, i) + PATTERN for i in range(number, number + 64))[:size]
        number += 64
        size -= len(piece)
        yield piece


async def read(stream: Any) -> bytes:
    """Some bytes; empty at the other side's end."""
    try:
        data: bytes = await stream.read(READ)
    except StreamEOF:
        return b""
    return data


async def read_all(stream: Any) -> bytes:
    data = b""
    while more := await read(stream):
        data += more
    return data


async def digest(stream: Any) -> dict[str, Any]:
    hashed, size = hashlib.sha256(), 0
    while data := await read(stream):
        hashed.update(data)
        size += len(data)
    return {"sha256": hashed.hexdigest(), "size": size}


class Program:
    """A host and what it was asked."""

    def __init__(self, host: Any, nursery: trio.Nursery, *, one_by_one: bool) -> None:
        self.host = host
        self.one_by_one = one_by_one
        """Whether all is written before anything is read: over mplex a stream of py-libp2p cannot do both at once."""
        self.nursery = nursery
        self.pinger = PingService(host)
        for protocol, handler in {
            "/test/echo/1": self.echo,
            "/test/hash/1": self.hash,
            "/test/chunks/1": self.chunks,
            "/test/early/1": self.early,
            "/test/reset/1": self.reset,
            "/eth2/beacon_chain/req/status/2/ssz_snappy": self.status,
        }.items():
            host.set_stream_handler(protocol, partial(self.handle, handler))
        host.get_network().register_notifee(self)

    def write(self, **line: Any) -> None:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    # -- what the network notifies

    async def connected(self, _network: Any, connection: Any) -> None:
        peer = connection.muxed_conn.peer_id
        self.write(event="connected", peer=str(peer))
        self.nursery.start_soon(self.watch_identify, peer)

    async def watch_identify(self, peer: Any) -> None:
        """There is no event for it."""
        for _ in range(200):
            if self.protocols(peer):
                self.write(event="identified", peer=str(peer))
                return
            await trio.sleep(0.05)
        self.write(event="not_identified", peer=str(peer), error="no protocols within 10 s")

    async def disconnected(self, _network: Any, connection: Any) -> None:
        self.write(event="disconnected", peer=str(connection.muxed_conn.peer_id))

    async def nothing(self, *_: Any) -> None: ...

    opened_stream = closed_stream = listen = listen_close = nothing

    # -- what it serves

    async def handle(self, handler: Callable[[Any], Awaitable[None]], stream: Any) -> None:
        try:
            await handler(stream)
        except Exception as error:
            self.write(event="handler_failed", error=repr(error))
            await stream.reset()

    async def echo(self, stream: Any) -> None:
        while data := await read(stream):
            await stream.write(data)
        await stream.close()

    async def hash(self, stream: Any) -> None:
        await stream.write(json.dumps(await digest(stream)).encode() + b"\n")
        await stream.close()

    async def chunks(self, stream: Any) -> None:
        asked = json.loads(await read_all(stream))
        for seed in range(asked["count"]):
            await stream.write(struct.pack(">I", asked["size"]) + b"".join(generated(seed, asked["size"])))
            await trio.sleep(asked["pause_ms"] / 1000)
        await stream.close()

    async def early(self, stream: Any) -> None:
        await stream.write(b"early")
        await stream.close_write()
        peer = stream.muxed_conn.peer_id
        self.write(event="read_all", peer=str(peer), **await digest(stream))

    async def reset(self, stream: Any) -> None:
        await stream.reset()

    async def status(self, stream: Any) -> None:
        """Answers with one chunk whose frames are not compressed: that takes no library."""
        await read_all(stream)
        checksum = _masked_crc32c(STATUS_2)
        frame = struct.pack("<I", 1 | len(STATUS_2) + 4 << 8) + struct.pack("<I", checksum) + STATUS_2
        await stream.write(b"\0" + bytes([len(STATUS_2)]) + b"\xff\x06\0\0sNaPpY" + frame)
        await stream.close()

    # -- what it is asked

    def protocols(self, peer: Any) -> list[str]:
        try:
            return list(self.host.get_peerstore().get_protocols(peer))
        except Exception:
            return []

    async def obey(self, line: dict[str, Any]) -> None:
        try:
            with trio.fail_after(line.get("timeout_ms", 30_000) / 1000):
                answer = await self.do(line)
        except Exception as error:
            self.write(id=line["id"], ok=False, error=repr(error))
        else:
            self.write(id=line["id"], ok=True, **answer)

    async def do(self, line: dict[str, Any]) -> dict[str, Any]:
        command = line["cmd"]
        if command == "dial":
            info = info_from_p2p_addr(multiaddr.Multiaddr(line["addr"]))
            await self.host.connect(info)
            return {"peer": str(info.peer_id)}
        if command == "peers":
            return {"peers": [str(peer) for peer in self.host.get_connected_peers()]}
        peer = ID.from_base58(line["peer"])
        if command == "disconnect":
            await self.host.disconnect(peer)
            return {}
        if command == "identify":
            store = self.host.get_peerstore()
            addrs = [str(each) for each in store.addrs(peer)]
            return {"protocols": self.protocols(peer), "addrs": addrs, "key_type": store.pubkey(peer).get_type().name}
        if command == "ping":
            stream = await self.host.new_stream(peer, ["/ipfs/ping/1.0.0"])
            began = time.monotonic()
            await stream.write(bytes(32))
            back = b""
            while len(back) < 32 and (data := await read(stream)):
                back += data
            took = time.monotonic() - began
            await stream.close()
            if back != bytes(32):
                raise ValueError(f"{len(back)} bytes came back, and not those that were sent")
            return {"rtt_us": int(took * 1e6)}
        if command == "request":
            return await self.request(peer, line)
        if command == "many":
            return await self.many(peer, line["n"], line["size"])
        if command == "load":
            return await self.load(peer, line)
        raise ValueError(f"no such command: {command}")

    async def request(self, peer: Any, line: dict[str, Any]) -> dict[str, Any]:
        size = line.get("data_size")
        pieces = generated(0, size) if size else iter([bytes.fromhex(line.get("data_hex", ""))])
        stream = await self.host.new_stream(peer, [line["protocol"]])
        async with self.sending(stream, pieces):
            if line.get("read") == "hash":
                answer = await digest(stream)
            else:
                data = await read_all(stream)
                answer = {"data_hex": data.hex(), "size": len(data)}
        return answer

    @asynccontextmanager
    async def sending(self, stream: Any, pieces: Iterator[bytes]) -> AsyncIterator[None]:
        async with trio.open_nursery() as nursery:
            if self.one_by_one:
                await self.send(stream, pieces)
            else:
                nursery.start_soon(self.send, stream, pieces)
            yield

    async def send(self, stream: Any, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            if piece:
                await stream.write(piece)
        await stream.close_write()

    async def many(self, peer: Any, count: int, size: int) -> dict[str, Any]:
        began = time.monotonic()
        errors: list[str] = []

        async def one(seed: int) -> None:
            want = hashlib.sha256(b"".join(generated(seed, size))).hexdigest()
            try:
                stream = await self.host.new_stream(peer, ["/test/echo/1"])
                async with self.sending(stream, generated(seed, size)):
                    found = await digest(stream)
            except Exception as error:
                errors.append(f"{seed}: {error!r}")
                return
            if found["sha256"] != want:
                errors.append(f"{seed}: {found['size']} bytes came back, and not the same")

        async with trio.open_nursery() as nursery:
            for seed in range(count):
                nursery.start_soon(one, seed)
        return {"succeeded": count - len(errors), "errors": errors, "ms": int((time.monotonic() - began) * 1000)}

    async def load(self, peer: Any, line: dict[str, Any]) -> dict[str, Any]:
        """So many requests of a few bytes, at most so many of them under way: how long they take."""
        left = line["n"]
        data = bytes.fromhex(line["data_hex"])

        async def work() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                stream = await self.host.new_stream(peer, [line["protocol"]])
                await stream.write(data)
                await stream.close_write()
                if not await read_all(stream):
                    raise ValueError("an empty answer")

        began = time.perf_counter()
        async with trio.open_nursery() as nursery:
            for _ in range(line["parallel"]):
                nursery.start_soon(work)
        return {"seconds": time.perf_counter() - began}


def _masked_crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--key", choices=KEYS, default="secp256k1")
    parser.add_argument("--listen", default="/ip4/127.0.0.1/tcp/0")
    parser.add_argument("--muxer", choices=["yamux", "mplex"], default="yamux")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    host: Any = new_host(key_pair=KEYS[options.key](), muxer_preference=options.muxer.upper())
    async with host.run(listen_addrs=[multiaddr.Multiaddr(options.listen)]), trio.open_nursery() as nursery:
        program = Program(host, nursery, one_by_one=options.muxer == "mplex")
        addrs = [str(each) for each in host.get_addrs()]
        program.write(
            event="listening", peer_id=str(host.get_id()), addrs=addrs, versions={"py-libp2p": version("libp2p")}
        )
        lines = trio.lowlevel.FdStream(0)
        rest = b""
        while data := await lines.receive_some(1 << 16):
            *whole, rest = (rest + data).split(b"\n")
            for text in whole:
                line = json.loads(text)
                if line["cmd"] == "close":
                    program.write(id=line["id"], ok=True)
                    os._exit(0)  # an orderly end takes py-libp2p seconds
                nursery.start_soon(program.obey, line)
        os._exit(0)


if __name__ == "__main__":
    trio.run(main)
