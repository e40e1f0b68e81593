"""What a host holds while it is attacked, in a process of its own: its resident memory, as the system counts it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from pyrum_sync.engine.network.libp2p.identify import DELTA_PROTOCOL, PROTOCOL, PUSH_PROTOCOL, Identify
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.attack.engine.attacker import (
    DATA,
    FIN,
    MPLEX,
    PING,
    RST,
    SYN,
    WINDOW,
    SecuredWire,
    frame,
    mplex,
    proposal,
    secured,
    wire,
)
from tests.support.hosts import HANG, in_loop

MIB = 1 << 20
PIECE = bytes(60_000)


class Target:
    """The attacked process."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self.address = Multiaddr.parse("/ip4/127.0.0.1/tcp/1")

    async def line(self) -> bytes:
        """The next line that it prints."""
        assert self._child.stdout is not None
        reading = asyncio.get_running_loop().run_in_executor(None, self._child.stdout.readline)
        return await asyncio.wait_for(reading, HANG)

    async def held(self) -> dict[str, int]:
        """What it holds now. That it answers shows that its loop runs."""
        assert self._child.stdin is not None
        self._child.stdin.write(b"\n")
        self._child.stdin.flush()
        found: dict[str, int] = json.loads(await self.line())
        return found


@asynccontextmanager
async def attacked() -> AsyncIterator[Target]:
    """A host in a child process."""
    command = [sys.executable, "-m", "tests.attack.engine.target"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        try:
            target = Target(child)
            target.address = Multiaddr.parse((await target.line()).decode().strip())
            yield target
            assert child.stdin is not None
            child.stdin.close()
            await asyncio.get_running_loop().run_in_executor(None, child.wait, HANG)
        finally:
            child.kill()


async def push(attacker: SecuredWire, data: bytes, seconds: float = 0.2) -> bool:
    """Sends, and waits a moment for the host to take it; False if it does not."""
    attacker.say(data)
    writing = asyncio.ensure_future(attacker.drain())
    await asyncio.wait({writing}, timeout=seconds)
    if writing.done():
        return True
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    return False


async def silent_connections(target: Target, stack: AsyncExitStack) -> None:
    for number in range(600):
        await stack.enter_async_context(wire(target.address, source=f"127.0.0.{2 + number % 50}"))


async def connections_that_come_and_go(target: Target, stack: AsyncExitStack) -> None:
    del stack
    for _ in range(1000):
        async with wire(target.address) as attacker:
            attacker.send(PIECE)


async def new_peers(target: Target, stack: AsyncExitStack) -> None:
    """Each a new identity that says much of itself, and goes."""
    del stack
    addresses = tuple(Multiaddr.tcp("127.0.0.1", port).binary() for port in range(1, 33))
    said = Identify(protocols=tuple("/" + "x" * 400 + str(number) for number in range(15)), addresses=addresses)
    for _ in range(150):
        async with secured(target.address) as attacker:
            attacker.say(frame(DATA, 0, 2, data=proposal(PROTOCOL) + said.encode()) + frame(WINDOW, FIN, 2))
            await attacker.hear()
            await attacker.drain()


async def many_peers(
    target: Target, stack: AsyncExitStack, muxer: str = "/yamux/1.0.0", count: int = 30
) -> list[SecuredWire]:
    return [await stack.enter_async_context(secured(target.address, muxer=muxer)) for _ in range(count)]


async def idle_streams(target: Target, stack: AsyncExitStack) -> None:
    for attacker in await many_peers(target, stack):
        for number in range(1, 801, 2):
            attacker.say(frame(DATA, SYN, number, data=proposal("/idle/1")))
        await push(attacker, b"", 1)


async def full_windows(target: Target, stack: AsyncExitStack) -> None:
    """Thirty peers with 256 streams each, and 256 KiB unread on each stream: 2 GiB, if they could."""
    for attacker in await many_peers(target, stack):
        for number in range(1, 513, 2):
            data = b"".join(frame(DATA, 0, number, data=PIECE) for _ in range(4))
            if not await push(attacker, frame(DATA, SYN, number, data=proposal("/idle/1")) + data):
                break


async def mplex_without_end(target: Target, stack: AsyncExitStack) -> None:
    for attacker in await many_peers(target, stack, MPLEX):
        attacker.say(mplex(1, 0) + mplex(1, 2, proposal("/idle/1")))
        for _ in range(1000):
            if not await push(attacker, mplex(1, 2, PIECE)):
                break


async def answers_that_nobody_reads(target: Target, stack: AsyncExitStack) -> None:
    """The host pours into 200 streams of each peer."""
    for attacker in await many_peers(target, stack, count=20):
        attacker.reader._transport.pause_reading()  # type: ignore[attr-defined]
        for number in range(1, 401, 2):
            begin = frame(DATA, SYN, number, data=proposal("/pour/1"))
            attacker.say(begin + frame(WINDOW, 0, number, length=1 << 30))
        await push(attacker, b"", 1)


async def streams_opened_and_reset(target: Target, stack: AsyncExitStack) -> None:
    (attacker,) = await many_peers(target, stack, count=1)
    begin = proposal("/pour/1")
    for number in range(1, 40_001, 2):
        attacker.say(frame(DATA, SYN, number, data=begin) + frame(WINDOW, RST, number))
        if number % 100 == 1:
            await push(attacker, b"", 5)


async def pings(target: Target, stack: AsyncExitStack) -> None:
    for attacker in await many_peers(target, stack, count=5):
        attacker.reader._transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(1000):
            if not await push(attacker, frame(PING, SYN, 0, length=1) * 1000):
                break


async def pushes(target: Target, stack: AsyncExitStack) -> None:
    for attacker in await many_peers(target, stack, count=5):
        said = Identify(added=tuple(f"/{attacker.peer_id}/{number}" for number in range(100))).encode()
        for number in range(1, 1001, 2):
            protocol = (PUSH_PROTOCOL, DELTA_PROTOCOL)[number // 2 % 2]
            data = frame(DATA, SYN, number, data=proposal(protocol) + said) + frame(WINDOW, FIN, number)
            if not await push(attacker, data, 1):
                break


ATTACKS: dict[Callable[[Target, AsyncExitStack], Awaitable[None]], int] = {
    silent_connections: 20,
    connections_that_come_and_go: 20,
    new_peers: 10,
    idle_streams: 60,
    full_windows: 110,
    mplex_without_end: 110,
    answers_that_nobody_reads: 80,
    streams_opened_and_reset: 25,
    pings: 20,
    pushes: 10,
}
"""Each attack, with the MiB that a host may come to hold by it."""


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
@in_loop
async def test_what_is_held(attack: Callable[[Target, AsyncExitStack], Awaitable[None]]) -> None:
    async with attacked() as target:
        async with secured(target.address):  # what is imported and made at the first connection
            pass
        before = await target.held()
        async with AsyncExitStack() as stack:
            await attack(target, stack)
            during = await target.held()
        grown = (during["memory"] - before["memory"]) / MIB
        print(f"{attack.__name__}: {grown:.1f} MiB, {during}")
        assert grown < ATTACKS[attack]
        end = asyncio.get_running_loop().time() + HANG
        after = await target.held()
        while after["peers"] or after["descriptors"] > before["descriptors"]:
            assert asyncio.get_running_loop().time() < end, f"left behind: {after}, before: {before}"
            await asyncio.sleep(0.05)
            after = await target.held()
